"""Closing an account, the part of this area: every mandate of the person ends, on both sides."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.mandates.documents import Mandate, MandateNotice, MandateParty
from backend.mandates.ending import end_of
from backend.mandates.rules import Ending

NOBODY = ""
"""Whose a side of a mandate is after its person left; the other side keeps what they had."""


class MandateLeaving(Leaving):
    """Ends mandates and forgets whose they were."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        await end_of([resident_id], Ending.ACCOUNT_CLOSED, now, session)
        mandates = Mandate.get_pymongo_collection()
        for side in ("principal", "delegate"):
            ids = await mandates.distinct("_id", {side: resident_id}, session=session)
            for field in (side, "offered_by"):
                await mandates.update_many(
                    {"_id": {"$in": ids}, field: resident_id},
                    {"$set": {field: NOBODY}},
                    session=session,
                )
        notices = MandateNotice.get_pymongo_collection()
        await notices.delete_many({"person": resident_id}, session=session)
        parties = MandateParty.get_pymongo_collection()
        await parties.update_many(
            {"excluded": resident_id}, {"$pull": {"excluded": resident_id}}, session=session
        )
        await parties.delete_one({"_id": resident_id}, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase: it was all the account's."""
