"""Closing an account, the part of this area: consents end and open cases are withdrawn."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.rights.correction_rules import CorrectionState
from backend.rights.documents import ConsentReceipt, CorrectionCase


class RightsLeaving(Leaving):
    """Ends what was agreed to and asked for; that it was stays as proof, without values."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        own = {"resident_id": resident_id}
        await ConsentReceipt.get_pymongo_collection().update_many(
            {**own, "latest": True, "withdrawn_at": None},
            {"$set": {"withdrawn_at": now}},
            session=session,
        )
        cases = CorrectionCase.get_pymongo_collection()
        await cases.update_many(
            {**own, "state": CorrectionState.SUBMITTED},
            {"$set": {"state": CorrectionState.WITHDRAWN, "decided_at": now}},
            session=session,
        )
        # A clerk's words may tell of the person.
        await cases.update_many(own, {"$unset": {"reason": ""}}, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase: what was written is unreadable since the account closed."""
