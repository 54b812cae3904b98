"""Closing an account, the part of this area: the wallet's payments are forgotten.

The books of what was paid are the paying department's own.
"""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.subsidies.documents import SubsidyPayment


class SubsidyLeaving(Leaving):
    """Forgets payments."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        own = {"resident_id": resident_id}
        await SubsidyPayment.get_pymongo_collection().delete_many(own, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase."""
