"""Closing an account, the part of this area: bookings ahead are given back, the others nobody's."""

from datetime import datetime
from itertools import groupby

from typing_extensions import override

from backend.bookings.documents import Booker, BookingNotice, PlaceBooking
from backend.bookings.freeing import end, give_back
from backend.bookings.rules import AHEAD, BookingState
from backend.figures import BookingFigures
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session

NOBODY = ""
"""Whose a booking is after its person left; its places stay counted."""


class BookingLeaving(Leaving):
    """Frees what a person had ahead and forgets whose the rest was."""

    def __init__(self, figures: BookingFigures) -> None:
        self._figures = figures

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        bookings, own = PlaceBooking.get_pymongo_collection(), {"resident_id": resident_id}
        ahead = {**own, "state": {"$in": sorted(AHEAD)}}
        rows = await bookings.find(ahead, session=session).to_list()
        for slot, some in groupby(sorted(rows, key=lambda row: row["slot"]), lambda r: r["slot"]):
            ended = list(some)
            await end(ended, BookingState.CANCELLED, {}, now, session)
            await give_back(slot, ended, self._figures, now, session)
        forgotten = {"$set": {"resident_id": NOBODY}, "$unset": {"remark": ""}}
        await bookings.update_many(own, forgotten, session=session)
        await Booker.get_pymongo_collection().delete_one({"_id": resident_id}, session=session)
        await BookingNotice.get_pymongo_collection().delete_many(own, session=session)

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        """Nothing is left to erase: it was all the account's."""
