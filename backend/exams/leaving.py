"""Closing an account, the part of this area: seats stay taken and are nobody's."""

from datetime import datetime

from typing_extensions import override

from backend.exams.documents import ExamSeat
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session

NOBODY = ""


class ExamLeaving(Leaving):
    """Forgets whose a seat was."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        own, forgotten = {"resident_id": resident_id}, {"$set": {"resident_id": NOBODY}}
        await ExamSeat.get_pymongo_collection().update_many(own, forgotten, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase: it was all the account's."""
