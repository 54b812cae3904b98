"""Closing an account, the part of this area: the accounts a person was paid to are forgotten."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.payout_accounts.documents import PayoutAccount


class PayoutLeaving(Leaving):
    """Forgets payout accounts."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        own = {"resident_id": resident_id}
        await PayoutAccount.get_pymongo_collection().delete_many(own, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase."""
