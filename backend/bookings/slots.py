"""Finding slots: of a venue, in a range of days, with room for so many; and the next with room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from backend.bookings import refusals as no
from backend.bookings.documents import Slot, SlotPlan
from backend.bookings.rules import SlotFacts, SlotKind, SlotState
from backend.foundation.refusals import Refusal
from shared.clock import LOCAL_ZONE, Clock
from shared.localized_text import LocalizedText

MOST_DAYS = 31
MOST_SLOTS = 2_000
"""Slots of one answer at most: a venue with 20 plans shows a few days at a time."""
_MOST_PLACES = 100_000
_DAY = timedelta(days=1)
DECIDING = {
    "venue": 1,
    "kind": 1,
    "starts_at": 1,
    "ends_at": 1,
    "closes_at": 1,
    "cancel_by": 1,
    "state": 1,
    "free": 1,
    "waiting": 1,
    "limit": 1,
}
_SHOWN = {**DECIDING, "plan": 1, "area": 1, "capacity": 1, "taken": 1}


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """A slot as people choose it; `title` is what it is of."""

    facts: SlotFacts
    plan: str
    area: str
    capacity: int
    taken: int


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """What the slots of a plan are of, and in which area of the venue."""

    title: LocalizedText
    area: str


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """Which slots: those that start on the local days `first` to `last`, both included."""

    venue: int
    first: date
    last: date
    quantity: int | None = None


class Slots:
    """Reads slots."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def search(self, wanted: SlotSearch) -> list[ShownSlot] | Refusal:
        """Return the open slots, in the order of their start; with `quantity` those with room."""
        if not 0 <= (wanted.last - wanted.first).days < MOST_DAYS or wanted.last > _LAST_DAY:
            return no.DAYS_FORM
        if wanted.quantity is not None and not 1 <= wanted.quantity <= _MOST_PLACES:
            return no.QUANTITY_FORM
        asked: dict[str, Any] = {
            "venue": wanted.venue,
            "starts_at": {"$gte": _midnight(wanted.first), "$lt": _midnight(wanted.last + _DAY)},
            "state": SlotState.OPEN,
        }
        if wanted.quantity is not None:
            asked["free"] = {"$gte": wanted.quantity}
        found = Slot.get_pymongo_collection().find(asked, _SHOWN).sort("starts_at", 1)
        rows = await found.limit(MOST_SLOTS).to_list()
        return [shown(row) for row in rows]

    async def places(self, plans: Sequence[str]) -> list[SlotPlace | None]:
        """Return what slots are of and where, by their plans, in one read."""
        found = SlotPlan.get_pymongo_collection().find(
            {"_id": {"$in": list(plans)}}, {"title": 1, "area": 1}
        )
        by_plan = {
            row["_id"]: SlotPlace(LocalizedText(**row["title"]), row["area"]) async for row in found
        }
        return [by_plan.get(plan) for plan in plans]

    async def next_with_room(self, like: SlotFacts, quantity: int) -> ShownSlot | None:
        """Return the next slot after `like`, of its venue and kind, with so many places."""
        found = await Slot.get_pymongo_collection().find_one(
            {
                "venue": like.venue,
                "starts_at": {"$gt": max(like.starts_at, self._clock.now())},
                "free": {"$gte": quantity},
                "kind": like.kind,
                "state": SlotState.OPEN,
                "closes_at": {"$gt": self._clock.now()},
            },
            _SHOWN,
            sort=[("starts_at", 1)],
        )
        return None if found is None else shown(found)


def facts_of(row: Mapping[str, Any]) -> SlotFacts:
    """Return what of a stored slot decides."""
    return SlotFacts(
        slot_id=row["_id"],
        venue=row["venue"],
        kind=SlotKind(row["kind"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        closes_at=row["closes_at"],
        cancel_by=row["cancel_by"],
        state=SlotState(row["state"]),
        free=row["free"],
        waiting=row["waiting"],
        limit=row["limit"],
    )


def shown(row: Mapping[str, Any]) -> ShownSlot:
    """Return a stored slot as people choose it."""
    return ShownSlot(facts_of(row), row["plan"], row["area"], row["capacity"], row["taken"])


_LAST_DAY = date(9000, 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)
