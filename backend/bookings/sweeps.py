"""What time does to bookings: holds end, slots are over, closed slots let everybody know.

Every step is a transaction of its own on what is due, found by an index; a sweep that is killed
goes on where it stopped, and two sweeps at once do nothing twice.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from backend.bookings import deeds
from backend.bookings.documents import KEPT, PlaceBooking, Slot
from backend.bookings.freeing import OFFER_MISSED, closed_news, end, give_back, tell
from backend.bookings.queue_rules import QueueState, was_there
from backend.bookings.rules import (
    AHEAD,
    KEEPS_PLACES,
    UNCONFIRMED,
    BookingState,
    SlotState,
    outcome,
)
from backend.figures import BookingFigures
from backend.foundation import audit
from backend.foundation.audit import in_one_write
from backend.foundation.kept_running import attempt, batches, each, rounds
from backend.foundation.mongo import AsyncCursor, Session
from shared.clock import Clock, SystemClock
from shared.localized_text import LocalizedText

SECONDS = 2.0
"""How late a hold may end, at most; nobody can confirm it in between."""
AT_ONCE = 500
TO_BE_ENDED = frozenset({BookingState.CONFIRMED, BookingState.WAITING})
Row = Mapping[str, Any]


class BookingSweeps:
    """Does what has become due."""

    def __init__(self, figures: BookingFigures, clock: Clock) -> None:
        self._figures = figures
        self._clock = clock

    async def keep_swept(self) -> None:
        """Sweep for ever; what fails is tried again."""
        await rounds(self.sweep, SECONDS)

    async def sweep(self) -> int:
        """Do all that is due now; return how many bookings changed."""
        return await self.expire() + await self.close() + await self.finish()

    async def expire(self) -> int:
        """Free places that were not confirmed in time; return how many bookings."""
        now = self._clock.now()
        unconfirmed = {"expires_at": {"$lte": now}}
        due = PlaceBooking.get_pymongo_collection().find(unconfirmed, {"slot": 1})

        async def work(rows: Sequence[Row], session: Session) -> None:
            await end(rows, BookingState.EXPIRED, {}, now, session)
            offers = [row for row in rows if row["state"] == BookingState.OFFERED]
            if offers:
                await tell(offers, OFFER_MISSED, now, session)
            await give_back(rows[0]["slot"], rows, self._figures, now, session)
            await _record("bookings.expired", rows, now, session)

        return await _by_slot(due.sort("expires_at", 1), unconfirmed, UNCONFIRMED, work)

    async def close(self) -> int:
        """Tell those who booked closed slots; return how many bookings."""
        slots = Slot.get_pymongo_collection()
        return await each(
            slots.find({"state": SlotState.CLOSING.value}, {"why": 1}, batch_size=AT_ONCE),
            self._close,
        )

    async def _close(self, slot: Row) -> int:
        """Tell who booked one slot; it is closed once nobody is left who was not told."""
        now, news = self._clock.now(), closed_news(LocalizedText(**slot["why"]))
        bookings = PlaceBooking.get_pymongo_collection()
        booked = {"slot": slot["_id"], "state": {"$in": sorted(AHEAD)}}

        async def work(rows: Sequence[Row], session: Session) -> None:
            await end(rows, BookingState.CLOSED, {}, now, session)
            await tell(rows, news, now, session)
            await give_back(rows[0]["slot"], rows, self._figures, now, session)
            await _record("bookings.closed", rows, now, session)

        told = await _by_slot(bookings.find(booked, {"slot": 1}), {}, AHEAD, work)
        if await bookings.find_one(booked, {"_id": 1}) is None:
            await Slot.get_pymongo_collection().update_one(
                {"_id": slot["_id"], "state": SlotState.CLOSING.value},
                {"$set": {"state": SlotState.CLOSED.value}},
            )
        return told

    async def finish(self) -> int:
        """End what was booked of slots that are over, or waits for them; return how many.

        A confirmed booking was used or not; it keeps its places, which nobody can use any more.
        """
        now = self._clock.now()
        due = {"state": {"$in": sorted(TO_BE_ENDED)}, "ends_at": {"$lte": now}}
        ended = PlaceBooking.get_pymongo_collection().find(due, {"slot": 1})

        async def work(rows: Sequence[Row], session: Session) -> None:
            for to, some in _groups(rows, _ended_as):
                await end(some, to, {}, now, session)
            waited = [row for row in rows if row["state"] == BookingState.WAITING]
            if waited:
                await give_back(rows[0]["slot"], waited, self._figures, now, session)
            await _record("bookings.ended", rows, now, session)

        return await _by_slot(ended.sort("ends_at", 1), {}, TO_BE_ENDED, work)


async def discrepancies(limit: int) -> list[str]:
    """Return slots whose count is not what their bookings add up to: none, if all is well.

    Reads every slot and booking; a batch program's question, not an app's. Those that are about to
    be removed for their age, a slot and its bookings not in one moment, are left out.
    """
    still = {"ends_at": {"$gt": SystemClock().now() - KEPT + timedelta(days=1)}}
    keeps = sorted(KEEPS_PLACES)
    places = {"$cond": [{"$in": ["$state", keeps]}, "$quantity", 0]}
    waits = {"$cond": [{"$eq": ["$state", BookingState.WAITING.value]}, 1, 0]}
    counted = await PlaceBooking.get_pymongo_collection().aggregate(
        [
            {"$match": {"state": {"$in": [*keeps, BookingState.WAITING.value]}, **still}},
            {
                "$group": {
                    "_id": "$slot",
                    "taken": {"$sum": places},
                    "waiting": {"$sum": waits},
                }
            },
        ]
    )
    sums = {row["_id"]: (row["taken"], row["waiting"]) async for row in counted}
    fields = {"taken": 1, "free": 1, "waiting": 1, "capacity": 1}
    wrong = []
    async for slot in Slot.get_pymongo_collection().find(still, fields):
        counts = slot["taken"], slot["waiting"]
        whole = slot["taken"] + slot["free"] == slot["capacity"] and slot["free"] >= 0
        if counts != sums.pop(slot["_id"], (0, 0)) or not whole:
            wrong.append(slot["_id"])
    return [*wrong, *sums][:limit]


async def _by_slot(
    found: AsyncCursor[dict[str, Any]],
    due: Row,
    states: frozenset[BookingState],
    work: Callable[[Sequence[Row], Session], Awaitable[None]],
) -> int:
    """Do `work` slot by slot on what is still due when its transaction reads it.

    Where one of a slot's bookings breaks it, each is done alone: the others' end does not wait.
    """

    async def some_of_a_slot(ids: Sequence[str]) -> int:
        async def act(session: Session) -> int:
            wanted = {"_id": {"$in": ids}, "state": {"$in": sorted(states)}, **due}
            rows = (
                await PlaceBooking.get_pymongo_collection().find(wanted, session=session).to_list()
            )
            if rows:
                await work(rows, session)
            return len(rows)

        return await in_one_write(act)

    changed = 0
    async for batch in batches(found.batch_size(AT_ONCE), AT_ONCE):
        for _, some in _groups(batch, lambda row: row["slot"]):
            ids = [row["_id"] for row in some]
            done = await attempt(some_of_a_slot, ids)
            if done is None and len(ids) > 1:
                done = sum([await attempt(some_of_a_slot, [one]) or 0 for one in ids])
            changed += done or 0
    return changed


async def _record(action: str, rows: Sequence[Row], now: datetime, session: Session) -> None:
    some = [deeds.of_house(action, row["resident_id"], now) for row in rows]
    await audit.record_all(some, session)


def _ended_as(row: Row) -> BookingState:
    waited = row["state"] == BookingState.WAITING
    if waited:
        return BookingState.EXPIRED
    queue = row.get("queue")
    return outcome(came=was_there(row["entered"], QueueState(queue["state"]) if queue else None))


def _groups(rows: Sequence[Row], key: Callable[[Row], Any]) -> list[tuple[Any, list[Row]]]:
    return [(one, list(some)) for one, some in groupby(sorted(rows, key=key), key)]
