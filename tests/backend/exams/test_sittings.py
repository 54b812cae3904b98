"""Booked slots of examinations and sessions that are registered for: never both at once."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from backend.app import House
from backend.bookings.rules import SlotKind
from backend.bookings.service import Bookings, BookingView
from backend.bookings.slots import ShownSlot
from backend.cards.asking import Asking
from backend.exams import registration, rules
from backend.exams.registration import ExamRegistrations
from backend.exams.seating import ExamSeating
from backend.exams.sittings import ExamSittings
from backend.residents.documents import Resident
from shared.clock import ManualClock
from tests.backend.actors import City, new_key
from tests.backend.bookings.hall import Hall, code, plan
from tests.backend.exams.hall import OFFICER, open_session
from tests.backend.exams.test_registration import people


@pytest.fixture
async def slots(house: House, clock: ManualClock) -> list[ShownSlot]:
    """Tomorrow's slots of an examination, an hour each."""
    exam = plan(kind=SlotKind.EXAM, limit=1)
    return await Hall(house, clock).open(exam, needs_booking=False)


@pytest.fixture
async def who(city: City) -> Asking:
    [one] = await people(city, 1)
    return one


async def held_at(house: House, clock: ManualClock, name: str, slot: ShownSlot) -> None:
    """Open a session at the time of a slot."""
    times = {"starts_at": slot.facts.starts_at, "ends_at": slot.facts.ends_at}
    await open_session(house, clock, name, held=times)


async def book(house: House, who: Asking, slot: ShownSlot) -> Any:
    return await house.services[Bookings].place(who, new_key(), slot.facts.slot_id, 1)


async def test_neither_is_had_at_the_time_of_the_other(
    house: House, clock: ManualClock, slots: Sequence[ShownSlot], who: Asking
) -> None:
    bookings, desk = house.services[Bookings], house.services[ExamRegistrations]
    await held_at(house, clock, "early", slots[1])
    await held_at(house, clock, "late", slots[3])
    assert code(await desk.register(who, new_key(), "early")) == "Opening"

    assert code(await book(house, who, slots[1])) == "booking_exam_then"
    beside = await book(house, who, slots[2])  # begins as the session ends
    assert isinstance(beside, BookingView)
    await bookings.confirm(who, new_key(), beside.booking_id)
    moved = await bookings.move(who, new_key(), beside.booking_id, slots[1].facts.slot_id)
    assert code(moved) == "booking_exam_then"
    there = await bookings.move(who, new_key(), beside.booking_id, slots[3].facts.slot_id)
    assert isinstance(there, BookingView)

    assert code(await desk.register(who, new_key(), "late")) == "exam_booked_then"
    told = {one.session.code: code(one.refused) for one in await desk.openings(who)}
    assert told == {"early": "exam_registered", "late": "exam_booked_then"}
    giving = house.services[ExamSeating]
    assert await giving.assign(OFFICER, new_key(), "late", who.resident_id, 1) == rules.CLASH
    await bookings.cancel(who, new_key(), there.booking_id)
    assert code(await desk.register(who, new_key(), "late")) == "Opening"
    assert code(await desk.withdraw(who, new_key(), "early")) == "Opening"
    assert code(await book(house, who, slots[1])) == "BookingView"
    seat = await giving.assign(OFFICER, new_key(), "late", who.resident_id, 1)
    assert (code(seat), code(await book(house, who, slots[3]))) == ("SeatView", "booking_exam_then")


@pytest.mark.parametrize("merged", [True, False])
async def test_what_another_record_of_the_person_says_counts_too(
    city: City, house: House, clock: ManualClock, slots: Sequence[ShownSlot], merged: bool
) -> None:
    kept, other = await people(city, 2)
    await held_at(house, clock, "one", slots[1])
    await held_at(house, clock, "two", slots[3])
    desk, giving = house.services[ExamRegistrations], house.services[ExamSeating]
    assert code(await desk.register(other, new_key(), "one")) == "Opening"
    assert code(await book(house, other, slots[3])) == "BookingView"
    if merged:
        await Resident.get_pymongo_collection().update_one(
            {"_id": other.resident_id}, {"$set": {"merged_into": kept.resident_id}}
        )

    assert code(await book(house, kept, slots[1])) == (
        "booking_exam_then" if merged else "BookingView"
    )
    seat = await giving.assign(OFFICER, new_key(), "two", kept.resident_id, 1)
    assert code(seat) == ("exam_clash" if merged else "SeatView")
    if merged:
        assert code(await desk.register(kept, new_key(), "two")) == "exam_booked_then"
        assert code(await desk.register(kept, new_key(), "one")) == "exam_registered"


@pytest.mark.parametrize("locked", [True, False])
async def test_of_both_at_once_somebody_has_one(
    house: House,
    clock: ManualClock,
    slots: Sequence[ShownSlot],
    who: Asking,
    locked: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: without the write that both make, each goes by what it read before."""
    await held_at(house, clock, "then", slots[1])
    read, waiting, go = ExamSittings.not_over, asyncio.Event(), asyncio.Event()

    async def slowly(self: ExamSittings, *asked: Any) -> Any:
        found = await read(self, *asked)
        waiting.set()
        await go.wait()
        return found

    async def unlocked(*_: Any) -> None:
        """Lock nothing."""

    monkeypatch.setattr(ExamSittings, "not_over", slowly)
    if not locked:
        monkeypatch.setattr(registration, "hold_person", unlocked)
    booking = asyncio.create_task(book(house, who, slots[1]))
    await waiting.wait()  # the booking was judged by what it read, and is not written
    desk = house.services[ExamRegistrations]
    assert code(await desk.register(who, new_key(), "then")) == "Opening"
    go.set()
    assert code(await booking) == ("booking_exam_then" if locked else "BookingView")
