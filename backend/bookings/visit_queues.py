"""Checking in for an appointment 报到取号, and calling those who did 叫号.

Three ways lead into the queue: a scan at a reader (`entries`), a desk that sees the card or code,
and the person's own app near in time. Staff work with numbers alone: neither the list nor a call
says whose a number is.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from backend.bookings import deeds, queueing
from backend.bookings import queue_refusals as no
from backend.bookings import refusals as booking_refusals
from backend.bookings.documents import PlaceBooking
from backend.bookings.queue_rules import (
    CheckInWay,
    QueueState,
    Settlement,
    refusal_to_check_in,
)
from backend.bookings.queue_serving import QueueNumber, QueueServing, Serving, told
from backend.bookings.queueing import Arrival, visit_in
from backend.bookings.rules import BookingState, SlotKind
from backend.bookings.service import BookingView, is_booking_id, view
from backend.cards.asking import Asking
from backend.figures import BookingFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may_at
from backend.foundation.refusals import Refusal
from backend.mandates.acting import record_act
from shared.clock import LOCAL_ZONE, Clock
from shared.identity.age import local_day

_MOST_A_DAY = 20
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShownAtDesk:
    """Whose card or code was shown, and how this showing is used up in an act."""

    resident_id: str
    use: Callable[[Session], Awaitable[Refusal | None]] = field(repr=False)


class DeskEvidence(Protocol):
    """Reads what is shown at a desk; those who verify it stand above bookings."""

    async def at_desk(
        self, code: str | None, identification_code: str | None
    ) -> ShownAtDesk | Refusal:
        """Return whose it is: a code's digits, or what a card's chip says, as hex."""
        ...


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """A place in a queue as its person sees it; `ahead` are called before them."""

    number: int
    state: QueueState
    ahead: int | None
    desk: str | None
    late: bool


class VisitQueues:
    """Gives queue numbers and calls them."""

    def __init__(
        self,
        evidence: DeskEvidence,
        serving: QueueServing,
        figures: BookingFigures,
        once: Once,
        clock: Clock,
    ) -> None:
        self._evidence = evidence
        self._serving = serving
        self._early = timedelta(minutes=figures.check_in_minutes)
        self._once = once
        self._clock = clock

    def opens_at(self, booking: BookingView) -> datetime | None:
        """Return from when a booking can be checked in for; None where it has no queue."""
        queued = booking.kind is SlotKind.APPOINTMENT
        return booking.starts_at - self._early if queued else None

    async def own_place(self, booking: BookingView) -> OwnPlace | None:
        """Return the place that a booking has in its queue, on the day itself."""
        now, queue = self._clock.now(), booking.queue
        if queue is None or local_day(now) != local_day(booking.starts_at):
            return None
        state = QueueState(queue["state"])
        ahead = await queueing.before(queue) if state is QueueState.WAITING else None
        return OwnPlace(queue["number"], state, ahead, queue.get("desk"), queue["late"])

    async def check_in(self, asking: Asking, key: str, booking_id: str) -> BookingView | Refusal:
        """Check in for one's own appointment; done again it is the same number."""
        if not is_booking_id(booking_id):
            return booking_refusals.BOOKING_UNKNOWN
        own = {"_id": booking_id, "resident_id": asking.resident_id}

        async def act(session: Session) -> Answer | Refusal:
            row = await PlaceBooking.get_pymongo_collection().find_one(own, session=session)
            if row is None:
                return booking_refusals.BOOKING_UNKNOWN
            now = self._clock.now()
            refused = await self._enter(row, CheckInWay.APP, now, session)
            deed = deeds.of_booker("bookings.checked_in", asking.resident_id, now, asking.origin)
            return refused or await record_act(deed, asking.acting, session) or {}

        request = {"act": "check in", "booking": booking_id, "resident": asking.resident_id}
        done = await self._perform(asking.thumbprint, key, request, act)
        return done if isinstance(done, Refusal) else await _seen(own)

    async def check_in_at_desk(
        self,
        caller: Caller | None,
        key: str,
        venue: int,
        code: str | None,
        identification_code: str | None,
    ) -> QueueNumber | Refusal:
        """Check in whoever shows a card or code for the first of their appointments here today."""
        refused = may_at(caller, Act.VISIT_QUEUE_SERVE, (venue,))
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by = caller
        request = {
            "act": "check in at desk",
            "venue": str(venue),
            "shown": code or identification_code or "",
        }
        kept = await self._once.answered(caller=by.actor.id, key=key, request=request)
        if kept is not None:
            return await told(kept)
        shown = await self._evidence.at_desk(code, identification_code)
        if isinstance(shown, Refusal):
            return shown

        async def act(session: Session) -> Answer | Refusal:
            now = self._clock.now()
            row = await self._first_today(shown.resident_id, venue, now, session)
            if isinstance(row, Refusal):
                return row
            refused = await self._enter(row, CheckInWay.DESK, now, session)
            refused = refused or await shown.use(session)
            if refused is not None:
                return refused
            whose = shown.resident_id
            deed = deeds.of_staff(by, "bookings.checked_in", deeds.CHECKED_IN, whose, now)
            await audit.record(deed, session)
            return {"booking": row["_id"]}

        return await told(await self._perform(by.actor.id, key, request, act))

    async def of_day(
        self, caller: Caller | None, venue: int, plan: str
    ) -> list[QueueNumber] | Refusal:
        """Return today's queue of a department: who is called, who missed it, who waits."""
        refused = may_at(caller, Act.VISIT_QUEUE_SERVE, (venue,))
        return refused or await self._serving.of_day(venue, plan)

    async def call(
        self,
        caller: Caller | None,
        key: str,
        venue: int,
        plan: str,
        desk: str,
        number: int | None = None,
    ) -> QueueNumber | Refusal:
        """Call the next who waits to a desk 叫号, or a number that missed its call or did not hear.

        Whoever was called to that desk before has been seen. The called hear of it on their own
        channel, and so do those before whom two are called, or fewer.
        """
        by = _by(caller, venue)
        if isinstance(by, Refusal):
            return by
        return await self._serving.call(by, key, venue, plan, desk, number)

    async def settle(
        self,
        caller: Caller | None,
        key: str,
        venue: int,
        plan: str,
        number: int,
        settlement: Settlement,
    ) -> QueueNumber | Refusal:
        """Say that a number was seen, missed its call, or is back after it did."""
        by = _by(caller, venue)
        if isinstance(by, Refusal):
            return by
        return await self._serving.settle(by, key, venue, plan, number, settlement)

    async def _first_today(
        self, resident_id: str, venue: int, now: datetime, session: Session
    ) -> Row | Refusal:
        """Return the appointment to check in for: the first that waits for it, else why none."""
        midnight = datetime.combine(local_day(now), time(), LOCAL_ZONE)
        wanted = {
            "resident_id": resident_id,
            "starts_at": {"$gte": midnight, "$lt": midnight + timedelta(days=1)},
            "venue": venue,
            "kind": SlotKind.APPOINTMENT.value,
        }
        found = PlaceBooking.get_pymongo_collection().find(wanted, session=session)
        rows = await found.sort([("starts_at", 1), ("_id", 1)]).limit(_MOST_A_DAY).to_list()
        refusals = [refusal_to_check_in(visit_in(row), self._early, now) for row in rows]
        good = [row for row, why in zip(rows, refusals, strict=True) if why is None]
        if good:
            first: Row = min(good, key=lambda row: "queue" in row)
            return first
        return next((why for why in refusals if why is not None), no.NOTHING_TODAY)

    async def _enter(
        self, row: Row, way: CheckInWay, now: datetime, session: Session
    ) -> Refusal | None:
        """Put a booking into its queue, unless it is there."""
        visit = visit_in(row)
        refused = refusal_to_check_in(visit, self._early, now)
        if refused is not None or visit.queue in {QueueState.WAITING, QueueState.CALLED}:
            return refused
        places = await queueing.places_for([Arrival(row, now, way)], session)
        change: dict[str, Any] = {"queue": places[row["_id"]]}
        if visit.state is BookingState.NO_SHOW:  # its slot was over before they came
            change["state"] = BookingState.ATTENDED.value
        bookings = PlaceBooking.get_pymongo_collection()
        await bookings.update_one({"_id": row["_id"]}, {"$set": change}, session=session)
        return None

    async def _perform(
        self,
        who: str,
        key: str,
        request: Mapping[str, str],
        act: Callable[[Session], Awaitable[Answer | Refusal]],
    ) -> Answer | Refusal:
        now = self._clock.now()
        return await self._once.perform(caller=who, key=key, request=request, now=now, act=act)


async def _seen(own: Row) -> BookingView | Refusal:
    row = await PlaceBooking.get_pymongo_collection().find_one(own)
    return booking_refusals.BOOKING_UNKNOWN if row is None else view(row)


def _by(caller: Caller | None, venue: int) -> Serving | Refusal:
    """Return who serves a venue's queues by their sign-in, or why they may not."""
    refused = may_at(caller, Act.VISIT_QUEUE_SERVE, (venue,))
    if caller is None or refused is not None:
        return refused or SIGN_IN_NEEDED
    system = System.COUNTER if caller.staff_id else System.BATCH
    return Serving(caller.actor, caller.actor.id, caller.organisation, system)
