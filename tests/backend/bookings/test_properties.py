"""Whatever people do in whatever order: places are conserved, and nobody waits who would fit."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from backend.bookings.documents import Booker, PlaceBooking, Slot
from backend.bookings.rules import AHEAD, BookingState, SlotState
from backend.bookings.service import BookingView
from backend.bookings.slots import ShownSlot
from backend.bookings.sweeps import discrepancies
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.bookings.hall import STAFF, VENUE, Hall, person, plan
from tests.support.soak import SOAK

BOUNDED = settings(
    max_examples=400 if SOAK else 8,
    stateful_step_count=30 if SOAK else 10,
    deadline=None,
    database=None,
    derandomize=not SOAK,
    suppress_health_check=list(HealthCheck),
)
COLLECTIONS = ("slots", "bookings", "bookers", "booking_notices", "audit_rows", "kept_answers")
Run = Callable[[Awaitable[Any]], Any]
WHO = st.integers(0, 4)
PICK = st.integers(0, 30)
PLACES = st.integers(1, 4)
WHY = LocalizedText("检修", "Repairs")


@pytest.fixture
async def run() -> Run:
    """Runs a coroutine on the tests' loop from a test that is none itself, as generators need."""
    return asyncio.get_running_loop().run_until_complete


@dataclass
class World:
    hall: Hall
    run: Run


class People(RuleBasedStateMachine):
    """Five people, two slots of four places, and time."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.slots: list[ShownSlot] = []
        self.made: list[tuple[int, BookingView]] = []

    @initialize()
    def open(self) -> None:
        for name in COLLECTIONS:
            self.world.run(self.world.hall.house.store.database[name].delete_many({}))
        small = plan(capacity=4, length_minutes=240, cancel_minutes=600)
        self.slots = self.world.run(self.world.hall.open(small))
        self.made = []

    @rule(who=WHO, pick=PICK, quantity=PLACES, waits=st.booleans())
    def book(self, who: int, pick: int, quantity: int, waits: bool) -> None:
        slot = self.slots[pick % len(self.slots)]
        made = self.world.run(self.world.hall.book(who, slot, quantity, waits=waits))
        if isinstance(made, BookingView):
            self.made.append((who, made))

    @rule(pick=PICK)
    def confirm(self, pick: int) -> None:
        for who, one in self._one(pick):
            self.world.run(self.world.hall.bookings.confirm(person(who), new_key(), one.booking_id))

    @rule(pick=PICK, waiting_only=st.booleans())
    def cancel(self, pick: int, waiting_only: bool) -> None:
        for who, one in self._one(pick):
            self.world.run(
                self.world.hall.bookings.cancel(
                    person(who), new_key(), one.booking_id, waiting_only=waiting_only
                )
            )

    @rule(pick=PICK, to=PICK)
    def move(self, pick: int, to: int) -> None:
        slot = self.slots[to % len(self.slots)].facts.slot_id
        for who, one in self._one(pick):
            self.world.run(
                self.world.hall.bookings.move(person(who), new_key(), one.booking_id, slot)
            )

    @rule(minutes=st.sampled_from([1, 14, 16, 59, 61, 600]))
    def let_time_pass(self, minutes: int) -> None:
        self.world.hall.clock.advance(minutes * 60)

    @rule()
    def sweep(self) -> None:
        self.world.run(self.world.hall.sweeps.sweep())

    @rule(pick=PICK)
    def close(self, pick: int) -> None:
        start = self.slots[pick % len(self.slots)].facts.starts_at
        self.world.run(
            self.world.hall.hours.close_slots(
                STAFF, new_key(), VENUE, start, start + timedelta(minutes=1), WHY
            )
        )

    @invariant()
    def every_place_is_somebodys_or_free(self) -> None:
        assert self.world.run(discrepancies(5)) == []

    @invariant()
    def what_people_have_ahead_is_what_they_booked(self) -> None:
        assert self.world.run(_ahead(self.world.hall)) == self.world.run(_booked(self.world.hall))

    @invariant()
    def nobody_waits_who_would_fit(self) -> None:
        assert self.world.run(_left_waiting(self.world.hall)) == []

    def _one(self, pick: int) -> list[tuple[int, BookingView]]:
        return [self.made[pick % len(self.made)]] if self.made else []


@pytest.mark.soak
def test_places_are_conserved_whatever_people_do(run: Run, hall: Hall) -> None:
    bound = type("BoundPeople", (People,), {"world": World(hall, run)})
    run_state_machine_as_test(bound, settings=BOUNDED)


async def _ahead(hall: Hall) -> set[tuple[str, str]]:
    now, bookers = hall.clock.now(), Booker.get_pymongo_collection().find({})
    return {
        (row["_id"], one["booking"])
        async for row in bookers
        for one in row["ahead"]
        if one["ends_at"] > now
    }


async def _booked(hall: Hall) -> set[tuple[str, str]]:
    wanted = {"state": {"$in": sorted(AHEAD)}, "ends_at": {"$gt": hall.clock.now()}}
    found = PlaceBooking.get_pymongo_collection().find(wanted)
    return {(row["resident_id"], row["_id"]) async for row in found}


async def _left_waiting(hall: Hall) -> list[str]:
    now = hall.clock.now()
    open_ones = {"state": SlotState.OPEN.value, "closes_at": {"$gt": now}, "free": {"$gt": 0}}
    left: list[str] = []
    async for slot in Slot.get_pymongo_collection().find(open_ones):
        waiting = {
            "slot": slot["_id"],
            "state": BookingState.WAITING.value,
            "quantity": {"$lte": slot["free"]},
        }
        found = PlaceBooking.get_pymongo_collection().find(waiting)
        left += [row["_id"] async for row in found]
    return left
