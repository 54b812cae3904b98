"""Staff of a venue change how its slots are made: who booked is told, who waits is served first."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from backend.bookings import plan_changes, refusals
from backend.bookings.documents import Slot, SlotPlan
from backend.bookings.planning import PlanFacts
from backend.bookings.rules import SlotKind
from backend.bookings.slots import ShownSlot
from backend.bookings.sweeps import discrepancies
from backend.bookings.venue_layout import LayoutChange, VenueLayouts
from backend.bookings.venue_plans import PlanChange, PlanView, VenuePlans, WantedPlan
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.permissions import NOT_PERMITTED, OTHER_VENUE
from backend.foundation.refusals import Refusal
from backend.venues.layouts import VenueLayout
from backend.venues.rules import AREA_PLANNED, VENUE_UNKNOWN, AreaPlan
from shared.admission.opening import OpeningCalendar
from shared.admission.opening_hours import Hours, Week
from shared.clock import LOCAL_ZONE
from shared.localized_text import LocalizedText
from tests.backend.accounts.actors import People
from tests.backend.actors import City, new_key
from tests.backend.bookings.hall import HERE, NINE_TO_FIVE, STAFF, VENUE, Hall, code, plan

WISH = {
    "venue": VENUE,
    "code": "main",
    "area": "main",
    "kind": "VISIT",
    "titleZh": "主展厅",
    "titleEn": "Main hall",
    "lengthMinutes": 60,
    "capacity": 50,
}


async def put(
    hall: Hall, made: PlanFacts, caller: Caller | None = STAFF, key: str = "", **more: Any
) -> PlanChange | Refusal:
    service = hall.house.services[VenuePlans]
    return await service.put(caller, key or new_key(), WantedPlan(made, **more))


async def followed(hall: Hall) -> list[ShownSlot]:
    """Let slots follow, tell who booked what ended, and return those of tomorrow."""
    await hall.planning.plan_ahead()
    await hall.sweeps.sweep()
    assert await discrepancies(5) == []
    return await hall.slots()


def starts(slots: list[ShownSlot]) -> list[str]:
    return [f"{one.facts.starts_at.astimezone(LOCAL_ZONE):%H:%M}" for one in slots]


async def test_staff_divide_their_hours_anew_over_graphql(city: City, hall: Hall) -> None:
    slots = await hall.open()
    booked = await hall.booked("one", slots[0], 2)
    staff = await People(city).staff("keeper", Role.VENUE_STAFF, place=HERE)
    await staff.sign_in()

    async def ask(name: str, **more: Any) -> Any:
        wish = {**(WISH if name == "PutSlotPlan" else {"venue": VENUE, "code": "main"}), **more}
        asked = await staff.device.ask(name, input={"idempotencyKey": new_key(), **wish})
        return asked[name[0].lower() + name[1:]]

    [seen] = (await staff.device.ask("SlotPlans", venue=VENUE))["slotPlans"]["plans"]
    assert (seen["lengthMinutes"], seen["capacity"], seen["ended"]) == (60, 50, False)
    longer = {"lengthMinutes": 120, "basedOn": seen["revision"], "idempotencyKey": new_key()}
    assert (await ask("PutSlotPlan", **longer))["code"] == "plan_ends_bookings"
    done = await ask("PutSlotPlan", **longer | {"endsBookings": True})
    assert (done["placesEnding"], done["revision"]) == (2, seen["revision"] + 1)
    assert await ask("PutSlotPlan", **longer | {"endsBookings": True}) == done  # the same request

    assert starts(await followed(hall)) == ["09:00", "11:00", "13:00", "15:00"]
    assert await hall.state("one", booked) == "CLOSED"
    stale = {"capacity": 40, "basedOn": seen["revision"]}
    assert (await ask("PutSlotPlan", **stale))["code"] == "slot_plan_changed"

    assert (await ask("EndSlotPlan"))["placesEnding"] == 0
    assert await followed(hall) == []
    assert (await ask("EndSlotPlan"))["code"] == "slot_plan_unknown"
    assert (await ask("PutSlotPlan"))["revision"] == seen["revision"] + 3
    assert len(await followed(hall)) == 8
    rows = city.house.store.database["audit_rows"]
    assert await rows.count_documents({"action": "bookings.plan_changed"}) == 3


async def test_an_area_can_go_once_its_plan_has_ended(hall: Hall) -> None:
    await hall.open()
    layouts, plans = hall.house.services[VenueLayouts], hall.house.services[VenuePlans]
    other = AreaPlan("new", LocalizedText("新厅", "New hall"), 300)
    layout = VenueLayout(300, (other,), ())
    assert await layouts.change(STAFF, new_key(), VENUE, layout) == AREA_PLANNED
    assert isinstance(await plans.end(STAFF, new_key(), VENUE, "main"), PlanChange)
    assert await followed(hall) == []
    hall.clock.advance(2 * 24 * 60 * 60)
    await followed(hall)  # nor are slots made of it for the days that come into sight
    assert await Slot.get_pymongo_collection().count_documents({"state": "OPEN"}) == 0
    assert isinstance(await layouts.change(STAFF, new_key(), VENUE, layout), LayoutChange)
    assert await put(hall, plan()) == refusals.PLAN_FORM  # its area is gone
    assert isinstance(await put(hall, plan(area="new")), PlanChange)


async def test_from_the_write_on_nobody_books_what_ends(hall: Hall) -> None:
    slots = await hall.open()
    done = await put(hall, plan(windows=((540, 720),)))
    assert isinstance(done, PlanChange)
    assert code(await hall.book("one", slots[-1])) == "slot_closed"
    assert code(await hall.book("one", slots[0])) == "BookingView"
    assert starts(await followed(hall)) == ["09:00", "10:00", "11:00"]
    # And back again: what the change closed is open again, what staff closed themselves is not.
    why = LocalizedText("检修", "Repairs")
    first = slots[1].facts.starts_at
    await hall.hours.close_slots(STAFF, new_key(), VENUE, first, slots[2].facts.starts_at, why)
    await hall.sweeps.sweep()
    assert isinstance(await put(hall, plan()), PlanChange)
    assert starts(await followed(hall)) == [
        "09:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00",
    ]  # fmt: skip


async def test_new_figures_reach_slots_and_leave_what_is_booked(hall: Hall) -> None:
    slots = await hall.open(plan(capacity=10))
    booked = await hall.booked("one", slots[0], 5)
    await hall.booked("two", slots[0], 2)
    fewer = plan(capacity=6, limit=2, closes_minutes=30, cancel_minutes=600)
    assert isinstance(await put(hall, fewer), PlanChange)
    full, other, *_ = await followed(hall)
    assert await hall.counts(full) == (0, 7, 0)  # what is booked stays, and nothing more
    assert (other.facts.free, other.capacity, other.facts.limit) == (6, 6, 2)
    assert (other.facts.starts_at - other.facts.closes_at).total_seconds() == 30 * 60
    assert (other.facts.starts_at - other.facts.cancel_by).total_seconds() == 600 * 60
    kept = await hall.bookings.own("res_one", booked.booking_id)
    assert not isinstance(kept, Refusal)
    assert (kept.quantity, kept.cancel_by) == (5, booked.cancel_by)


@pytest.mark.parametrize("fairly", [True, False])
async def test_who_waits_gets_the_new_places_before_whoever_asks_just_then(
    hall: Hall, fairly: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the offer in the same write the places are anybody's."""
    [slot, *_] = await hall.open(plan(capacity=2))
    await hall.booked("one", slot, 2)
    waiting = {who: await hall.wait(who, slot, 1) for who in ("two", "three", "four")}
    if not fairly:

        async def nobody(*_: Any) -> None:
            """Offer the places to nobody."""

        monkeypatch.setattr(plan_changes, "give_back", nobody)
    assert isinstance(await put(hall, plan(capacity=4)), PlanChange)
    await hall.planning.plan_ahead()
    late = code(await hall.book("late", slot))
    states = [await hall.state(who, one) for who, one in waiting.items()]
    assert await discrepancies(5) == []
    if fairly:
        assert (states, late) == (["OFFERED", "OFFERED", "WAITING"], "slot_full")
    else:
        assert (states, late) == (["WAITING"] * 3, "BookingView")


async def test_a_round_that_planned_by_the_old_figures_is_made_good(hall: Hall) -> None:
    """A planning round that read the plan before the change must not have the last word."""
    await hall.open()
    planning, read = hall.planning, hall.planning._bring_up

    async def changed_meanwhile(row: Any, *more: Any) -> None:
        await put(hall, plan(length_minutes=120))
        await read(row, *more)

    await SlotPlan.get_pymongo_collection().update_many({}, {"$set": {"planned_until": None}})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(planning, "_bring_up", changed_meanwhile)
        await planning.plan_ahead()
    assert starts(await followed(hall)) == ["09:00", "11:00", "13:00", "15:00"]


async def test_a_change_while_places_are_booked_keeps_every_place(hall: Hall) -> None:
    """Bookings and changes of the plan at once: counts hold, and nobody is left in a gone slot."""
    slots = await hall.open(plan(capacity=20))

    async def change() -> None:
        for capacity in (30, 10, 25):
            await put(hall, plan(capacity=capacity))
            await hall.planning.plan_ahead()

    await asyncio.gather(change(), *(hall.book(who, slots[0]) for who in range(30)))
    assert await discrepancies(5) == []
    row = await hall.slot(slots[0].facts.slot_id)
    assert row["capacity"] == max(25, row["taken"])  # places once booked are kept


async def test_another_calendar_keeps_the_slots_of_a_divided_plan(hall: Hall) -> None:
    await hall.open()
    assert isinstance(await put(hall, plan(length_minutes=120)), PlanChange)
    [slot, *_] = await followed(hall)
    booked = await hall.booked("one", slot)
    await hall.change(OpeningCalendar(Week.same_every_day(Hours(540, 1080))))
    assert len(await followed(hall)) == 4  # 17:00 to 18:00 is too short for two hours
    assert await hall.state("one", booked) == "CONFIRMED"
    assert await hall.change(NINE_TO_FIVE) is not None


async def test_what_is_no_plan_is_refused_and_only_its_staff_change_it(hall: Hall) -> None:
    await hall.open()
    for wrong in (
        plan(code="a.b"),
        plan(code="$where"),
        plan(code="x" * 21),
        plan(code="甲"),
        plan(title=LocalizedText(" ", "Hall")),
        plan(title=LocalizedText("馆", "\x00")),
        plan(length_minutes=0),
        plan(length_minutes=1_441),
        plan(capacity=0, limit=0),
        plan(capacity=301),  # the area holds 300
        plan(area="nowhere"),
        plan(limit=51),
        plan(windows=((600, 600),)),
        plan(windows=((600, 700),) * 13),
        plan(closes_minutes=-60),
        plan(cancel_minutes=-1),
        plan(cancel_minutes=44_641),
    ):
        assert await put(hall, wrong) == refusals.PLAN_FORM, wrong
    assert await put(hall, plan(kind=SlotKind.EXAM)) == refusals.PLAN_KIND
    assert await put(hall, plan(venue=VENUE + 1)) == OTHER_VENUE
    assert await put(hall, plan(venue=VENUE + 1), OPERATOR) == VENUE_UNKNOWN
    clerk = replace(STAFF, roles=frozenset({Role.OUTLET_CLERK}))
    assert await put(hall, plan(), clerk) == NOT_PERMITTED
    plans = hall.house.services[VenuePlans]
    assert await plans.of_venue(clerk, VENUE) == NOT_PERMITTED
    assert await plans.of_venue(STAFF, VENUE + 1) == OTHER_VENUE
    assert await plans.end(STAFF, new_key(), VENUE, "$where") == refusals.PLAN_UNKNOWN
    [only] = await plans.of_venue(STAFF, VENUE)  # type: ignore[misc]
    assert isinstance(only, PlanView)
    assert (only.plan, only.ended) == (plan(), False)
    assert await Slot.get_pymongo_collection().count_documents({"state": "CLOSING"}) == 0
