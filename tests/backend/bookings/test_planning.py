"""Slots made ahead: from plans and calendars, each once, and closed when the calendar changes."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from backend.bookings import planning
from backend.bookings.documents import PlaceBooking, Slot, SlotPlan
from backend.bookings.planning import PlanFacts, SlotPlanning
from backend.bookings.slots import ShownSlot, Slots, SlotSearch
from backend.bookings.venue_hours import CalendarChange, WantedCalendar
from backend.foundation.access import OPERATOR, Caller
from backend.foundation.audit import Organisation
from backend.foundation.refusals import Refusal
from backend.venues.calendars import Calendars, calendar_version
from backend.venues.catalogue import Catalogue, VenueSearch
from shared.admission.opening import Closure, OpeningCalendar
from shared.admission.opening_hours import Hours, Week
from shared.clock import LOCAL_ZONE
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.bookings.hall import DAY, NINE_TO_FIVE, STAFF, VENUE, Hall, code, plan


def _local(slots: Sequence[ShownSlot]) -> list[str]:
    return [f"{one.facts.starts_at.astimezone(LOCAL_ZONE):%H:%M}" for one in slots]


async def test_slots_follow_one_another_in_the_opening_hours(hall: Hall) -> None:
    slots = await hall.open(plan(length_minutes=90))

    assert _local(slots) == ["09:00", "10:30", "12:00", "13:30", "15:00"]
    assert {one.facts.free for one in slots} == {50}


async def test_windows_narrow_the_hours(hall: Hall) -> None:
    slots = await hall.open(plan(length_minutes=45, windows=((600, 700), (1000, 1200))))

    assert _local(slots) == ["10:00", "10:45"]


async def test_planning_again_makes_nothing_twice_and_goes_on_the_next_day(hall: Hall) -> None:
    slots = await hall.open()
    made = await Slot.get_pymongo_collection().count_documents({})
    await hall.booked("one", slots[0], 2)
    await hall.planning.put([plan()])
    assert await hall.planning.plan_ahead() == 1
    assert await hall.planning.plan_ahead() == 0
    assert await Slot.get_pymongo_collection().count_documents({}) == made
    assert await hall.counts(slots[0]) == (48, 2, 0)
    hall.clock.advance(86_400)
    assert await hall.planning.plan_ahead() == 1
    assert await Slot.get_pymongo_collection().count_documents({}) == made + 8


async def test_a_sweep_that_died_half_way_is_made_good(hall: Hall) -> None:
    await hall.open()
    slots, plans = Slot.get_pymongo_collection(), SlotPlan.get_pymongo_collection()
    made = await slots.count_documents({})
    some = [row["_id"] async for row in slots.find({}, {"_id": 1}).skip(5).limit(20)]
    await slots.delete_many({"_id": {"$in": some}})
    await plans.update_many({}, {"$set": {"planned_until": None}})

    await hall.planning.plan_ahead()

    assert await slots.count_documents({}) == made


async def test_a_closed_day_closes_its_slots_and_tells_who_booked(hall: Hall) -> None:
    slots = await hall.open()
    booking = await hall.booked("one", slots[0])
    tomorrow = local_day(slots[0].facts.starts_at)
    closed = OpeningCalendar(NINE_TO_FIVE.week, closures=(Closure(tomorrow, tomorrow),))

    refused = await hall.change(closed)
    assert code(refused) == "calendar_ends_bookings"
    assert isinstance(refused, Refusal)
    assert "1个" in refused.text.zh
    done = await hall.change(closed, ends_bookings=True)
    assert isinstance(done, CalendarChange), done
    assert done.places_ending == 1
    await hall.planning.plan_ahead()
    await hall.sweeps.sweep()

    assert await hall.slots() == []
    assert await hall.state("one", booking) == "CLOSED"
    assert code(await hall.book("two", slots[0])) == "slot_closed"
    assert len(await hall.slots(days=2)) == 8
    late = OpeningCalendar(Week.same_every_day(Hours(540, 1140)))
    changed = await hall.change(late)
    assert isinstance(changed, CalendarChange), changed
    assert changed.places_ending == 0
    await hall.planning.plan_ahead()
    assert _local(await hall.slots(days=2))[-1] == "18:00"


async def test_nobody_books_what_a_change_of_hours_ends_not_even_at_the_same_moment(
    hall: Hall,
) -> None:
    slots = await hall.open()
    tomorrow = local_day(slots[0].facts.starts_at)
    closed = OpeningCalendar(NINE_TO_FIVE.week, closures=(Closure(tomorrow, tomorrow),))

    at_once = await asyncio.gather(
        hall.change(closed, ends_bookings=True),
        *(hall.book(who, slots[who % 3]) for who in range(9)),
    )
    assert isinstance(at_once[0], CalendarChange), at_once[0]
    # Before any planning round:
    assert code(await hall.book("late", slots[0])) == "slot_closed"
    assert await hall.slots() == []
    await hall.sweeps.sweep()
    left = PlaceBooking.get_pymongo_collection().find({"state": {"$in": ["HELD", "CONFIRMED"]}})
    assert await left.to_list() == []
    assert len(await hall.slots(days=2)) == 8


async def test_days_that_staff_close_go_into_the_calendar_once(hall: Hall) -> None:
    slots = await hall.open()
    booking = await hall.booked("one", slots[0])
    day, key = local_day(slots[0].facts.starts_at), new_key()
    close, why = hall.hours.close_days, LocalizedText("暴雨", "Heavy rain")

    assert await close(STAFF, key, VENUE, day, day, why) == 1
    assert await close(STAFF, key, VENUE, day, day, why) == 1
    await hall.planning.plan_ahead()
    await hall.sweeps.sweep()

    calendars = await Calendars(hall.clock).of_venues([VENUE])
    assert calendars[VENUE].closures == (Closure(day, day, why),)
    assert await hall.state("one", booking) == "CLOSED"
    other = replace(STAFF, organisation=Organisation("venue-1", why))
    for caller, first, last, words, refused in (
        (None, day, day, why, "sign_in_needed"),
        (other, day, day, why, "venue_of_others"),
        (STAFF, day, day - DAY, why, "days_to_close"),
        (STAFF, day - 9 * DAY, day - 8 * DAY, why, "days_to_close"),
        (STAFF, day, day + 366 * DAY, why, "days_to_close"),
        (STAFF, day, day, LocalizedText("打13800138000", "Call"), "audit_reason_form"),
        (OPERATOR, day, day, why, "venue_unknown"),
    ):
        venue = 999 if caller is OPERATOR else VENUE
        assert code(await close(caller, new_key(), venue, first, last, words)) == refused


async def test_only_staff_of_venues_change_a_calendar(hall: Hall) -> None:
    await hall.open()
    nobody = Caller(resident_id="res_one")
    for caller, venue, refused in (
        (None, VENUE, "sign_in_needed"),
        (nobody, VENUE, "not_permitted"),
        (STAFF, 999, "venue_of_others"),
        (OPERATOR, 999, "venue_unknown"),
    ):
        assert code(await hall.change(NINE_TO_FIVE, caller, venue)) == refused


async def test_a_calendar_is_changed_once_and_upon_what_was_read(hall: Hall) -> None:
    await hall.open()
    key, later = new_key(), OpeningCalendar(Week.same_every_day(Hours(600, 1020)))
    seen = calendar_version(NINE_TO_FIVE)
    wish: dict[str, Any] = {"based_on": seen, "ends_bookings": True}
    first = await hall.change(later, key=key, **wish)
    assert first == await hall.change(later, key=key, **wish)
    rows = hall.house.store.database["audit_rows"]
    assert await rows.count_documents({"action": "venues.calendar_changed"}) == 1
    assert code(await hall.change(NINE_TO_FIVE, key=key)) == "idempotency_key_reused"
    assert code(await hall.change(NINE_TO_FIVE, **wish)) == "calendar_changed"


async def test_hours_that_cannot_be_change_nothing(hall: Hall) -> None:
    await hall.open()
    good, day = NINE_TO_FIVE.to_wire(), {"first": "2026-01-01", "last": "2026-01-01"}
    told = {**day, "why": {"zh": "打13800138000", "en": "Call"}}
    week = good["week"]
    for wrong, refused in (
        ({"week": {**week, "holiday": ["17:00-09:00"]}}, "calendar_form"),
        ({"week": {**week, "days": [["09:00-12:00", "12:00-17:00"]] * 7}}, "calendar_form"),
        ({"week": {**week, "days": [["9:00-17:00"]] * 7}}, "calendar_form"),
        ({"last_entry_minutes": -1}, "calendar_form"),
        ({"closures": [{**day, "last": "2025-01-01", "why": None}]}, "calendar_form"),
        ({"seasons": [{"first": "02-30", "last": "03-01", "week": week}]}, "calendar_form"),
        ({"seasons": [{"first": "01-01", "last": "03-01", "week": week}] * 2}, "calendar_form"),
        ({"special_days": {"2026-01-01": ["00:00-00:01"] * 401}}, "calendar_form"),
        ({"closures": [told]}, "audit_reason_form"),
    ):
        wanted = WantedCalendar({**good, **wrong}, ends_bookings=True)
        answer = await hall.hours.change_calendar(STAFF, new_key(), VENUE, wanted)
        assert code(answer) == refused, wrong
    calendars = await Calendars(hall.clock).of_venues([VENUE])
    assert calendars[VENUE] == NINE_TO_FIVE


@pytest.mark.parametrize(
    "wrong",
    [
        {"length_minutes": 4},
        {"capacity": 0},
        {"limit": 51},
        {"code": "a.b"},
        {"code": "主厅"},
        {"windows": ((700, 600),)},
        {"closes_minutes": -61},
    ],
)
async def test_a_plan_that_cannot_be_is_refused(hall: Hall, wrong: dict[str, object]) -> None:
    assert code(await hall.planning.put([plan(), plan(**wrong)])) == "slot_plan_form"
    assert await SlotPlan.get_pymongo_collection().count_documents({}) == 0


async def test_a_search_has_bounds(hall: Hall) -> None:
    slots = await hall.open(plan(capacity=5))
    await hall.booked("one", slots[0], 4)
    today, search = local_day(hall.clock.now()), hall.house.services[Slots].search

    assert len(await hall.slots(quantity=2)) == len(slots) - 1
    assert len(await hall.slots(quantity=1)) == len(slots)
    for first, last, quantity in (
        (today, today - DAY, None),
        (today, today + 31 * DAY, None),
        (date(9999, 12, 30), date(9999, 12, 31), None),
        (today, today, 0),
        (today, today, 10**6),
    ):
        assert isinstance(await search(SlotSearch(VENUE, first, last, quantity)), Refusal)


async def test_the_times_that_searches_ask_about_are_renewed(hall: Hall) -> None:
    await hall.open()
    planning: SlotPlanning = hall.planning
    midday = hall.clock.now().astimezone(LOCAL_ZONE).replace(hour=12) + timedelta(days=20)
    hall.until(midday)
    catalogue = hall.house.services[Catalogue]
    open_now = VenueSearch(open_now=True)
    assert not (await catalogue.search(open_now, 5, None)).rows
    assert await planning.bring_up_to_date()
    assert len((await catalogue.search(open_now, 5, None)).rows) == 1
    assert not await planning.bring_up_to_date()


def test_a_plan_is_named_by_venue_and_code() -> None:
    one: PlanFacts = plan()
    assert one.plan_id == "77.main"


async def test_a_plan_that_breaks_the_sweep_holds_up_no_other(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "PLANS_AT_ONCE", 1)
    await hall.open()
    plans = SlotPlan.get_pymongo_collection()
    row = await plans.find_one({})
    assert row is not None
    broken = {**row, "_id": "0.broken", "length_minutes": "long", "planned_until": None}
    await plans.insert_one(broken)
    await hall.planning.put([plan(), plan(code="other")])

    assert await hall.planning.plan_ahead() == 2

    left = [one["_id"] async for one in plans.find({"planned_until": None})]
    assert left == ["0.broken"]
