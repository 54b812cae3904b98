"""The app's start screen is one operation: small, and as many reads whatever there is to show."""

import json
from datetime import timedelta
from typing import Any

from tests.backend.actors import City, Phone, scan
from tests.backend.bookings.hall import DAY, Hall, plan
from tests.backend.bookings.test_api import _do, _phone, _slots

LARGEST = 20_000
"""Bytes that a phone may have to fetch for its start screen."""


async def _coming(phone: Phone) -> list[str]:
    return [one["id"] for one in (await phone.ask("Home"))["comingBookings"]["nodes"]]


async def test_it_tells_what_is_ahead_the_earliest_first(city: City, hall: Hall) -> None:
    await hall.open(plan(capacity=4))
    phone = await _phone(city, "911")
    assert await _coming(phone) == []
    slots = (await _slots(phone, hall))[:3]
    made = [
        (await _do(phone, "BookPlace", slot=slot["id"], quantity=1))["booking"]["id"]
        for slot in reversed(slots)
    ][::-1]
    for booking in made:
        await _do(phone, "ConfirmBooking", booking=booking)
    await _do(phone, "CancelBooking", booking=made[0])

    assert await _coming(phone) == made[1:], "but not what was given back"
    starts, hour = hall.clock.now(), timedelta(hours=1)
    while len(await _coming(phone)) > 1 and hall.clock.now() < starts + 2 * DAY:
        hall.clock.advance(hour.total_seconds())
    assert await _coming(phone) == made[2:], "those that are over are gone"


async def test_its_price_and_its_size_are_bounded(
    city: City, hall: Hall, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    await hall.open(plan(capacity=4))
    phone, terminal = await city.phone(await city.holder()), await city.terminal()
    slots = await _slots(phone, hall)
    reads = []
    for slot in slots[:3]:
        await _do(phone, "BookPlace", slot=slot["id"], quantity=1)
        sent.clear()
        await phone.ask("Home", first=20)
        reads.append(sorted(command[name] for name, command in sent))
    assert reads[0] == reads[1] == reads[2]
    assert len(reads[0]) <= 8, reads[0]
    assert reads[0].count("bookings") == 1

    at = city.clock.now()
    await terminal.upload(*(scan(at - timedelta(minutes=n)) for n in range(25)))
    answer = await phone.ask("Home", first=20)
    assert len(answer["comingBookings"]["nodes"]) == 3
    assert len(answer["visits"]["nodes"]) == 20
    assert len(json.dumps(answer, ensure_ascii=False).encode()) <= LARGEST


async def test_a_phone_without_a_card_gets_its_reason_and_no_bookings(city: City) -> None:
    stranger = city.stranger()
    answer = await stranger.ask("Home")

    assert answer["card"]["code"] == "device_unknown"
    assert answer["comingBookings"] == {"__typename": "Refusal"}
