"""Closing an account, the part of this area: nobody is waited for any more."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.safe_checks.documents import SafeCheck


class SafeCheckLeaving(Leaving):
    """Forgets the safe check."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        await SafeCheck.get_pymongo_collection().delete_one({"_id": resident_id}, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase."""
