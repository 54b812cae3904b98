"""No question of venues, slots or bookings reads a whole collection, and none sorts in memory."""

from collections.abc import Mapping
from typing import Any

import pytest

from backend.app import House
from backend.bookings.documents import Slot
from backend.bookings.notices import BookingNoticeDelivery
from backend.bookings.queue_rules import Settlement
from backend.bookings.queue_serving import QueueNumber, QueueServing
from backend.bookings.rules import SlotKind
from backend.bookings.service import BookingView
from backend.bookings.slots import Slots, SlotSearch
from backend.bookings.venue_plans import PlanChange, VenuePlans, WantedPlan
from backend.bookings.visit_queues import VisitQueues
from backend.venues.pilots import Pilots
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.bookings.hall import DAY, NINE_TO_FIVE, STAFF, VENUE, Hall, person, plan
from tests.backend.bookings.story import tell

EXPLAINED = {"find", "aggregate", "update", "findAndModify", "delete"}
WITHOUT = {
    "lsid",
    "$db",
    "$clusterTime",
    "txnNumber",
    "startTransaction",
    "autocommit",
    "readConcern",
    "errorResponse",
}
OWN = {"venues", "pilots", "slot_plans", "slots", "bookings", "bookers", "booking_notices"} | {
    "visit_queues"
}
Sent = list[tuple[str, dict[str, Any]]]


async def _story(hall: Hall) -> None:
    await hall.open(plan(capacity=4))
    await tell(hall)
    page = await hall.bookings.page("res_c", 1, None)
    await hall.bookings.page("res_c", 1, page.rows[0].position)
    await hall.bookings.own("res_c", page.rows[0].booking_id)
    await hall.slots(quantity=2)
    slot, *_ = await hall.slots()
    for who in range(3):
        await hall.book(who, slot, 3)
    hall.clock.advance(3 * 86_400)
    await hall.sweeps.sweep()
    assert await hall.house.services[BookingNoticeDelivery].deliver()
    await hall.planning.bring_up_to_date()
    await hall.change(NINE_TO_FIVE, ends_bookings=True)
    plans = hall.house.services[VenuePlans]
    await plans.of_venue(STAFF, VENUE)
    assert isinstance(await plans.put(STAFF, new_key(), WantedPlan(plan(capacity=5))), PlanChange)
    await hall.planning.bring_up_to_date()
    await _queue(hall)
    pilots = hall.house.services[Pilots]
    pilot = await pilots.begin(STAFF, new_key(), VENUE, LocalizedText("试点", "Pilot"), [])
    assert isinstance(pilot, str)
    await pilots.count(pilot, "visits")
    await pilots.promote(STAFF, new_key(), pilot, [VENUE])
    await pilots.of_venue(VENUE)


async def _queue(hall: Hall) -> None:
    """Check in for an appointment, be called, miss it, come back."""
    clinic = plan(code="clinic", kind=SlotKind.APPOINTMENT, capacity=4, limit=1)
    slots = [one for one in await hall.open(clinic) if clinic.plan_id in one.facts.slot_id]
    booking = await hall.booked("q", slots[-1])
    hall.until(booking.starts_at)
    queues, where = hall.house.services[VisitQueues], (VENUE, "clinic")
    seen = await queues.check_in(person("q"), new_key(), booking.booking_id)
    assert isinstance(seen, BookingView), seen
    await queues.own_place(seen)
    await queues.call(STAFF, new_key(), *where, "1")
    for settlement in (Settlement.MISSED, Settlement.BACK):
        done = await queues.settle(STAFF, new_key(), *where, 1, settlement)
        assert isinstance(done, QueueNumber), done
    await queues.call(STAFF, new_key(), *where, "1", 1)
    assert isinstance(await queues.of_day(STAFF, *where), list)
    assert [one.plan for one in await hall.house.services[QueueServing].departments(VENUE)]
    now = hall.clock.now()
    async with hall.house.store.client.start_session() as session:
        row = await queues._first_today("res_q", VENUE, now, session)
    assert isinstance(row, dict), row


async def test_every_query_has_its_index(hall: Hall, house: House, sent: Sent) -> None:
    await _story(hall)
    asked: set[str] = set()
    for name, command in [one for one in sent if one[0] in EXPLAINED]:
        # What reconciles everything with everything reads everything: `check-bookings`.
        if command[name] not in OWN:
            continue
        asked.add(f"{command[name]} {name}")
        for part in parts(name, command):
            plan_of = await house.store.database.command(
                {"explain": part, "verbosity": "queryPlanner"}
            )
            found = stages(plan_of)
            assert not {"COLLSCAN", "SORT"} & found, part
    assert {
        "slots find",
        "slots update",
        "slots findAndModify",
        "bookings find",
        "bookings update",
        "bookers find",
        "bookers update",
        "venues find",
        "slot_plans find",
        "pilots find",
        "pilots update",
        "visit_queues findAndModify",
        "bookings aggregate",
        "booking_notices find",
        "booking_notices update",
    } <= asked


@pytest.mark.parametrize("quantity", [None, 3])
async def test_a_search_reads_the_slots_it_answers_with(
    hall: Hall, house: House, sent: Sent, quantity: int | None
) -> None:
    await hall.open(plan(capacity=4))
    slots = Slot.get_pymongo_collection()
    day = local_day(hall.clock.now()) + DAY
    some = [row["_id"] async for row in slots.find({}, {"_id": 1}).limit(60)]
    await slots.update_many({"_id": {"$in": some}}, {"$set": {"free": 2, "taken": 2}})
    sent.clear()
    found = await house.services[Slots].search(SlotSearch(VENUE, day, day + 12 * DAY, quantity))
    assert isinstance(found, list)
    [(_, command)] = sent
    told = await house.store.database.command(
        {"explain": _plain(command), "verbosity": "executionStats"}
    )
    assert told["executionStats"]["totalDocsExamined"] == len(found) > 0


def parts(name: str, command: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return commands to explain; of several updates in one, each."""
    if name != "update":
        return [_plain(command)]
    return [{"update": command["update"], "updates": [one]} for one in command["updates"]]


def _plain(command: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in command.items() if key not in WITHOUT}


def stages(told: Any) -> set[str]:
    if isinstance(told, list):
        return set().union(*map(stages, told)) if told else set()
    if not isinstance(told, dict):
        return set()
    own = {told["stage"]} if isinstance(told.get("stage"), str) else set()
    below = (value for name, value in told.items() if name not in {"rejectedPlans", "command"})
    return own.union(*map(stages, below))
