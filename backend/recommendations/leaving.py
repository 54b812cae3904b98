"""Closing an account, the part of this area: the choice goes with it."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.recommendations.documents import RecommendationChoice


class RecommendationLeaving(Leaving):
    """Forgets the choice; nothing else is kept here."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        await RecommendationChoice.get_pymongo_collection().delete_one(
            {"_id": resident_id}, session=session
        )

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase: it was all the account's."""
