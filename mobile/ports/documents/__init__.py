"""Files that the app makes for its owner, put where the owner finds them."""

from typing import Protocol


class NotSaved(Exception):
    """A file could not be saved; `reason` is the system's word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Documents(Protocol):
    """Where files for the owner go."""

    async def save(self, name: str, media_type: str, content: bytes) -> str:
        """Save a new file and return where it is, in words; none that is there is replaced.

        An empty answer means that its owner chose not to save it.

        Raises:
            NotSaved: it could not be written; nothing is left of it.
        """
        ...
