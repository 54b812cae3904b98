"""The phone's screen while a code is shown: bright, and not going to sleep."""

from typing import Protocol


class Screen(Protocol):
    """What a code asks of the screen."""

    def show_code(self) -> None:
        """Full brightness, and stay awake."""
        ...

    def rest(self) -> None:
        """Give brightness and sleep back to the phone's own settings."""
        ...
