"""What a person has ahead, in one document that is written with each of their bookings."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.bookings.documents import Booker
from backend.bookings.rules import OpenBooking, SlotFacts, SlotKind
from backend.foundation.mongo import Session, UpdateOne

Row = Mapping[str, Any]


async def of_residents(
    resident_ids: Iterable[str], session: Session | None = None
) -> dict[str, Row]:
    """Return what residents have ahead, by their ids, in one read."""
    found = Booker.get_pymongo_collection().find(
        {"_id": {"$in": list(resident_ids)}}, session=session
    )
    return {row["_id"]: row async for row in found}


def ahead_in(row: Row | None) -> list[OpenBooking]:
    """Return the bookings ahead in a stored row."""
    return [
        OpenBooking(
            one["booking"], one["venue"], SlotKind(one["kind"]), one["starts_at"], one["ends_at"]
        )
        for one in (row["ahead"] if row else ())
    ]


def entry(booking_id: str, slot: SlotFacts) -> OpenBooking:
    """Return a booking of `slot` as one ahead."""
    return OpenBooking(booking_id, slot.venue, slot.kind, slot.starts_at, slot.ends_at)


def replaced(
    resident_id: str, row: Row | None, ahead: Sequence[OpenBooking], now: datetime
) -> UpdateOne:
    """Return the write of what a resident has ahead, if nothing changed since `row` was read.

    It raises a duplicate key where something did: the row it would make is there already.
    """
    kept = [
        {
            "booking": one.booking_id,
            "venue": one.venue,
            "kind": one.kind.value,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
        }
        for one in ahead
        if one.ends_at > now
    ]
    revision = row["revision"] if row else 0
    return UpdateOne(
        {"_id": resident_id, "revision": revision},
        {"$set": {"ahead": kept}, "$inc": {"revision": 1}},
        upsert=True,
    )


def without(resident_id: str, booking_id: str) -> UpdateOne:
    """Return the write that takes one booking off what a resident has ahead."""
    return UpdateOne(
        {"_id": resident_id},
        {"$pull": {"ahead": {"booking": booking_id}}, "$inc": {"revision": 1}},
    )


async def write(changes: Sequence[UpdateOne], session: Session) -> None:
    """Write changes of what residents have ahead."""
    if changes:
        await Booker.get_pymongo_collection().bulk_write(changes, ordered=False, session=session)


async def hold(resident_id: str, session: Session) -> None:
    """Take what a resident has ahead for a transaction, as it is.

    Whoever else changes it at the same moment comes before this or after it, and reads what it
    wrote: for limits on what does not stand in `ahead`.
    """
    change = {"$inc": {"revision": 1}, "$setOnInsert": {"ahead": []}}
    await Booker.get_pymongo_collection().update_one(
        {"_id": resident_id}, change, upsert=True, session=session
    )
