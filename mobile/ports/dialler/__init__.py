"""The telephone: a number is put before the user, who presses the call key themselves."""

from typing import Protocol


class NoDialler(Exception):
    """Nothing here makes calls; `reason` is the system's word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Dialler(Protocol):
    """Opens the telephone."""

    def dial(self, number: str) -> None:
        """Put `number`, of digits, before the user.

        Raises:
            NoDialler: the device makes no calls.
        """
        ...
