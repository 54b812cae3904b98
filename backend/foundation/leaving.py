"""What each area does when a person leaves 注销: asked by the sweep that carries closings out.

Every step is done in one transaction with all others, so that a person is erased everywhere or
nowhere, whatever ends in the middle. An area that stores something about residents ends or erases
it here; what stays must be named to them (`rights/closing_rules.kept`).
"""

from datetime import datetime
from typing import Protocol

from backend.foundation.mongo import Session


class Leaving(Protocol):
    """One area's part."""

    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        """End what is the account's."""
        ...

    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Erase what is the record's; the account was closed before, now or earlier."""
        ...
