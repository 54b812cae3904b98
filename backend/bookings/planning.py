"""Making slots ahead of time from plans and opening calendars; closing those that no longer fit.

A slot's id is made of its plan and start, so that making it again finds it made. A sweep takes the
plans that are due, some at a time, with one read of their venues; killed, it goes on where it was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from backend.bookings import refusals as no
from backend.bookings.documents import Slot, SlotPlan
from backend.bookings.plan_changes import align
from backend.bookings.rules import SlotKind, SlotState
from backend.figures import BookingFigures
from backend.foundation.kept_running import attempt, batches, rounds
from backend.foundation.mongo import BulkWriteError, Session, UpdateOne
from backend.foundation.refusals import Refusal
from backend.venues.calendars import Calendars
from shared.admission.opening import OpeningCalendar
from shared.clock import LOCAL_ZONE, Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

SECONDS = 30.0
PLANS_AT_ONCE = 50
SLOTS_AT_ONCE = 5_000
_DUPLICATE_KEY = 11000
_DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan of slots.

    Slots of `length_minutes` follow one another in the opening hours, within `windows` (minutes of
    the local day) where there are any. `limit` is how many places one person may book; booking ends
    `closes_minutes` before the start (a negative number: after it), cancelling is free until
    `cancel_minutes` before it. Slots of another `generation` are other slots, though they begin at
    the same time: a plan has the next one where their length changed.
    """

    venue: int
    code: str
    area: str
    kind: SlotKind
    title: LocalizedText
    length_minutes: int
    capacity: int
    limit: int = 5
    windows: tuple[tuple[int, int], ...] = ()
    closes_minutes: int = 0
    cancel_minutes: int = 120
    generation: int = 0

    @property
    def plan_id(self) -> str:
        """What slots and bookings call it."""
        return f"{self.venue}.{self.code}"


class SlotPlanning:
    """Keeps slots in step with plans and calendars."""

    def __init__(self, calendars: Calendars, figures: BookingFigures, clock: Clock) -> None:
        self._calendars = calendars
        self._figures = figures
        self._clock = clock

    async def keep_planned(self) -> None:
        """Keep slots and the times venues are open made ahead, for ever; failures are retried."""
        await rounds(self.bring_up_to_date, SECONDS)

    async def bring_up_to_date(self) -> bool:
        """Make what is due; tell whether anything was."""
        done, busy = False, True
        while busy:
            renewed, planned = await self._calendars.renew_spans(), await self.plan_ahead()
            busy = bool(renewed or planned)
            done = done or busy
        return done

    async def put(self, plans: Sequence[PlanFacts]) -> Refusal | None:
        """Add plans or change them; slots that are there keep their places."""
        if not all(map(fits, plans)):
            return no.PLAN_FORM
        changes = [
            UpdateOne(
                {"_id": plan.plan_id},
                {
                    "$set": {**stored_plan(plan), "planned_until": None},
                    "$inc": {"revision": 1},
                },
                upsert=True,
            )
            for plan in plans
        ]
        if changes:
            await SlotPlan.get_pymongo_collection().bulk_write(changes, ordered=False)
        return None

    async def plan_ahead(self) -> int:
        """Make the slots of plans that are due; return how many plans were brought up to date."""
        today = local_day(self._clock.now())
        until = today + (self._figures.days_ahead - 1) * _DAY
        plans, done = SlotPlan.get_pymongo_collection(), 0
        for wanted in ({"planned_until": None}, {"planned_until": {"$lt": until.isoformat()}}):
            due = plans.find(wanted, batch_size=PLANS_AT_ONCE)
            async for rows in batches(due, PLANS_AT_ONCE):
                done += await self._plan(rows, today, until)
        return done

    async def _plan(self, rows: Sequence[Row], today: date, until: date) -> int:
        """Bring some plans up to date; one that cannot be is left as it is."""
        calendars = await self._calendars.of_venues({row["venue"] for row in rows})

        async def one(row: Row) -> UpdateOne:
            calendar = calendars.get(row["venue"])
            if calendar is not None:
                await self._bring_up(row, calendar, today, until)
            return _planned(row, until)

        planned = [done for row in rows if (done := await attempt(one, row)) is not None]
        if planned:
            await SlotPlan.get_pymongo_collection().bulk_write(planned, ordered=False)
        return len(planned)

    async def _bring_up(
        self, row: Row, calendar: OpeningCalendar, today: date, until: date
    ) -> None:
        """Make the slots of one plan; on a change of plan or calendar, close what is no more."""
        now, plan = self._clock.now(), plan_of(row)
        planned = row["planned_until"]
        first = today if planned is None else max(today, date.fromisoformat(planned) + _DAY)
        days = [first + count * _DAY for count in range((until - first).days + 1)]
        wanted = {
            slot["_id"]: slot
            for day in days
            for slot in (() if row.get("ended", False) else slots_of(plan, calendar, day))
            if slot["closes_at"] > now
        }
        if planned is None:
            ahead = {"plan": plan.plan_id, "starts_at": {"$gt": now}}
            found = Slot.get_pymongo_collection().find(ahead, {"state": 1})
            known = {slot["_id"]: slot["state"] async for slot in found}
            gone = [one for one in known if one not in wanted and known[one] == SlotState.OPEN]
            if gone:
                await close_slots(
                    {"_id": {"$in": gone}, "state": SlotState.OPEN.value}, _NO_LONGER_OPEN
                )
            again = [one for one in wanted if known.get(one) == SlotState.CLOSED]
            await _open_again(again)
            kept = [one for one in wanted if known.get(one) == SlotState.OPEN]
            await align([*kept, *again], row, self._figures, now)
            wanted = {one: slot for one, slot in wanted.items() if one not in known}
        await insert_slots(wanted.values())


async def _open_again(slot_ids: Sequence[str]) -> None:
    """Open slots that a change closed and a later one brought back; staff's own closures stay."""
    if slot_ids:
        by_change = {"zh": _NO_LONGER_OPEN.zh, "en": _NO_LONGER_OPEN.en}
        await Slot.get_pymongo_collection().update_many(
            {"_id": {"$in": list(slot_ids)}, "state": SlotState.CLOSED.value, "why": by_change},
            {"$set": {"state": SlotState.OPEN.value}, "$unset": {"why": ""}},
        )


_NO_LONGER_OPEN = LocalizedText("开放时间调整", "opening hours changed")


def slots_of(plan: PlanFacts, calendar: OpeningCalendar, day: date) -> Iterator[dict[str, Any]]:
    """Yield the slots of a plan that begin on a local day, as they are stored."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)
    windows = plan.windows or ((0, 2 * _DAY_MINUTES),)
    length = timedelta(minutes=plan.length_minutes)
    for opening in calendar.spans(day):
        for start_minute, end_minute in windows:
            start = max(opening.start, midnight + timedelta(minutes=start_minute))
            end = min(opening.end, midnight + timedelta(minutes=end_minute))
            while start + length <= end:
                yield _slot(plan, start, start + length)
                start += length


async def insert_slots(slots: Iterable[dict[str, Any]]) -> None:
    """Store slots; those that are there stay as they are."""
    rows = list(slots)
    for begin in range(0, len(rows), SLOTS_AT_ONCE):
        try:
            await Slot.get_pymongo_collection().insert_many(
                rows[begin : begin + SLOTS_AT_ONCE], ordered=False
            )
        except BulkWriteError as error:
            failures = (error.details or {}).get("writeErrors", [])
            if any(failure["code"] != _DUPLICATE_KEY for failure in failures):
                raise


def plan_of(row: Row) -> PlanFacts:
    """Return a stored plan."""
    return PlanFacts(
        venue=row["venue"],
        code=row["code"],
        area=row["area"],
        kind=SlotKind(row["kind"]),
        title=LocalizedText(**row["title"]),
        length_minutes=row["length_minutes"],
        capacity=row["capacity"],
        limit=row["limit"],
        windows=tuple((start, end) for start, end in row["windows"]),
        closes_minutes=row["closes_minutes"],
        cancel_minutes=row["cancel_minutes"],
        generation=row.get("generation", 0),
    )


def _slot(plan: PlanFacts, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    again = f"g{plan.generation}" if plan.generation else ""
    return {
        "_id": f"{plan.plan_id}.{starts_at.astimezone(LOCAL_ZONE):%Y%m%d%H%M}{again}",
        "plan": plan.plan_id,
        "venue": plan.venue,
        "area": plan.area,
        "kind": plan.kind.value,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "closes_at": starts_at - timedelta(minutes=plan.closes_minutes),
        "cancel_by": starts_at - timedelta(minutes=plan.cancel_minutes),
        "capacity": plan.capacity,
        "limit": plan.limit,
        "state": SlotState.OPEN.value,
        "free": plan.capacity,
        "taken": 0,
        "waiting": 0,
        "turns": 0,
    }


@dataclass(frozen=True, slots=True)
class EndingSlots:
    """Slots that a venue's changed calendar knows no more, and the booked places among them."""

    slots: tuple[str, ...]
    places: int

    async def close(self, session: Session) -> None:
        """Begin to close them: from this transaction on nobody books them."""
        if self.slots:
            ending = {"_id": {"$in": list(self.slots)}, "state": SlotState.OPEN.value}
            await close_slots(ending, _NO_LONGER_OPEN, session)


async def slots_ending(
    venue: int, calendar: OpeningCalendar, now: datetime, session: Session
) -> EndingSlots:
    """Return the open slots ahead that a venue would lose under a calendar."""
    found = SlotPlan.get_pymongo_collection().find(
        {"venue": venue, "ended": {"$ne": True}}, session=session
    )
    plans = {row["_id"]: plan_of(row) async for row in found}
    return await _ending({"venue": venue}, plans, calendar, now, session)


async def plan_slots_ending(
    plan_id: str,
    plan: PlanFacts | None,
    calendar: OpeningCalendar,
    now: datetime,
    session: Session,
) -> EndingSlots:
    """Return the open slots ahead that a plan would lose if it became `plan`, None: if it ended."""
    plans = {} if plan is None else {plan_id: plan}
    return await _ending({"plan": plan_id}, plans, calendar, now, session)


async def _ending(
    whose: Row,
    plans: Mapping[str, PlanFacts],
    calendar: OpeningCalendar,
    now: datetime,
    session: Session,
) -> EndingSlots:
    ahead = {**whose, "starts_at": {"$gt": now}, "state": SlotState.OPEN.value}
    found = Slot.get_pymongo_collection().find(
        ahead, {"plan": 1, "starts_at": 1, "taken": 1}, session=session
    )
    open_slots = [row async for row in found]
    days = {(row["plan"], local_day(row["starts_at"])) for row in open_slots}
    # A slot after midnight belongs to the day before where the venue closes late.
    near = {(name, day - back) for name, day in days for back in (timedelta(0), _DAY)}
    kept = {
        slot["_id"]
        for name, day in near
        if name in plans
        for slot in slots_of(plans[name], calendar, day)
    }
    ending = [row for row in open_slots if row["_id"] not in kept]
    return EndingSlots(tuple(row["_id"] for row in ending), sum(row["taken"] for row in ending))


async def close_slots(wanted: Row, why: LocalizedText, session: Session | None = None) -> int:
    """Begin to close slots; return how many. The sweep ends what is booked of them."""
    done = await Slot.get_pymongo_collection().update_many(
        wanted,
        {"$set": {"state": SlotState.CLOSING.value, "why": {"zh": why.zh, "en": why.en}}},
        session=session,
    )
    return done.modified_count


def stored_plan(plan: PlanFacts) -> dict[str, Any]:
    """Return a plan as it is stored."""
    return {
        "venue": plan.venue,
        "code": plan.code,
        "area": plan.area,
        "kind": plan.kind.value,
        "title": {"zh": plan.title.zh, "en": plan.title.en},
        "length_minutes": plan.length_minutes,
        "capacity": plan.capacity,
        "limit": plan.limit,
        "windows": [list(window) for window in plan.windows],
        "closes_minutes": plan.closes_minutes,
        "cancel_minutes": plan.cancel_minutes,
        "generation": plan.generation,
    }


def _planned(row: Row, until: date) -> UpdateOne:
    """Return the write that a plan is up to date, unless it changed meanwhile."""
    return UpdateOne(
        {"_id": row["_id"], "revision": row["revision"]},
        {"$set": {"planned_until": until.isoformat()}},
    )


def fits(plan: PlanFacts) -> bool:
    """Tell whether slots can be made by a plan."""
    ordered = all(0 <= start < end <= 2 * _DAY_MINUTES for start, end in plan.windows)
    return (
        ordered
        and 5 <= plan.length_minutes <= _DAY_MINUTES
        and 1 <= plan.limit <= plan.capacity <= 100_000
        and plan.code.isascii()
        and plan.code.isalnum()
        and plan.closes_minutes < 31 * _DAY_MINUTES
        and plan.closes_minutes > -plan.length_minutes
    )
