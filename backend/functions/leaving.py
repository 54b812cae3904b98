"""Closing an account, the part of this area: what somebody chose goes with their record."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.functions.documents import FunctionChoice


class FunctionLeaving(Leaving):
    """Forgets choices, once no card is left that they are about."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing: what is off on a card in use stays off."""

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        await FunctionChoice.get_pymongo_collection().delete_many(
            {"resident_id": resident_id}, session=session
        )
