"""The phone's screen: its ground, and while a code is shown bright and not going to sleep."""

from typing import Protocol


class Screen(Protocol):
    """What a code asks of the screen, and what the phone's owner chose for it."""

    def is_dark(self) -> bool:
        """Tell whether the phone shows light words on dark grounds."""
        ...

    def show_code(self) -> None:
        """Full brightness, and stay awake."""
        ...

    def rest(self) -> None:
        """Give brightness and sleep back to the phone's own settings."""
        ...
