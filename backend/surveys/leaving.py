"""Closing an account, the part of this area: who answered is forgotten; answers are nobody's."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.surveys.documents import SurveySlip


class SurveyLeaving(Leaving):
    """Forgets slips."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        own = {"resident_id": resident_id}
        await SurveySlip.get_pymongo_collection().delete_many(own, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase."""
