"""Ctrl-C that is not lost.

Python drops the exception of a signal that comes while a finalizer runs (a socket being closed), so
what waits asks again whether somebody wanted it to stop.
"""

import signal
from types import FrameType

_asked = False


def take_signals() -> None:
    """Let Ctrl-C and a request to end raise KeyboardInterrupt, and be remembered."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ask)


def check_interruption() -> None:
    """Check that nobody asked to stop.

    Raises:
        KeyboardInterrupt: somebody did.
    """
    if _asked:
        raise KeyboardInterrupt


def _ask(_number: int, _frame: FrameType | None) -> None:
    global _asked  # noqa: PLW0603, signals belong to the whole process as well
    _asked = True
    raise KeyboardInterrupt
