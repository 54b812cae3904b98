"""What is done with the numbers of a department's queue, by whoever may serve it.

Who that is, is asked before: staff with a sign-in in `visit_queues`, those at a venue's own
terminal where its requests are read.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.bookings import deeds, queueing
from backend.bookings import queue_refusals as no
from backend.bookings.documents import PlaceBooking, SlotPlan
from backend.bookings.queue_calls import tell_called, tell_soon
from backend.bookings.queue_rules import TOLD_SOON, QueueState, Settlement, refusal_of_desk
from backend.bookings.queueing import line_of
from backend.bookings.rules import SlotKind
from backend.foundation import audit
from backend.foundation.audit import Actor, Deed, Organisation, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from shared.clock import Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

_MOST_DEPARTMENTS = 200
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Serving:
    """Who serves a queue: `name` is what their idempotency keys are kept under."""

    actor: Actor
    name: str
    organisation: Organisation
    system: System


@dataclass(frozen=True, slots=True)
class Department:
    """A plan of appointments, which has a queue each day."""

    plan: str
    title: LocalizedText


@dataclass(frozen=True, slots=True)
class QueueNumber:
    """A place in a queue: nothing of whose it is."""

    number: int
    state: QueueState
    slot_starts_at: datetime
    arrived_at: datetime
    late: bool
    desk: str | None


class QueueServing:
    """Lists, calls and settles numbers."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def departments(self, venue: int) -> list[Department]:
        """Return the departments of a venue that have queues."""
        wanted = {
            "venue": venue,
            "kind": SlotKind.APPOINTMENT.value,
            "ended": {"$ne": True},
        }
        found = SlotPlan.get_pymongo_collection().find(wanted, {"code": 1, "title": 1})
        rows = await found.limit(_MOST_DEPARTMENTS).to_list()
        all_of = [Department(row["code"], LocalizedText(**row["title"])) for row in rows]
        return sorted(all_of, key=lambda one: one.plan)

    async def of_day(self, venue: int, plan: str) -> list[QueueNumber] | Refusal:
        """Return today's queue of a department: who is called, who missed it, who waits."""
        line = await self._line(venue, plan)
        if isinstance(line, Refusal):
            return line
        return [number_of(row) for row in await queueing.in_line(line)]

    async def call(
        self, by: Serving, key: str, venue: int, plan: str, desk: str, number: int | None
    ) -> QueueNumber | Refusal:
        """Call the next who waits, or a number by itself; they and the next are told."""

        async def work(line: str, now: datetime, session: Session) -> Row | Refusal:
            found = await queueing.call(line, desk, number, now, session)
            if found is None:
                return no.NOBODY_WAITS if number is None else no.NUMBER_UNKNOWN
            await tell_called(found, now, session)
            nearest = await queueing.first_waiting(line, TOLD_SOON, session)
            await tell_soon(nearest, now, session)
            return found

        request = {"act": "call", "desk": desk, "number": str(number)}
        return await self._served(by, key, (venue, plan), request, work, refusal_of_desk(desk))

    async def settle(
        self, by: Serving, key: str, venue: int, plan: str, number: int, settlement: Settlement
    ) -> QueueNumber | Refusal:
        """Say that a number was seen, missed its call, or is back after it did."""

        async def work(line: str, now: datetime, session: Session) -> Row | Refusal:
            found = await queueing.settle(line, number, settlement, now, session)
            return found or no.NUMBER_UNKNOWN

        request = {"act": "settle", "number": str(number), "as": settlement.value}
        return await self._served(by, key, (venue, plan), request, work)

    async def _served(
        self,
        by: Serving,
        key: str,
        where: tuple[int, str],
        request: Mapping[str, str],
        work: Callable[[str, datetime, Session], Awaitable[Row | Refusal]],
        wrong: Refusal | None = None,
    ) -> QueueNumber | Refusal:
        """Do `work` on today's queue of a department, once, with its audit row."""
        venue, plan = where
        now = self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            line = wrong or await self._line(venue, plan)
            if isinstance(line, Refusal):
                return line
            row = await work(line, now, session)
            if isinstance(row, Refusal):
                return row
            await audit.record(_deed(by, row, now), session)
            return {"booking": row["_id"]}

        asked = {**request, "venue": str(venue), "plan": plan}
        done = await self._once.perform(caller=by.name, key=key, request=asked, now=now, act=act)
        return await told(done)

    async def _line(self, venue: int, plan: str) -> str | Refusal:
        wanted = {"_id": f"{venue}.{plan}", "kind": SlotKind.APPOINTMENT.value}
        if await SlotPlan.get_pymongo_collection().find_one(wanted, {"_id": 1}) is None:
            return no.LINE_UNKNOWN
        return line_of(wanted["_id"], local_day(self._clock.now()))


async def told(done: Answer | Refusal) -> QueueNumber | Refusal:
    """Return the place that was given, called or settled, as it stands now."""
    if isinstance(done, Refusal):
        return done
    row = await PlaceBooking.get_pymongo_collection().find_one({"_id": done["booking"]})
    return no.NUMBER_UNKNOWN if row is None or "queue" not in row else number_of(row)


def number_of(row: Row) -> QueueNumber:
    """Return the place in the queue that stands in a stored booking."""
    queue = row["queue"]
    return QueueNumber(
        queue["number"],
        QueueState(queue["state"]),
        row["starts_at"],
        queue["arrived_at"],
        queue["late"],
        queue.get("desk"),
    )


def _deed(by: Serving, row: Row, now: datetime) -> Deed:
    return Deed(
        at=now,
        actor=by.actor,
        action="bookings.queue_served",
        words=deeds.QUEUE_SERVED,
        system=by.system,
        subject=row["resident_id"] or None,  # nobody, where they closed their account since
        organisation=by.organisation,
    )
