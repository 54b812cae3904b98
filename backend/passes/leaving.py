"""Closing an account, the part of this area: what was held becomes nobody's and good for nothing.

What was given out stays counted against its stock, and what was settled stays settled.
"""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.passes.documents import PassAllowance, PassUse, StoredPass, TrainingVoucher
from backend.passes.entries import NOBODY
from backend.passes.rules import PassState
from backend.passes.voucher_rules import FROM as VOUCHERS_FROM
from backend.passes.voucher_rules import VoucherEvent, VoucherState


class PassLeaving(Leaving):
    """Ends what a person holds and forgets whose it was."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        own, forgotten = {"resident_id": resident_id}, {"$set": {"resident_id": NOBODY}}
        passes = StoredPass.get_pymongo_collection()
        ended = {"state": PassState.REVOKED.value, "ended_at": now, "changed_at": now}
        active = {**own, "state": PassState.ACTIVE.value}
        await passes.update_many(
            active, {"$set": ended, "$unset": {"invitation": ""}}, session=session
        )
        await passes.update_many(own, forgotten, session=session)
        vouchers = TrainingVoucher.get_pymongo_collection()
        unsettled = {"$in": sorted(VOUCHERS_FROM[VoucherEvent.REVOKE])}
        await vouchers.update_many(
            {**own, "state": unsettled},
            {"$set": {"state": VoucherState.REVOKED.value, "changed_at": now}},
            session=session,
        )
        await vouchers.update_many(own, forgotten, session=session)
        await PassUse.get_pymongo_collection().update_many(own, forgotten, session=session)
        await PassAllowance.get_pymongo_collection().delete_many(own, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase: it was all the account's."""
