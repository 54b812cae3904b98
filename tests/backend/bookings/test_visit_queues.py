"""Queue numbers 排队号: given once, called once, in order, never saying whose they are (S39)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from backend.bookings.commands import seed_ganzhou
from backend.bookings.documents import VisitQueue
from backend.bookings.entries import BookingEntries
from backend.bookings.queue_rules import QueueState, Settlement
from backend.bookings.queue_serving import QueueNumber
from backend.bookings.rules import SlotKind
from backend.bookings.service import BookingView
from backend.bookings.slots import ShownSlot, Slots, SlotSearch
from backend.bookings.visit_queues import OwnPlace, VisitQueues
from backend.demo_city import IDENTIFICATION_CODE, VENUES
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow, in_one_write
from backend.foundation.entitlements import Entry
from backend.foundation.permissions import NOT_PERMITTED, OTHER_VENUE
from backend.foundation.refusals import Refusal
from backend.venues.ganzhou import HOSPITAL
from backend.venues.service import Venues
from shared.admission.circumstances import Circumstances, HeldBooking
from shared.admission.evidence import Evidence, Medium
from shared.admission.rules import decide
from shared.clock import LOCAL_ZONE
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from tests.backend.actors import new_key
from tests.backend.assertions.test_assertions import Person, person
from tests.backend.bookings.hall import DAY, STAFF, VENUE, Hall, code, plan
from tests.backend.bookings.hall import person as asking

__all__ = ["person"]
CLINIC = plan(
    code="medicine", kind=SlotKind.APPOINTMENT, length_minutes=30, capacity=6, limit=1,
    cancel_minutes=10,
)  # fmt: skip
QUARTER = timedelta(minutes=15)


@pytest.fixture
def queues(hall: Hall) -> VisitQueues:
    return hall.house.services[VisitQueues]


async def _came(queues: VisitQueues, who: int | str, booking: BookingView, key: str = "") -> int:
    """Check in in the app; return the number."""
    done = await queues.check_in(asking(who), key or new_key(), booking.booking_id)
    assert isinstance(done, BookingView), done
    return (await _own(queues, done)).number


async def _own(queues: VisitQueues, booking: BookingView) -> OwnPlace:
    place = await queues.own_place(booking)
    assert place is not None
    return place


async def _next(queues: VisitQueues, desk: str = "1诊室", number: int | None = None) -> int:
    """Call; return the number that was called, 0 where there was none."""
    done = await queues.call(STAFF, new_key(), VENUE, "medicine", desk, number)
    return done.number if isinstance(done, QueueNumber) else 0


async def _say(queues: VisitQueues, number: int, what: Settlement) -> object:
    return await queues.settle(STAFF, new_key(), VENUE, "medicine", number, what)


async def _booked(hall: Hall, slots: Sequence[ShownSlot], *who: str) -> dict[str, BookingView]:
    """Book the first slot for each, and go to a quarter of an hour before it."""
    booked = {one: await hall.booked(one, slots[0]) for one in who}
    hall.until(slots[0].facts.starts_at - QUARTER)
    return booked


@pytest.mark.feature("S39")
async def test_a_number_is_given_once_and_tells_how_many_are_before_it(
    hall: Hall, queues: VisitQueues
) -> None:
    booked = await _booked(hall, await hall.open(CLINIC), "a", "b")
    key = new_key()

    assert [await _came(queues, "a", booked["a"], key) for _ in range(3)] == [1, 1, 1]
    assert await _came(queues, "a", booked["a"]) == 1  # another request, the same number
    assert await _came(queues, "b", booked["b"]) == 2

    own = await hall.bookings.own("res_b", booked["b"].booking_id)
    assert isinstance(own, BookingView)
    assert await _own(queues, own) == OwnPlace(2, QueueState.WAITING, 1, None, late=False)
    assert await _next(queues) == 1
    assert (await _own(queues, own)).ahead == 0
    assert await _next(queues, "2诊室") == 2
    own = await hall.bookings.own("res_b", booked["b"].booking_id)
    assert isinstance(own, BookingView)
    assert await _own(queues, own) == OwnPlace(2, QueueState.CALLED, None, "2诊室", late=False)
    assert await _next(queues) == 0


async def test_nobody_checks_in_too_early_or_for_another(hall: Hall, queues: VisitQueues) -> None:
    slots = await hall.open(CLINIC)
    booking = await hall.booked("a", slots[0])
    early = await queues.check_in(asking("a"), new_key(), booking.booking_id)
    assert code(early) == "visit_too_early"
    assert queues.opens_at(booking) == booking.starts_at - timedelta(hours=1)

    hall.until(booking.starts_at)
    for who, which in (("b", booking.booking_id), ("a", "bkg_none"), ("a", "$where")):
        answer = await queues.check_in(asking(who), new_key(), which)
        assert code(answer) == "booking_unknown"
    assert await VisitQueue.get_pymongo_collection().count_documents({}) == 0


async def test_many_at_once_get_each_their_own_number_and_none_is_left_out(
    hall: Hall, queues: VisitQueues
) -> None:
    clinic = plan(code="medicine", kind=SlotKind.APPOINTMENT, capacity=40, limit=1)
    who = [f"p{one}" for one in range(10)]
    booked = await _booked(hall, await hall.open(clinic), *who)

    numbers = await asyncio.gather(*(_came(queues, one, booked[one]) for one in (*who, *who[:3])))

    assert sorted(numbers[:10]) == list(range(1, 11))
    assert numbers[10:] == numbers[:3]
    # The guard is that the count is raised where it stands: read first, several get one number.
    counts = VisitQueue.get_pymongo_collection()

    async def unguarded() -> int:
        given = (await counts.find_one({}) or {})["given"]
        await counts.update_one({}, {"$set": {"given": given + 1}})
        return int(given) + 1

    assert len(set(await asyncio.gather(*(unguarded() for _ in range(10))))) < 10


async def test_desks_that_call_at_once_never_call_the_same_number(
    hall: Hall, queues: VisitQueues
) -> None:
    who = ("a", "b", "c", "d", "e")
    booked = await _booked(hall, await hall.open(CLINIC), *who)
    for one in who:
        await _came(queues, one, booked[one])

    called = await asyncio.gather(*(_next(queues, f"{desk}诊室") for desk in range(1, 7)))

    assert sorted(called) == [0, 1, 2, 3, 4, 5]
    # Calling the next says that the one before was seen.
    assert code(await _say(queues, 1, Settlement.SEEN)) == "QueueNumber"
    assert code(await _say(queues, 1, Settlement.MISSED)) == "queue_number"


async def test_who_misses_a_call_comes_back_behind_those_whose_slot_has_begun(
    hall: Hall, queues: VisitQueues
) -> None:
    slots = await hall.open(CLINIC)
    later = await hall.booked("later", slots[1])
    booked = await _booked(hall, slots, "a", "b", "c")
    for one in ("a", "b", "c"):
        await _came(queues, one, booked[one])
    assert await _came(queues, "later", later) == 4

    assert await _next(queues) == 1
    assert code(await _say(queues, 1, Settlement.MISSED)) == "QueueNumber"
    assert await _next(queues) == 2
    hall.clock.advance(16 * 60)  # the first slot has begun
    assert code(await _say(queues, 1, Settlement.BACK)) == "QueueNumber"
    listed = await queues.of_day(STAFF, VENUE, "medicine")
    assert isinstance(listed, list)
    waiting = [(one.number, one.late) for one in listed if one.state is QueueState.WAITING]
    assert waiting == [(3, False), (1, True), (4, False)]
    assert [await _next(queues) for _ in range(4)] == [3, 1, 4, 0]


async def test_who_comes_when_the_slot_is_over_is_late_and_no_no_show(
    hall: Hall, queues: VisitQueues
) -> None:
    slots = await hall.open(CLINIC)
    third = await hall.booked("third", slots[2])
    booked = await _booked(hall, slots, "a", "gone")
    hall.until(slots[0].facts.ends_at + timedelta(minutes=5))
    await hall.sweeps.sweep()
    assert await hall.state("a", booked["a"]) == "NO_SHOW"
    await _came(queues, "third", third)

    late = await queues.check_in(asking("a"), new_key(), booked["a"].booking_id)

    assert isinstance(late, BookingView)
    assert late.state.value == "ATTENDED"
    assert (await _own(queues, late)).late
    assert [await _next(queues) for _ in range(2)] == [2, 1]  # before the slot that has not begun
    assert await hall.state("gone", booked["gone"]) == "NO_SHOW"


async def test_what_a_checked_in_booking_becomes(hall: Hall, queues: VisitQueues) -> None:
    slots = await hall.open(CLINIC)
    who = ("seen", "missed", "waits", "cancels")
    booked = await _booked(hall, slots, *who)
    for one in who:
        await _came(queues, one, booked[one])
    moved = await hall.bookings.move(
        asking("seen"), new_key(), booked["seen"].booking_id, slots[3].facts.slot_id
    )
    assert code(moved) == "booking_checked_in"
    assert isinstance(await hall.cancel("cancels", booked["cancels"]), BookingView)
    assert await _next(queues) == 1
    assert await _next(queues) == 2
    await _say(queues, 2, Settlement.MISSED)

    listed = await queues.of_day(STAFF, VENUE, "medicine")
    assert isinstance(listed, list)
    assert {(one.number, one.state.value) for one in listed} == {(2, "MISSED"), (3, "WAITING")}
    again = await queues.check_in(asking("cancels"), new_key(), booked["cancels"].booking_id)
    assert code(again) == "visit_over"
    hall.until(slots[0].facts.ends_at + timedelta(minutes=1))
    await hall.sweeps.sweep()
    states = {one: await hall.state(one, booked[one]) for one in who}
    assert states == {
        "seen": "ATTENDED", "missed": "NO_SHOW", "waits": "ATTENDED", "cancels": "CANCELLED",
    }  # fmt: skip


async def test_staff_of_the_venue_alone_call_and_what_they_see_names_nobody(
    hall: Hall, queues: VisitQueues
) -> None:
    booked = await _booked(hall, await hall.open(CLINIC), "a")
    await _came(queues, "a", booked["a"])
    for caller, refused in ((None, "sign_in_needed"), (Caller(), NOT_PERMITTED.code)):
        assert code(await queues.of_day(caller, VENUE, "medicine")) == refused
        answer = await queues.call(caller, new_key(), VENUE, "medicine", "1")
        assert code(answer) == refused
    assert await queues.of_day(STAFF, VENUE + 1, "medicine") is OTHER_VENUE
    assert code(await queues.of_day(STAFF, VENUE, "surgery")) == "queue_unknown"
    assert code(await queues.call(STAFF, new_key(), VENUE, "medicine", " ")) == "queue_desk"
    key = new_key()

    calls = [await queues.call(STAFF, key, VENUE, "medicine", "1诊室") for _ in range(2)]

    assert [getattr(one, "number", None) for one in calls] == [1, 1]  # the same request
    assert isinstance(await queues.of_day(STAFF, VENUE, "medicine"), list)
    rows = AuditRow.get_pymongo_collection().find({"action": "bookings.queue_served"})
    assert [row["subject"] for row in await rows.to_list()] == ["res_a"]
    fields = set(QueueNumber.__dataclass_fields__)
    assert fields == {"number", "state", "slot_starts_at", "arrived_at", "late", "desk"}


async def test_numbers_begin_anew_each_day_and_by_department(
    hall: Hall, queues: VisitQueues
) -> None:
    eyes = plan(code="eyes", kind=SlotKind.APPOINTMENT, length_minutes=30, capacity=6, limit=1)
    slots = await hall.open(CLINIC, eyes)
    first = slots[0].facts.starts_at
    at_nine = [one for one in slots if one.facts.starts_at == first]
    booked = [await hall.booked(f"p{one}", slot) for one, slot in enumerate(at_nine)]
    next_day = [one for one in await hall.slots(2) if one.facts.slot_id.startswith(CLINIC.plan_id)]
    of_tomorrow = next(one for one in next_day if local_day(one.facts.starts_at) > local_day(first))
    tomorrow = await hall.booked("q", of_tomorrow)
    hall.until(first)
    assert [await _came(queues, f"p{one}", booking) for one, booking in enumerate(booked)] == [1, 1]
    hall.until(of_tomorrow.facts.starts_at)
    assert await _came(queues, "q", tomorrow) == 1
    stale = await hall.bookings.own("res_p0", booked[0].booking_id)
    assert isinstance(stale, BookingView)
    assert await queues.own_place(stale) is None  # yesterday's queue tells nothing
    refused: object = await queues.check_in(asking("p0"), new_key(), booked[0].booking_id)
    assert isinstance(refused, Refusal)


@pytest.mark.feature("S39")
async def test_a_desk_checks_in_whoever_shows_their_card_or_code_for_today(
    hall: Hall, queues: VisitQueues, person: Person
) -> None:
    slots = await hall.open(CLINIC)
    shown = IDENTIFICATION_CODE.hex()
    none = await queues.check_in_at_desk(STAFF, new_key(), VENUE, None, shown)
    assert code(none) == "visit_none_today"
    whose = person.holder.resident_id.removeprefix("res_")
    first, second = await hall.booked(whose, slots[0]), await hall.booked(whose, slots[4])
    hall.until(slots[0].facts.starts_at - timedelta(hours=2))
    early = await queues.check_in_at_desk(STAFF, new_key(), VENUE, None, shown)
    assert code(early) == "visit_too_early"
    hall.until(slots[0].facts.starts_at)
    key = new_key()

    answers = [await queues.check_in_at_desk(STAFF, key, VENUE, None, shown) for _ in range(2)]
    again = await queues.check_in_at_desk(STAFF, new_key(), VENUE, None, shown)

    for one in (*answers, again):  # the second is not to be checked in for yet
        assert isinstance(one, QueueNumber), one
        assert (one.number, one.slot_starts_at) == (1, slots[0].facts.starts_at)
    hall.until(slots[4].facts.starts_at)
    after = await queues.check_in_at_desk(STAFF, new_key(), VENUE, None, shown)
    assert isinstance(after, QueueNumber)
    assert (after.number, after.slot_starts_at) == (2, slots[4].facts.starts_at)
    assert [await hall.state(whose, one) for one in (first, second)] == ["CONFIRMED"] * 2
    rows = AuditRow.get_pymongo_collection().find({"action": "bookings.checked_in"})
    subjects = [row["subject"] for row in await rows.to_list()]
    assert subjects == [person.holder.resident_id] * 3
    other = await queues.check_in_at_desk(STAFF, new_key(), VENUE + 1, None, shown)
    assert other is OTHER_VENUE
    nobodys = await queues.check_in_at_desk(STAFF, new_key(), VENUE, "1" * 467, None)
    assert isinstance(nobodys, Refusal)


@pytest.mark.feature("S39")
async def test_a_scan_at_the_demonstration_citys_hospital_checks_in_for_the_appointment(
    hall: Hall,
) -> None:
    await hall.house.services[Venues].put(next(one for one in VENUES if one.number == HOSPITAL))
    await seed_ganzhou(hall.house.services)
    while await hall.planning.plan_ahead():
        pass
    tomorrow = local_day(hall.clock.now()) + DAY
    found = await hall.house.services[Slots].search(SlotSearch(HOSPITAL, tomorrow, tomorrow + DAY))
    assert not isinstance(found, Refusal)
    slot = next(one.facts for one in found if one.facts.starts_at.astimezone(LOCAL_ZONE).hour == 10)
    held = await hall.bookings.place(asking("a"), new_key(), slot.slot_id, 1)
    assert isinstance(held, BookingView), held
    booked = await hall.bookings.confirm(asking("a"), new_key(), held.booking_id)
    assert isinstance(booked, BookingView), booked
    facts = await hall.house.services[Venues].facts(HOSPITAL)
    assert facts is not None
    area = next(one for one in facts.lane_areas.values() if one in booked.plan)
    own = HeldBooking(held.booking_id, HOSPITAL, booked.starts_at, booked.ends_at, area=area)

    def refused(at: datetime, *held: HeldBooking) -> Reason | None:
        evidence = Evidence(Medium.ECODE, 360700, authenticated=True)
        around = Circumstances(at, HOSPITAL, area, bookings=held)
        return decide(evidence, around, rules).answer.reason

    rules, early = facts.gate_rules, timedelta(minutes=60)
    assert refused(booked.starts_at) is Reason.BOOKING_NEEDED
    assert refused(booked.starts_at - early - QUARTER, own) is Reason.BOOKING_TOO_EARLY
    for at in (booked.starts_at - early, booked.starts_at, booked.ends_at):
        assert refused(at, own) is None

    hall.until(booked.starts_at - QUARTER)
    scan = Entry(held.booking_id, "scan_1", 1, hall.clock.now())
    await in_one_write(lambda session: BookingEntries().count_all(session, [scan]))

    came = await hall.bookings.own("res_a", held.booking_id)
    assert isinstance(came, BookingView), came
    place = await _own(hall.house.services[VisitQueues], came)
    assert (came.entered, place.number, place.late) == (1, 1, False)
