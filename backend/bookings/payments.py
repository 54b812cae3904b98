"""That a booking is paid for, and what its booker is told when its price comes back.

Who takes the money is another area's; the mark stands here, so that a price that is owed back is
found by an index, and taken up once by whoever takes the mark off.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from backend.bookings.documents import PlaceBooking
from backend.bookings.freeing import News, tell
from backend.bookings.rules import BookingState
from backend.bookings.service import BookingView, view
from backend.foundation.mongo import Session
from shared.localized_text import LocalizedText

CALLED_OFF = frozenset({BookingState.CANCELLED, BookingState.CLOSED, BookingState.EXPIRED})
"""What a booking is when its price, or a part of it, is owed back."""


async def mark_paid(resident_id: str, booking_id: str, session: Session) -> bool:
    """Take a confirmed booking for its payment; tell whether it is still confirmed.

    Whoever cancels it at the same moment comes before this or after it, and sees what was done.
    """
    done = await PlaceBooking.get_pymongo_collection().update_one(
        {
            "_id": booking_id,
            "resident_id": resident_id,
            "state": BookingState.CONFIRMED.value,
        },
        {"$set": {"paid": True}},
        session=session,
    )
    return done.matched_count == 1


async def paid_and_called_off(at_once: int) -> AsyncIterator[str]:
    """Return the bookings that are off and whose payment nobody has settled yet."""
    found = PlaceBooking.get_pymongo_collection().find(_owed(), {"_id": 1})
    async for row in found.hint("paid_for").batch_size(at_once):
        yield row["_id"]


async def settle(booking_id: str, session: Session) -> BookingView | None:
    """Take the mark off a booking that is off: of all who try, one gets the booking."""
    row = await PlaceBooking.get_pymongo_collection().find_one_and_update(
        {"_id": booking_id, **_owed()}, {"$unset": {"paid": ""}}, session=session
    )
    return None if row is None else view(row)


async def tell_of_price(
    whose: str, booking: BookingView, words: LocalizedText, now: datetime, session: Session
) -> None:
    """Tell somebody what came of the price; why the booking is off stays in what they read."""
    before = booking.remark
    said = words
    if before is not None:
        said = LocalizedText(f"{before.zh}{words.zh}", f"{before.en} {words.en}")
    row = {"_id": booking.booking_id, "resident_id": whose}
    await tell([row], News("booking_price_settled", said), now, session)


def _owed() -> Mapping[str, Any]:
    return {"paid": True, "state": {"$in": sorted(CALLED_OFF)}}
