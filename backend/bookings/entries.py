"""Counting on a booking who came in: once a scan, whatever is repeated or comes in another order.

A booking keeps by scan how many came in; `entered` is their sum. What was taken back stays there as
nobody, so that a count that comes after it changes nothing. Who comes in for an appointment takes
their number in its queue in the same write.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from backend.bookings.documents import PlaceBooking
from backend.bookings.queue_rules import RETURNS, CheckInWay, QueueState, takes_a_number
from backend.bookings.queueing import Arrival, places_for, visit_in
from backend.bookings.rules import KEEPS_PLACES, UNCONFIRMED, BookingState
from backend.foundation.entitlements import Entry, EntryFlag, EntryTerms, odd_entries
from backend.foundation.mongo import Session, UpdateOne
from shared.identity.age import local_day

PREFIX = "bkg_"
_MOMENT = timedelta(milliseconds=1)
"""A slot that ends at midnight is of the day before."""
_FIELDS = {
    "quantity": 1,
    "state": 1,
    "changed_at": 1,
    "starts_at": 1,
    "ends_at": 1,
    "entries": 1,
    "kind": 1,
    "plan": 1,
    "queue": 1,
}
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
        found = await _rows(session, by_booking)
        noted = {one: _noted(row, by_booking[one]) for one, row in found.items()}
        after = await _queued(session, found, noted)
        await _write(session, found, after)
        odd = {
            one: odd_entries(_entries(after[one]), _terms(after[one]))
            if one in after
            else odd_entries(some, None)
            for one, some in by_booking.items()
        }
        return {one: _told(odd[one.reference], one) for one in ours}

    async def terms(self, session: Session, references: Iterable[str]) -> Mapping[str, EntryTerms]:
        """Return for how many the bookings among these are, and when."""
        ours = [one for one in references if one.startswith(PREFIX)]
        found = await _rows(session, ours) if ours else {}
        return {one: _terms(row) for one, row in found.items()}


async def _write(session: Session, found: Mapping[str, Row], after: Mapping[str, Row]) -> None:
    """Write bookings that changed. Whoever wrote one since it was read undoes this transaction.

    So its id alone is the condition, which costs the store a third of any other.
    """
    changes = [
        UpdateOne({"_id": one}, _change(row, after[one]))
        for one, row in found.items()
        if after[one] is not row
    ]
    if changes:
        bookings = PlaceBooking.get_pymongo_collection()
        await bookings.bulk_write(changes, ordered=False, session=session)


def _told(odd: Mapping[str, frozenset[EntryFlag]], entry: Entry) -> frozenset[EntryFlag]:
    over = any(EntryFlag.OVER_USED in flags for flags in odd.values())
    own = odd.get(entry.scan_id, frozenset())
    return own | {EntryFlag.OVER_USED} if over else own


async def _rows(session: Session, ids: Collection[str]) -> dict[str, Row]:
    found = PlaceBooking.get_pymongo_collection().find(
        {"_id": {"$in": list(ids)}}, _FIELDS, session=session, batch_size=len(ids) + 1
    )
    return {row["_id"]: row async for row in found}


def _noted(row: Row, entries: Iterable[Entry]) -> Row:
    """Return a booking with entries noted, each once, and added up; itself where all were."""
    before: Mapping[str, Row] = row.get("entries", {})
    new = {
        one.scan_id: {"persons": one.persons, "at": one.at}
        for one in entries
        if one.scan_id not in before or (not one.persons and before[one.scan_id]["persons"])
    }
    if not new:
        return row
    noted = {**before, **new}
    came = [one for one in noted.values() if one["persons"]]
    after = {**row, "entries": noted, "entered": sum(one["persons"] for one in came)}
    # The slot was over before its entry, or that it was none, became known.
    if came and row["state"] == BookingState.NO_SHOW:
        after["state"] = BookingState.ATTENDED.value
    if not came and row["state"] == BookingState.ATTENDED and not _checked_in(row):
        after["state"] = BookingState.NO_SHOW.value
    return after


async def _queued(
    session: Session, found: Mapping[str, Row], after: Mapping[str, Row]
) -> Mapping[str, Row]:
    """Put whoever came for an appointment into its queue, and take out who had not come in."""
    changed = [(row, after[one]) for one, row in found.items() if after[one] is not row]
    coming = [one for row, then in changed if (one := _arrival(row, then)) is not None]
    places = await places_for(coming, session) if coming else {}
    places |= {then["_id"]: _left(then) for _, then in changed if _had_not_come(then)}
    if not places:
        return after
    return {**after, **{one: {**after[one], "queue": place} for one, place in places.items()}}


def _arrival(before: Row, after: Row) -> Arrival | None:
    known: Mapping[str, Row] = before.get("entries", {})
    new = [
        one["at"]
        for scan_id, one in after["entries"].items()
        if one["persons"] and scan_id not in known
    ]
    at = min(new, default=None)
    if at is None or not takes_a_number(visit_in(after), at):
        return None
    return Arrival(after, at, CheckInWay.GATE)


def _checked_in(row: Row) -> bool:
    """Tell whether somebody was there who did not come in by a gate."""
    queue: Row | None = row.get("queue")
    if queue is None or queue["way"] == CheckInWay.GATE:
        return False
    return queue["state"] not in RETURNS


def _had_not_come(row: Row) -> bool:
    queue = row.get("queue")
    if queue is None or row["entered"]:
        return False
    waits = queue["state"] == QueueState.WAITING
    return bool(waits and queue["way"] == CheckInWay.GATE)


def _left(row: Row) -> dict[str, Any]:
    return {**row["queue"], "state": QueueState.LEFT.value}


def _change(before: Row, after: Row) -> dict[str, Any]:
    known: Mapping[str, Row] = before.get("entries", {})
    noted = after["entries"]
    said = {
        f"entries.{scan_id}": one for scan_id, one in noted.items() if one != known.get(scan_id)
    }
    said |= {"entered": after["entered"]}
    if after["state"] != before["state"]:
        said["state"] = after["state"]
    if after.get("queue") is not before.get("queue"):
        said["queue"] = after["queue"]
    came = [one["at"] for one in noted.values() if one["persons"]]
    if came:
        return {"$set": said | {"first_entered_at": min(came)}}
    return {"$set": said, "$unset": {"first_entered_at": ""}}


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
