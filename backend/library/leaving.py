"""Closing an account, the part of this area.

Holds end and what was read is forgotten at once. What is still out or owed stays the reader's
until it is returned or paid; they borrow nothing more, and are forgotten with the last of it. When
the record itself is erased, nobody is left who could be asked: that is forgotten too.
"""

from datetime import datetime

from typing_extensions import override

from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.library.account import forget_fines, forget_loans
from backend.library.documents import LibraryFine, LibraryHold, LibraryLoan, LibraryPatron
from backend.library.holds import end_hold
from backend.library.loans import NOBODY
from backend.library.rules import OPEN_HOLDS, HoldState


class LibraryLeaving(Leaving):
    """Ends what a reader waits for and forgets what they read."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        own, holds = {"resident_id": resident_id}, LibraryHold.get_pymongo_collection()
        open_ = {**own, "state": {"$in": sorted(OPEN_HOLDS)}}
        for hold in await holds.find(open_, session=session).to_list():
            await end_hold(hold, HoldState.CANCELLED, None, now, session)
        await holds.delete_many(own, session=session)
        await forget_loans(resident_id, session)
        await forget_fines(resident_id, session)
        patrons = LibraryPatron.get_pymongo_collection()
        left = {"leaving": True, "keeps_history": False}
        await patrons.update_one(own, {"$set": left}, session=session)
        nothing = {"open_loans": {"$lte": 0}, "owed_fen": {"$lte": 0}}
        await patrons.delete_one({**own, **nothing}, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        own, forgotten = {"resident_id": resident_id}, {"$set": {"resident_id": NOBODY}}
        for document in (LibraryLoan, LibraryFine):
            rows = document.get_pymongo_collection()
            await rows.update_many(own, forgotten, session=session)
        await LibraryPatron.get_pymongo_collection().delete_many(own, session=session)
