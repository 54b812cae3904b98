"""Closing an account, the part of this area: nobody is asked further, and whose it was goes."""

from datetime import datetime

from typing_extensions import override

from backend.cross_region.documents import CrossRegionCase
from backend.cross_region.rules import OPEN, CaseState
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session


class CrossRegionLeaving(Leaving):
    """Withdraws what is under way; what was done stays counted, and is nobody's."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing: a service of the card that is under way is the card's, not the account's."""

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        cases, own = CrossRegionCase.get_pymongo_collection(), {"resident_id": resident_id}
        await cases.update_many(
            {**own, "state": {"$in": [one.value for one in OPEN]}},
            {
                "$set": {"state": CaseState.WITHDRAWN.value, "changed_at": now},
                "$unset": {"due_at": ""},
            },
            session=session,
        )
        await cases.update_many(own, {"$unset": {"resident_id": ""}}, session=session)
