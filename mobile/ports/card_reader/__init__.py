"""A physical card held to this device, read by its digest; nothing of its holder is read."""

from typing import Protocol


class NoCard(Exception):
    """No card was read; `reason` is a short word of what is missing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CardReader(Protocol):
    """Reads one card at a time and keeps nothing of it."""

    async def read(self) -> str:
        """Wait a while for a card and return the digest of its 识别码, in hex.

        Raises:
            NoCard: there is no reader, no card, or one that is no social security card.
        """
        ...
