"""Places in queues as they are stored: taken, called, settled; each within the act it is part of.

A place stands in its booking, so a booking has one number whatever is repeated. Numbers come off a
count that is raised in the same transaction: none is given twice, and none is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from backend.bookings.documents import PlaceBooking, VisitQueue
from backend.bookings.queue_rules import (
    CALLABLE,
    SETTLED,
    CheckInWay,
    QueueState,
    Settlement,
    VisitFacts,
    is_late,
    order_of,
)
from backend.bookings.rules import BookingState, SlotKind
from backend.foundation.mongo import ReturnDocument, Session
from shared.identity.age import local_day

MOST_SHOWN = 500
"""Places of one queue that staff see at once: more than any department has on a day."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who checked in for a booking, as it was read."""

    row: Row
    at: datetime
    way: CheckInWay


def line_of(plan: str, day: date) -> str:
    """Return the id of the queue of a plan on a local day."""
    return f"{plan}.{day.isoformat()}"


def visit_in(row: Row) -> VisitFacts:
    """Return what of a stored booking decides about its place in a queue."""
    queue = row.get("queue")
    return VisitFacts(
        SlotKind(row["kind"]),
        BookingState(row["state"]),
        row["starts_at"],
        row["ends_at"],
        QueueState(queue["state"]) if queue else None,
    )


async def places_for(arrivals: Sequence[Arrival], session: Session) -> dict[str, dict[str, Any]]:
    """Return by booking the places that arrivals take: a number of their own, or the one they had.

    One round trip a queue that somebody is new in: those of a venue's departments.
    """
    new = [one for one in arrivals if "queue" not in one.row]
    numbers: dict[str, int] = {}
    for line, some in groupby(sorted(new, key=_arriving), _line):
        there = list(some)
        given = await _given(line, there[0].row["ends_at"], len(there), session)
        first = given - len(there) + 1
        numbers |= {one.row["_id"]: first + index for index, one in enumerate(there)}
    return {one.row["_id"]: _place(one, numbers.get(one.row["_id"])) for one in arrivals}


async def call(
    line: str, desk: str, number: int | None, now: datetime, session: Session
) -> Row | None:
    """Call a number to a desk, without one the next who waits; return its booking.

    Whoever was called to that desk before has been seen. Two desks that call at once write to the
    same booking: the store has one of them begin again, and it gets the next.
    """
    bookings = PlaceBooking.get_pymongo_collection()
    wanted: dict[str, Any] = {"queue.line": line, "queue.state": QueueState.WAITING.value}
    if number is not None:
        wanted["queue.state"] = {"$in": sorted(CALLABLE)}
        wanted["queue.number"] = number
    found = await bookings.find(wanted, session=session).sort(_ORDER).limit(1).to_list()
    if not found:
        return None
    [row] = found
    called = {"queue.line": line, "queue.state": QueueState.CALLED.value, "queue.desk": desk}
    await bookings.update_many(
        {**called, "_id": {"$ne": row["_id"]}},
        {"$set": {"queue.state": QueueState.SEEN.value}},
        session=session,
    )
    now_called = {
        "state": QueueState.CALLED.value,
        "desk": desk,
        "called_at": now,
        "calls": row["queue"].get("calls", 0) + 1,
    }
    await _set(row, now_called, session)
    return {**row, "queue": {**row["queue"], **now_called}}


async def first_waiting(line: str, count: int, session: Session) -> list[Row]:
    """Return the first who wait, in the order in which they are called."""
    wanted = {"queue.line": line, "queue.state": QueueState.WAITING.value}
    fields = {"queue": 1, "resident_id": 1}
    found = PlaceBooking.get_pymongo_collection().find(wanted, fields, session=session)
    return await found.sort(_ORDER).limit(count).to_list()


async def settle(
    line: str, number: int, settlement: Settlement, now: datetime, session: Session
) -> Row | None:
    """Say what became of a number that was called; return its booking, None where it was not."""
    before, after = SETTLED[settlement]
    bookings = PlaceBooking.get_pymongo_collection()
    wanted = {"queue.line": line, "queue.state": before.value, "queue.number": number}
    row = await bookings.find_one(wanted, session=session)
    if row is None:
        return None
    if after is QueueState.WAITING:
        change = _place(Arrival(row, now, CheckInWay.DESK), None)
    else:
        change = {"state": after.value}
    await _set(row, change, session)
    return {**row, "queue": {**row["queue"], **change}}


async def in_line(line: str) -> list[Row]:
    """Return the places of a queue that are not over, by state, the sooner called before."""
    open_states = sorted(CALLABLE)
    wanted = {"queue.line": line, "queue.state": {"$in": open_states}}
    found = PlaceBooking.get_pymongo_collection().find(wanted, {"queue": 1, "starts_at": 1})
    return await found.sort(_ORDER).limit(MOST_SHOWN).to_list()


async def before(queue: Row) -> int:
    """Return how many are called before a place."""
    return await PlaceBooking.get_pymongo_collection().count_documents(
        {
            "queue.line": queue["line"],
            "queue.state": QueueState.WAITING.value,
            "queue.order": {"$lt": queue["order"]},
        }
    )


_KEPT = ("calls", "told_soon")
"""What of a place stays, though somebody checks in once more: no notice is left twice."""
_ORDER = [("queue.line", 1), ("queue.state", 1), ("queue.order", 1)]


async def _given(line: str, ends_at: datetime, count: int, session: Session) -> int:
    """Raise a queue's count and return it; its row goes with the bookings of its day."""
    raised = await VisitQueue.get_pymongo_collection().find_one_and_update(
        {"_id": line},
        {"$inc": {"given": count}, "$setOnInsert": {"ends_at": ends_at}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return int((raised or {})["given"])


async def _set(row: Row, change: Row, session: Session) -> None:
    # Read in the same transaction: whoever changed it since undoes this one.
    said = {f"queue.{name}": value for name, value in change.items()}
    bookings = PlaceBooking.get_pymongo_collection()
    await bookings.update_one({"_id": row["_id"]}, {"$set": said}, session=session)


def _line(one: Arrival) -> str:
    return line_of(one.row["plan"], local_day(one.row["starts_at"]))


def _arriving(one: Arrival) -> tuple[str, datetime, str]:
    return _line(one), one.at, one.row["_id"]


def _place(one: Arrival, number: int | None) -> dict[str, Any]:
    visit, had = visit_in(one.row), one.row.get("queue", {})
    own: int = had["number"] if number is None else number
    return {
        "line": _line(one),
        "number": own,
        "state": QueueState.WAITING.value,
        "order": order_of(visit, one.at, own),
        "arrived_at": one.at,
        "way": one.way.value,
        "late": is_late(visit, one.at),
        **{name: had[name] for name in _KEPT if name in had},
    }
