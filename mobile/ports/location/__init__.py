"""Where the phone is, asked once and kept nowhere."""

from typing import Protocol

from mobile.core.venue import Position


class NoPosition(Exception):
    """The phone does not know, or may not tell; `reason` is the system's word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Location(Protocol):
    """Tells where the phone is."""

    async def find(self) -> Position:
        """Return the phone's position.

        Raises:
            NoPosition: it is not known, or the owner did not allow it.
        """
        ...
