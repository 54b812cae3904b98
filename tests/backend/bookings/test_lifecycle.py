"""A booking's life: held, confirmed, cancelled, moved, waited for, used or not, closed."""

from datetime import timedelta
from typing import Any

import pytest

from backend.bookings.documents import BookingNotice, PlaceBooking
from backend.bookings.placing import SlotFull
from backend.bookings.rules import SlotKind
from backend.bookings.service import BookingView
from backend.cards.asking import Asking
from backend.cards.lifecycle import CardState
from backend.foundation.access import Caller, Role
from backend.foundation.audit import AuditRow
from backend.foundation.refusals import Refusal
from shared.clock import LOCAL_ZONE
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.bookings.hall import DAY, STAFF, VENUE, Hall, code, person, plan

RAIN = LocalizedText("暴雨", "heavy rain")


async def _notices(who: str) -> list[str]:
    found = BookingNotice.get_pymongo_collection().find({"resident_id": f"res_{who}"})
    return [row["code"] async for row in found.sort("at", 1)]


async def _deeds(who: str) -> list[str]:
    found = AuditRow.get_pymongo_collection().find({"subject": f"res_{who}"})
    return [row["action"] async for row in found.sort("$natural", 1)]


async def test_a_family_books_four_places_and_confirms(hall: Hall) -> None:
    slot, *_ = await hall.open(plan(capacity=10))
    held = await hall.book("mother", slot, 4)
    assert isinstance(held, BookingView)
    assert held.state == "HELD"
    assert held.expires_at == hall.clock.now() + timedelta(minutes=15)
    assert await hall.counts(slot) == (6, 4, 0)

    confirmed = await hall.bookings.confirm(person("mother"), new_key(), held.booking_id)
    again = await hall.bookings.confirm(person("mother"), new_key(), held.booking_id)
    assert isinstance(confirmed, BookingView)
    assert (confirmed.state, confirmed.expires_at) == ("CONFIRMED", None)
    assert again == confirmed
    assert await hall.counts(slot) == (6, 4, 0)
    assert await _deeds("mother") == ["bookings.placed", "bookings.confirmed"]


async def test_the_key_is_looked_at_before_any_rule(hall: Hall) -> None:
    """The slot is full, has begun, and the card was lost: the one who booked hears of it."""
    slot, *_ = await hall.open(plan(capacity=2))
    key = new_key()
    first = await hall.book("one", slot, 2, key)
    hall.until(slot.facts.ends_at + DAY)
    lost = person("one", CardState.LOST)
    again = await hall.bookings.place(lost, key, slot.facts.slot_id, 2)

    assert again == first
    assert code(await hall.book("one", slot, 1, key)) == "idempotency_key_reused"
    other_phone = Asking("res_one", "another phone", CardState.ACTIVE)
    refused = await hall.bookings.place(other_phone, key, slot.facts.slot_id, 2)
    assert code(refused) == "slot_started"


@pytest.mark.parametrize(
    ("quantity", "refused"),
    [
        (0, "booking_quantity"),
        (-1, "booking_quantity"),
        (6, "too_many_places"),
        (1_000_000, "too_many_places"),
        (2**31 - 1, "too_many_places"),
    ],
)
async def test_a_quantity_that_cannot_be_is_refused(
    hall: Hall, quantity: int, refused: str
) -> None:
    slot, *_ = await hall.open()

    assert code(await hall.book("one", slot, quantity)) == refused
    assert code(await hall.book("one", slot, quantity, waits=True)) == refused
    assert await hall.counts(slot) == (50, 0, 0)


async def test_other_refusals_name_what_is_wrong(hall: Hall) -> None:
    slot, second, *_ = await hall.open(plan(capacity=20))
    no_card = await hall.bookings.place(person("x", None), new_key(), slot.facts.slot_id, 1)
    assert code(no_card) == "no_card"
    lost = person("x", CardState.SUSPENDED)
    assert code(await hall.bookings.place(lost, new_key(), slot.facts.slot_id, 1)) == (
        "card_suspended"
    )
    for_another = await hall.book("x", slot, principal="res_y")
    assert code(for_another) == "no_mandate"
    for wrong in ("77.main.209901010000", "", "\ud800", "x" * 200, "a b"):
        answer = await hall.bookings.place(person("x"), new_key(), wrong, 1)
        assert code(answer) == "slot_unknown"
    assert code(await hall.bookings.place(person("x"), "short", slot.facts.slot_id, 1)) == (
        "idempotency_key_form"
    )
    mine = await hall.booked("x", slot)
    clash = await hall.book("x", slot)
    assert isinstance(clash, Refusal)
    assert clash.code == "booking_same_time"
    start, end = (at.astimezone(LOCAL_ZONE) for at in (slot.facts.starts_at, slot.facts.ends_at))
    assert f"{start:%H:%M}–{end:%H:%M}" in clash.text.zh  # which booking is in the way
    assert f"{end:%H:%M}及以后" in clash.next_step.zh  # and from when on none is
    assert code(await hall.cancel("y", mine)) == "booking_unknown"
    assert code(await hall.bookings.own("res_y", mine.booking_id)) == "booking_unknown"
    hall.until(second.facts.starts_at)
    assert code(await hall.book("x", second)) == "slot_started"


async def test_a_full_slot_names_the_next_with_room(hall: Hall) -> None:
    first, second, third, *_ = await hall.open(plan(capacity=4))
    await hall.booked("a", first, 4)
    await hall.booked("b", second, 3)

    answer = await hall.book("c", first, 2)
    assert isinstance(answer, SlotFull)
    assert answer.next_free is not None
    assert answer.next_free.facts.slot_id == third.facts.slot_id
    assert "11:00" in answer.refused.next_step.zh
    one = await hall.book("c", first, 1)
    assert isinstance(one, SlotFull)
    assert one.next_free is not None
    assert one.next_free.facts.slot_id == second.facts.slot_id


async def test_what_is_not_confirmed_is_freed(hall: Hall) -> None:
    slot, *_ = await hall.open(plan(capacity=2))
    held = await hall.book("one", slot, 2)
    assert isinstance(held, BookingView)
    hall.clock.advance(15 * 60)

    late = await hall.bookings.confirm(person("one"), new_key(), held.booking_id)
    assert code(late) == "booking_hold_expired"
    assert code(await hall.book("two", slot)) == "slot_full"
    assert await hall.sweeps.sweep() == 1
    assert await hall.sweeps.sweep() == 0
    assert await hall.counts(slot) == (2, 0, 0)
    assert await hall.state("one", held) == "EXPIRED"
    assert code(await hall.book("one", slot)) == "BookingView"


async def test_cancelling_is_free_until_it_is_not(hall: Hall) -> None:
    slot, *_ = await hall.open(plan(capacity=3, cancel_minutes=120))
    early, late, never = [await hall.booked(who, slot) for who in ("a", "b", "c")]
    done = await hall.cancel("a", early)
    assert isinstance(done, BookingView)
    assert (done.state, done.forfeited) == ("CANCELLED", False)
    hall.until(slot.facts.starts_at - timedelta(minutes=119))
    done = await hall.cancel("b", late)
    assert isinstance(done, BookingView)
    assert (done.state, done.forfeited) == ("CANCELLED", True)
    hall.until(slot.facts.starts_at)
    assert code(await hall.cancel("c", never)) == "booking_over"
    assert code(await hall.cancel("a", early)) == "booking_over"
    assert await hall.counts(slot) == (2, 1, 0)


async def test_cancelling_twice_by_one_key_frees_once(hall: Hall) -> None:
    slot, *_ = await hall.open(plan(capacity=3))
    booking, key = await hall.booked("a", slot, 3), new_key()
    first = await hall.bookings.cancel(person("a"), key, booking.booking_id)

    assert await hall.bookings.cancel(person("a"), key, booking.booking_id) == first
    assert await hall.counts(slot) == (3, 0, 0)


async def test_a_booking_moves_whole_or_stays(hall: Hall) -> None:
    first, second, third, *_ = await hall.open(plan(capacity=4))
    mine = await hall.booked("a", first, 3)
    await hall.booked("b", second, 2)

    async def move(to: Any, key: str = "") -> Any:
        slot_id = to if isinstance(to, str) else to.facts.slot_id
        return await hall.bookings.move(person("a"), key or new_key(), mine.booking_id, slot_id)

    full = await move(second)
    assert isinstance(full, SlotFull)
    assert full.next_free is not None
    assert full.next_free.facts.slot_id == third.facts.slot_id
    assert await hall.counts(first) == (1, 3, 0)
    key = new_key()
    moved = await move(third, key)
    assert (moved.slot, moved.state, moved.starts_at) == (
        third.facts.slot_id,
        "CONFIRMED",
        third.facts.starts_at,
    )
    assert await move(third, key) == moved
    assert await hall.counts(first) == (4, 0, 0)
    assert await hall.counts(third) == (1, 3, 0)
    assert code(await move(third)) == "booking_other_kind"
    assert code(await move("77.main.209901010000")) == "slot_unknown"
    assert code(await hall.book("a", third)) == "booking_same_time"
    assert code(await hall.book("a", first)) == "BookingView"
    hall.until(third.facts.cancel_by)
    assert code(await move(second)) == "booking_no_change"


async def test_who_waits_is_served_in_turn_if_their_number_fits(hall: Hall) -> None:
    slot, *_ = await hall.open(plan(capacity=4))
    family, single = await hall.booked("family", slot, 3), await hall.booked("single", slot, 1)
    five = await hall.wait("four", slot, 4)
    second, third = await hall.wait("second", slot, 1), await hall.wait("third", slot, 2)
    assert await hall.counts(slot) == (0, 4, 3)

    await hall.cancel("single", single)
    assert await hall.state("second", second) == "OFFERED"
    assert await hall.counts(slot) == (0, 4, 2)
    await hall.cancel("family", family)
    assert await hall.state("third", third) == "OFFERED"
    assert await hall.state("four", five) == "WAITING"
    assert await hall.counts(slot) == (1, 3, 1)
    assert await _notices("third") == ["booking_offered"]
    confirmed = await hall.bookings.confirm(person("third"), new_key(), third.booking_id)
    assert isinstance(confirmed, BookingView)
    assert confirmed.remark is None

    hall.clock.advance(60 * 60)
    await hall.sweeps.sweep()
    assert await hall.state("second", second) == "EXPIRED"
    assert await _notices("second") == ["booking_offered", "booking_offer_missed"]
    left = await hall.bookings.cancel(person("four"), new_key(), five.booking_id, waiting_only=True)
    assert code(left) == "BookingView"
    assert await hall.counts(slot) == (2, 2, 0)


async def test_of_those_whose_number_fits_the_first_is_served_first(hall: Hall) -> None:
    slot, *_ = await hall.open(plan(capacity=1))
    mine = await hall.booked("one", slot)
    early, late = await hall.wait("early", slot), await hall.wait("late", slot)

    await hall.cancel("one", mine)
    assert await hall.state("early", early) == "OFFERED"
    assert await hall.state("late", late) == "WAITING"


async def test_the_waiting_list_is_for_full_slots_and_has_an_end(hall: Hall) -> None:
    slot, *_ = await hall.open(plan(capacity=1, limit=1))
    assert code(await hall.book("early", slot, waits=True)) == "places_free"
    mine = await hall.booked("one", slot)
    for who in range(100):
        await hall.wait(who, slot)
    assert code(await hall.book("late", slot, waits=True)) == "waiting_list_full"
    waiting = await hall.bookings.confirm(person("one"), new_key(), mine.booking_id)
    assert code(waiting) == "BookingView"
    not_waiting = await hall.bookings.cancel(
        person("one"), new_key(), mine.booking_id, waiting_only=True
    )
    assert code(not_waiting) == "booking_not_waiting"
    assert await hall.counts(slot) == (0, 1, 100)


async def test_a_closed_slot_tells_everybody_at_once(hall: Hall) -> None:
    slot, other, *_ = await hall.open(plan(capacity=3))
    booked = await hall.booked("booked", slot, 2)
    held = await hall.book("held", slot)
    waiting = await hall.wait("waiting", slot)
    assert isinstance(held, BookingView)
    start, end = slot.facts.starts_at, other.facts.starts_at

    key, close = new_key(), hall.hours.close_slots
    assert await close(STAFF, key, VENUE, start, end, RAIN) == 1
    assert await close(STAFF, key, VENUE, start, end, RAIN) == 1  # the same, answered again
    assert code(await hall.book("late", slot)) == "slot_closed"
    await hall.sweeps.sweep()

    for who, one in (("booked", booked), ("held", held), ("waiting", waiting)):
        assert await hall.state(who, one) == "CLOSED"
        assert await _notices(who) == ["booking_closed"]
    seen = await hall.bookings.own("res_booked", booked.booking_id)
    assert isinstance(seen, BookingView)
    assert seen.remark is not None
    assert "暴雨" in seen.remark.zh
    assert await hall.counts(slot) == (3, 0, 0)
    assert (await hall.slot(slot.facts.slot_id))["state"] == "CLOSED"
    assert slot.facts.slot_id not in {one.facts.slot_id for one in await hall.slots()}
    assert code(await hall.book("booked", other)) == "BookingView"
    again = await close(STAFF, new_key(), VENUE, start, end, RAIN)
    assert code(again) == "nothing_to_close"
    resident = Caller(resident_id="res_booked")
    assert code(await close(resident, new_key(), VENUE, start, end, RAIN)) == "not_permitted"
    words = LocalizedText("请联系13800138000", "Call 13800138000")
    assert code(await close(STAFF, new_key(), VENUE, start, end, words)) == "audit_reason_form"


async def test_what_a_slot_was_is_marked_when_it_is_over(hall: Hall) -> None:
    slot, *_ = await hall.open(plan(capacity=5))
    came, stayed_away = await hall.booked("came", slot, 2), await hall.booked("away", slot)
    bookings = PlaceBooking.get_pymongo_collection()
    await bookings.update_one({"_id": came.booking_id}, {"$set": {"entered": 1}})
    hall.until(slot.facts.ends_at)
    await hall.sweeps.sweep()

    assert await hall.state("came", came) == "ATTENDED"
    assert await hall.state("away", stayed_away) == "NO_SHOW"
    assert await hall.counts(slot) == (2, 3, 0)
    assert await hall.sweeps.sweep() == 0


async def test_a_clock_that_is_set_back_undoes_nothing(hall: Hall) -> None:
    slot, *_ = await hall.open(plan(capacity=5))
    booking = await hall.booked("one", slot)
    before = hall.clock.now()
    hall.until(slot.facts.ends_at)
    await hall.sweeps.sweep()
    hall.until(before)

    assert await hall.sweeps.sweep() == 0
    assert await hall.state("one", booking) == "NO_SHOW"
    assert code(await hall.cancel("one", booking)) == "booking_over"
    assert code(await hall.book("two", slot)) == "BookingView"
    assert await hall.counts(slot) == (3, 2, 0)


async def test_staff_read_a_booking_and_its_person_finds_it(hall: Hall) -> None:
    slot, *_ = await hall.open()
    booking = await hall.booked("one", slot)
    seen = await hall.bookings.read(STAFF, booking.booking_id)
    assert isinstance(seen, BookingView)
    clerk = Caller(staff_id="stf_clerk", roles=frozenset({Role.OUTLET_CLERK}))
    assert isinstance(await hall.bookings.read(clerk, booking.booking_id), Refusal)
    rows = AuditRow.get_pymongo_collection().find({"action": "bookings.read"}).sort("at", 1)
    found = [(r["actor"]["id"], r["subject"], r["result"], r["disclosed"]) async for r in rows]
    assert sorted(found) == [
        ("stf_clerk", "res_one", "refused:not_permitted", True),
        ("stf_venue", "res_one", "ok", True),
    ]


async def test_limits_a_day_and_in_all(hall: Hall) -> None:
    today = await hall.open(plan(capacity=9))
    for slot in today[:4]:
        await hall.booked("keen", slot)
    assert code(await hall.book("keen", today[5])) == "too_many_bookings_a_day"
    slots = await hall.slots(days=6)
    for slot in [one for one in slots if one not in today]:
        await hall.book("keen", slot)
    last = slots[-1]
    assert code(await hall.book("keen", last)) in {
        "too_many_open_bookings",
        "too_many_bookings_a_day",
        "booking_same_time",
    }
    page = await hall.bookings.page("res_keen", 50, None)
    assert len(page.rows) == 20


async def test_a_patient_has_one_appointment_at_a_time(hall: Hall) -> None:
    clinics = [
        plan(code=name, area=name, kind=SlotKind.APPOINTMENT, capacity=6, limit=1,
             length_minutes=30)
        for name in ("eyes", "medicine")
    ]  # fmt: skip
    slots = await hall.open(*clinics)
    at_nine = [one for one in slots if one.facts.starts_at == slots[0].facts.starts_at]
    assert len(at_nine) == 2
    await hall.booked("patient", at_nine[0])

    assert code(await hall.book("patient", at_nine[1])) == "booking_same_time"
    assert code(await hall.book("patient", at_nine[1], 2)) == "too_many_places"


@pytest.mark.parametrize("close", [False, True])
async def test_a_booking_that_breaks_the_sweep_holds_up_no_other_of_its_slot_or_of_others(
    hall: Hall, close: bool
) -> None:
    first, second, *_ = await hall.open(plan(capacity=10))
    broken, beside = await hall.book("broken", first), await hall.book("beside", first)
    behind = await hall.book("behind", second)
    assert isinstance(broken, BookingView)
    assert isinstance(beside, BookingView)
    assert isinstance(behind, BookingView)
    rows, own = PlaceBooking.get_pymongo_collection(), {"_id": broken.booking_id}
    await rows.update_one(own, {"$set": {"quantity": "two"}})
    hall.clock.advance(16 * 60)
    if close:
        await rows.update_many({}, {"$unset": {"expires_at": ""}})
        ends = second.facts.ends_at
        await hall.hours.close_slots(STAFF, new_key(), VENUE, first.facts.starts_at, ends, RAIN)

    for _ in range(2):
        await hall.sweeps.sweep()

    ended = "CLOSED" if close else "EXPIRED"
    assert await hall.state("beside", beside) == await hall.state("behind", behind) == ended
    states = [(await hall.slot(one.facts.slot_id))["state"] for one in (first, second)]
    assert states == (["CLOSING", "CLOSED"] if close else ["OPEN", "OPEN"])
    await rows.update_one(own, {"$set": {"quantity": 1}})
    assert await hall.sweeps.sweep() == 1
    assert await hall.state("broken", broken) == ended
    if close:
        assert (await hall.slot(first.facts.slot_id))["state"] == "CLOSED"
