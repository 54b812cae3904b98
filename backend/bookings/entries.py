"""Counting on a booking who came in: once a scan, whatever is repeated or comes in another order.

A booking keeps by scan how many came in; `entered` is their sum. What was taken back stays there as
nobody, so that a count that comes after it changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from backend.bookings.documents import PlaceBooking
from backend.bookings.rules import KEEPS_PLACES, UNCONFIRMED, BookingState
from backend.foundation.entitlements import Entry, EntryFlag, EntryTerms, odd_entries
from backend.foundation.mongo import Session, UpdateOne
from shared.identity.age import local_day

PREFIX = "bkg_"
_MOMENT = timedelta(milliseconds=1)
"""A slot that ends at midnight is of the day before."""
_FIELDS = {"quantity": 1, "state": 1, "changed_at": 1, "starts_at": 1, "ends_at": 1, "entries": 1}
Row = Mapping[str, Any]


class BookingEntries:
    """Counts entries on bookings (see `BulkEntryCounter`)."""

    async def count(
        self, session: Session, reference: str, persons: int, at: datetime, scan_id: str
    ) -> frozenset[EntryFlag] | None:
        """Count one entry; None where the reference is no booking's."""
        entry = Entry(reference, scan_id, persons, at)
        return (await self.count_all(session, [entry])).get(entry)

    async def count_all(
        self, session: Session, entries: Sequence[Entry]
    ) -> Mapping[Entry, frozenset[EntryFlag]]:
        """Count entries, one update a booking."""
        ours = [entry for entry in entries if entry.reference.startswith(PREFIX)]
        if not ours:
            return {}
        by_booking: dict[str, list[Entry]] = {}
        for entry in ours:
            by_booking.setdefault(entry.reference, []).append(entry)
        await _count_all(session, by_booking)
        found = await _rows(session, by_booking)
        odd = {
            one: odd_entries(_entries(row), _terms(row)) if row else odd_entries(some, None)
            for one, some in by_booking.items()
            for row in [found.get(one)]
        }
        return {one: _told(odd[one.reference], one) for one in ours}

    async def terms(self, session: Session, references: Iterable[str]) -> Mapping[str, EntryTerms]:
        """Return for how many the bookings among these are, and when."""
        ours = [one for one in references if one.startswith(PREFIX)]
        found = await _rows(session, ours) if ours else {}
        return {one: _terms(row) for one, row in found.items()}


async def _count_all(session: Session, by_booking: Mapping[str, Sequence[Entry]]) -> None:
    """Count entries as ordinary ones; where not all of them are, all of them by the whole rule.

    The whole rule counts nothing twice, and costs the store several times as much.
    """
    bookings = PlaceBooking.get_pymongo_collection()
    if all(entry.persons for some in by_booking.values() for entry in some):
        first = [UpdateOne(*_counting_first(one, some)) for one, some in by_booking.items()]
        done = await bookings.bulk_write(first, ordered=False, session=session)
        if done.matched_count == len(by_booking):
            return
    changes = [UpdateOne({"_id": one}, _counting(some)) for one, some in by_booking.items()]
    await bookings.bulk_write(changes, ordered=False, session=session)


def _told(odd: Mapping[str, frozenset[EntryFlag]], entry: Entry) -> frozenset[EntryFlag]:
    over = any(EntryFlag.OVER_USED in flags for flags in odd.values())
    own = odd.get(entry.scan_id, frozenset())
    return own | {EntryFlag.OVER_USED} if over else own


async def _rows(session: Session, ids: Iterable[str]) -> dict[str, Row]:
    wanted = {"_id": {"$in": list(ids)}}
    found = PlaceBooking.get_pymongo_collection().find(wanted, _FIELDS, session=session)
    return {row["_id"]: row async for row in found}


def _counting_first(
    booking_id: str, entries: Sequence[Entry]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return condition and update for entries not counted yet, of a booking that is not over."""
    ordinary: dict[str, Any] = {"_id": booking_id, "state": {"$ne": BookingState.NO_SHOW}}
    noted = {f"entries.{one.scan_id}": {"persons": one.persons, "at": one.at} for one in entries}
    return ordinary | {name: {"$exists": False} for name in noted}, {
        "$set": noted,
        "$inc": {"entered": sum(one.persons for one in entries)},
        "$min": {"first_entered_at": min(one.at for one in entries)},
    }


def _counting(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the update that notes entries, each once, and adds up who came in."""
    noted = {f"entries.{one.scan_id}": _noted(one) for one in entries}
    all_of_them = {"$objectToArray": {"$ifNull": ["$entries", {}]}}
    came = {"$filter": {"input": all_of_them, "cond": {"$gt": ["$$this.v.persons", 0]}}}
    first = {"$min": {"$map": {"input": came, "in": "$$this.v.at"}}}
    state = {
        "$switch": {
            # The slot was over before its entry, or that it was none, became known.
            "branches": [
                {"case": {"$and": [{"$eq": ["$state", BookingState.NO_SHOW]},
                                   {"$gt": ["$entered", 0]}]}, "then": BookingState.ATTENDED},
                {"case": {"$and": [{"$eq": ["$state", BookingState.ATTENDED]},
                                   {"$eq": ["$entered", 0]}]}, "then": BookingState.NO_SHOW},
            ],
            "default": "$state",
        }
    }  # fmt: skip
    return [
        {"$set": noted},
        {
            "$set": {
                "entered": {"$sum": {"$map": {"input": came, "in": "$$this.v.persons"}}},
                "first_entered_at": {"$ifNull": [first, "$$REMOVE"]},
            }
        },
        {"$set": {"state": state}},
    ]


def _noted(entry: Entry) -> Any:
    said = {"persons": entry.persons, "at": entry.at}
    return {"$ifNull": [f"$entries.{entry.scan_id}", said]} if entry.persons else said


def _entries(row: Row) -> list[Entry]:
    return [
        Entry(row["_id"], scan_id, one["persons"], one["at"])
        for scan_id, one in row.get("entries", {}).items()
    ]


def _terms(row: Row) -> EntryTerms:
    state = BookingState(row["state"])
    ended = state not in KEEPS_PLACES and state is not BookingState.WAITING
    # What was never confirmed is for nobody.
    waits = state is BookingState.WAITING or state in UNCONFIRMED
    first, last = local_day(row["starts_at"]), local_day(row["ends_at"] - _MOMENT)
    return EntryTerms(
        persons=0 if waits else row["quantity"],
        good_at=lambda at: first <= local_day(at) <= last,
        ended_at=row["changed_at"] if ended else None,
    )
