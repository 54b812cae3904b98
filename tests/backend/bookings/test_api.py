"""Booking from the app: by the phone's own key, or signed in on a phone of one's own."""

from datetime import datetime, timedelta
from typing import Any

from backend.cards.lifecycle import CardEvent
from backend.foundation.access import Role
from backend.venues.documents import Venue
from shared.admission.composition import AnyOf
from shared.admission.entitlement_conditions import BookingHeld, LateFrom, PassHeld
from shared.admission.rules import AdmissionRules
from shared.identity.age import local_day
from tests.backend.accounts.actors import People
from tests.backend.actors import City, Phone, new_key
from tests.backend.bookings.hall import DAY, HERE, VENUE, Hall, plan


async def _phone(city: City, sequence: str = "901") -> Phone:
    return await city.phone(await city.holder(sequence, digest=None))


async def _slots(phone: Phone, hall: Hall, **more: Any) -> list[dict[str, Any]]:
    day = (local_day(hall.clock.now()) + DAY).isoformat()
    answer = (await phone.ask("Slots", venue=VENUE, **{"from": day, "to": day}, **more))["slots"]
    found: list[dict[str, Any]] = answer["slots"]
    return found


async def _do(phone: Phone, operation: str, key: str = "", **wish: Any) -> Any:
    answer = await phone.ask(operation, input={"idempotencyKey": key or new_key(), **wish})
    [member] = answer.values()
    return member


async def test_a_phone_books_without_a_password(city: City, hall: Hall) -> None:
    await hall.open(plan(capacity=4))
    phone = await _phone(city)
    first, second, *_ = await _slots(phone, hall, quantity=2)
    assert first["title"]["zh"] == "主展厅"
    assert (first["free"], first["capacity"], first["open"]) == (4, 4, True)

    held = await _do(phone, "BookPlace", slot=first["id"], quantity=3)
    assert held["__typename"] == "BookingChanged"
    booking = held["booking"]
    assert (booking["state"], booking["venue"]["name"]["en"]) == (
        "HELD",
        "Qianzhou Ceramics Museum",
    )
    confirmed = await _do(phone, "ConfirmBooking", booking=booking["id"])
    assert confirmed["booking"]["state"] == "CONFIRMED"
    moved = await _do(phone, "RescheduleBooking", booking=booking["id"], slot=second["id"])
    assert moved["booking"]["slot"] == second["id"]
    other = await _phone(city, "902")
    full = await _do(other, "BookPlace", slot=second["id"], quantity=2)
    assert full["__typename"] == "SlotFull"
    assert full["nextFree"]["startsAt"] > second["startsAt"]
    waits = await _do(other, "JoinWaitingList", slot=second["id"], quantity=2)
    assert waits["booking"]["state"] == "WAITING"
    left = await _do(other, "LeaveWaitingList", booking=waits["booking"]["id"])
    assert left["booking"]["state"] == "CANCELLED"
    cancelled = await _do(phone, "CancelBooking", booking=booking["id"])
    assert (cancelled["booking"]["state"], cancelled["booking"]["forfeited"]) == (
        "CANCELLED",
        False,
    )
    stranger = (await other.ask("Booking", id=booking["id"]))["booking"]
    assert stranger["code"] == "booking_unknown"
    own = (await phone.ask("Booking", id=booking["id"]))["booking"]
    assert own["state"] == "CANCELLED"


async def test_bookings_are_paged_and_filtered(city: City, hall: Hall) -> None:
    await hall.open(plan(capacity=4))
    phone = await _phone(city)
    made = [
        (await _do(phone, "BookPlace", slot=slot["id"], quantity=1))["booking"]["id"]
        for slot in (await _slots(phone, hall))[:3]
    ]
    await _do(phone, "ConfirmBooking", booking=made[1])
    page = (await phone.ask("Bookings", first=2))["bookings"]
    assert [one["id"] for one in page["nodes"]] == made[:0:-1]
    cursor = page["pageInfo"]["endCursor"]
    rest = (await phone.ask("Bookings", first=2, after=cursor))["bookings"]
    assert [one["id"] for one in rest["nodes"]] == made[:1]
    assert not rest["pageInfo"]["hasNextPage"]
    confirmed = (await phone.ask("Bookings", state="CONFIRMED"))["bookings"]
    assert [one["id"] for one in confirmed["nodes"]] == [made[1]]


async def test_a_page_costs_the_same_reads_whatever_is_on_it(
    city: City, hall: Hall, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    await hall.open(plan(capacity=4))
    phone = await _phone(city)
    slots = await _slots(phone, hall)
    reads = []
    for slot in slots[:3]:
        await _do(phone, "BookPlace", slot=slot["id"], quantity=1)
        sent.clear()
        await phone.ask("Bookings")
        await _slots(phone, hall)
        reads.append([command[name] for name, command in sent])
    assert reads[0] == reads[1] == reads[2]
    assert sorted(reads[0]) == ["bookings", "cards", "slot_plans", "slot_plans", "slots", "venues"]


async def test_who_may_not_is_told_why(city: City, hall: Hall) -> None:
    await hall.open()
    phone = await _phone(city)
    slot = (await _slots(phone, hall))[0]["id"]
    wish = {"slot": slot, "quantity": 1}
    assert (await _do(city.stranger(), "BookPlace", **wish))["code"] == "device_unknown"
    assert (await city.stranger().ask("Bookings"))["bookings"]["code"] == "device_unknown"
    other = await city.holder("905", digest=None)
    for_other = await _do(phone, "BookPlace", **wish, resident=other.resident_id)
    assert for_other["code"] == "no_mandate"
    holder = await city.holder("906", digest=None)
    lost = await city.phone(holder)
    booked = await _do(lost, "BookPlace", **wish)
    await city.served(holder, CardEvent.SUSPEND)
    assert (await _do(lost, "BookPlace", **wish))["code"] == "card_suspended"
    assert (await _do(lost, "ConfirmBooking", booking=booked["booking"]["id"]))["code"] == (
        "card_suspended"
    )
    seen = (await lost.ask("Bookings"))["bookings"]
    assert [one["id"] for one in seen["nodes"]] == [booked["booking"]["id"]]
    cancelled = await _do(lost, "CancelBooking", booking=booked["booking"]["id"])
    assert cancelled["booking"]["state"] == "CANCELLED"


async def test_who_signed_in_books_as_themselves(city: City, hall: Hall) -> None:
    people = People(city)
    await hall.open()
    device = await people.signed_in("901")
    slot = (await _slots(device, hall))[0]["id"]
    assert (await _do(device, "BookPlace", slot=slot, quantity=1))["code"] == "no_card"
    await city.holder("901", digest=None)
    booked = await _do(device, "BookPlace", slot=slot, quantity=1)
    assert booked["__typename"] == "BookingChanged"
    assert [one["id"] for one in (await device.ask("Bookings"))["bookings"]["nodes"]] == [
        booked["booking"]["id"]
    ]


async def test_staff_of_venues_see_a_booking_and_its_person_sees_that(
    city: City, hall: Hall
) -> None:
    people = People(city)
    await hall.open()
    device = await people.signed_in("901")
    await city.holder("901", digest=None)
    slot = (await _slots(device, hall))[0]["id"]
    booked = await _do(device, "BookPlace", slot=slot, quantity=1)
    staff = await people.staff("gatekeeper", Role.VENUE_STAFF, place=HERE)
    await staff.sign_in()
    other = await people.staff("elsewhere", Role.VENUE_STAFF, sequence="802")
    await other.sign_in()
    await device.renew_session()

    seen = (await staff.device.ask("Booking", id=booked["booking"]["id"]))["booking"]
    assert seen["quantity"] == 1
    refused = (await other.device.ask("Booking", id=booked["booking"]["id"]))["booking"]
    assert refused["code"] == "venue_of_others"
    assert (await staff.device.ask("Bookings"))["bookings"]["code"] == "sign_in_needed"
    uses = (await device.ask("DataUse"))["dataUse"]["nodes"]
    assert any("查阅了预约" in use["action"]["zh"] for use in uses), uses


async def test_a_booking_says_when_its_venue_lets_in(city: City, hall: Hall) -> None:
    await hall.open(plan(capacity=4))
    phone = await _phone(city)
    slot, *_ = await _slots(phone, hall)
    booking = (await _do(phone, "BookPlace", slot=slot["id"], quantity=1))["booking"]
    assert (booking["entryFrom"], booking["entryUntil"]) == (slot["startsAt"], slot["endsAt"])

    asked = BookingHeld(early_minutes=15, late_minutes=30, late_from=LateFrom.START)
    rules = AdmissionRules(conditions=(AnyOf((asked, PassHeld())),)).to_wire()
    await Venue.get_pymongo_collection().update_one({"_id": VENUE}, {"$set": {"rules": rules}})
    own = (await phone.ask("Booking", id=booking["id"]))["booking"]
    start = datetime.fromisoformat(slot["startsAt"])
    assert datetime.fromisoformat(own["entryFrom"]) == start - timedelta(minutes=15)
    assert datetime.fromisoformat(own["entryUntil"]) == start + timedelta(minutes=30)
