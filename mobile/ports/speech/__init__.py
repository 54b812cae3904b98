"""Reading a screen aloud, since Kivy's widgets are silent to a phone's screen reader."""

from typing import Protocol

from shared.localized_text import Language


class Speech(Protocol):
    """A voice; a new text interrupts the last."""

    def say(self, text: str, language: Language) -> bool:
        """Start to say `text` and return at once; False when this device has no voice."""
        ...

    def hush(self) -> None:
        """Stop talking."""
        ...
