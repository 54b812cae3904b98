"""Keeps the interpreter's own pauses away from whoever stands before a lane."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Whoever waited for a card or a disk waits this long for a thread that computes, each time again;
# with Python's 5 ms, five commands to a card take twice as long beside one.
_SWITCH_SECONDS = 0.0005


@contextmanager
def short_pauses() -> Iterator[None]:
    """Keep them short within; to be entered when all is loaded.

    What was loaded stays for good, so the collector need not walk it again: with some 70,000
    objects each full walk stops every lane for 20 ms.
    """
    before = sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
        gc.unfreeze()
