"""Closing an account, the part of this area: seats stay taken, registrations free their places."""

from datetime import datetime

from typing_extensions import override

from backend.exams.documents import ExamRegistration, ExamSeat, StoredExamSession
from backend.exams.registration_rules import RegistrationState
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session, UpdateOne

NOBODY = ""
_LESS = {
    RegistrationState.REGISTERED: {"taken": -1, "registered": -1},
    RegistrationState.SEATED: {"registered": -1},
}
ON_ROLL = sorted(state.value for state in _LESS)
"""The states of a registration that stands on the roll, as long as it is somebody's."""


class ExamLeaving(Leaving):
    """Forgets whose a seat was, and takes back what has no seat yet."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        own, forgotten = {"resident_id": resident_id}, {"$set": {"resident_id": NOBODY}}
        await ExamSeat.get_pymongo_collection().update_many(own, forgotten, session=session)
        registrations = ExamRegistration.get_pymongo_collection()
        standing = {**own, "state": RegistrationState.REGISTERED.value}
        on_roll = {**own, "state": {"$in": ON_ROLL}}
        fields = {"session": 1, "state": 1}
        places = [
            UpdateOne({"_id": row["session"]}, {"$inc": _LESS[RegistrationState(row["state"])]})
            async for row in registrations.find(on_roll, fields, session=session)
        ]
        if places:
            sessions = StoredExamSession.get_pymongo_collection()
            await sessions.bulk_write(places, session=session)
        withdrawn = {"$set": {"state": RegistrationState.WITHDRAWN.value, "changed_at": now}}
        await registrations.update_many(standing, withdrawn, session=session)
        await registrations.update_many(own, forgotten, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase: it was all the account's."""
