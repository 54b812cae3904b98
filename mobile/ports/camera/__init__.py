"""A picture of the resident's face, taken now, for the one comparison they agreed to."""

from typing import Protocol

MOST_BYTES = 600_000
"""What fits into one request of the app, written in base64."""


class NoPicture(Exception):
    """No picture could be taken; `reason` is the system's word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Camera(Protocol):
    """Takes one picture at a time and keeps none."""

    async def take(self) -> bytes | None:
        """Return a JPEG or PNG picture; None when the user went back.

        Raises:
            NoPicture: there is no camera, or it gave no picture.
        """
        ...
