"""Two hundred who want fifty places, on two servers at once; and what the guard is for."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from backend.bookings import placing
from backend.bookings.rules import SlotFacts
from backend.foundation.keys import Keys
from backend.settings import Settings
from tests.backend.actors import new_key
from tests.backend.bookings.hall import Hall, Placed, another_server, code, plan
from tests.support.soak import SOAK

CLIENTS, PLACES = 200, 50
ROUNDS = 100 if SOAK else 3


@pytest.fixture
async def servers(hall: Hall, settings: Settings, keys: Keys) -> Sequence[Hall]:
    return hall, await another_server(hall, settings, keys)


async def _storm(servers: Sequence[Hall], slot: Any, rounds: int = 0) -> Counter[str]:
    wishes = (servers[who % len(servers)].book(f"{rounds}_{who}", slot) for who in range(CLIENTS))
    answers: list[Placed] = await asyncio.gather(*wishes)
    return Counter(map(code, answers))


@pytest.mark.soak
async def test_of_200_who_want_50_places_50_get_one(servers: Sequence[Hall]) -> None:
    hall = servers[0]
    slots = await hall.open(plan(capacity=PLACES))
    for number in range(ROUNDS):
        slot = slots[number % len(slots)]
        answers = await _storm(servers, slot, number)
        assert answers == {"BookingView": PLACES, "slot_full": CLIENTS - PLACES}
        assert await hall.counts(slot) == (0, PLACES, 0)
        if number % len(slots) == len(slots) - 1:
            hall.clock.advance(86_400)
            await hall.sweeps.sweep()
            await hall.planning.plan_ahead()
            slots = await hall.slots()


@pytest.mark.feature("S39")
async def test_one_appointment_is_one_patients(servers: Sequence[Hall]) -> None:
    slot, *_ = await servers[0].open(plan(capacity=1, limit=1))

    assert await _storm(servers, slot) == {"BookingView": 1, "slot_full": CLIENTS - 1}


async def test_without_the_guard_two_servers_would_oversell(
    servers: Sequence[Hall], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unguarded(slot: SlotFacts, *_: int) -> dict[str, Any]:
        return {"_id": slot.slot_id}

    monkeypatch.setattr(placing, "guard", unguarded)
    slot, *_ = await servers[0].open(plan(capacity=PLACES))
    answers = await _storm(servers, slot)

    assert answers["BookingView"] > PLACES
    assert (await servers[0].slot(slot.facts.slot_id))["free"] < 0


async def test_a_request_sent_many_times_at_once_is_one_booking(servers: Sequence[Hall]) -> None:
    slot, *_ = await servers[0].open()
    key = new_key()
    answers = await asyncio.gather(
        *(servers[turn % 2].book("one", slot, 4, key) for turn in range(40))
    )

    assert {code(answer) for answer in answers} == {"BookingView"}
    assert len({getattr(answer, "booking_id", "") for answer in answers}) == 1
    assert await servers[0].counts(slot) == (46, 4, 0)


async def test_one_person_asking_everywhere_at_once_keeps_to_the_limits(
    servers: Sequence[Hall],
) -> None:
    slots = await servers[0].open()
    answers = await asyncio.gather(
        *(servers[turn % 2].book("one", slot) for turn, slot in enumerate(slots))
    )

    assert Counter(map(code, answers)) == {
        "BookingView": 4,
        "too_many_bookings_a_day": len(slots) - 4,
    }


async def test_who_cancels_while_others_book_loses_no_place(servers: Sequence[Hall]) -> None:
    hall = servers[0]
    slot, *_ = await hall.open(plan(capacity=10))
    first = [await hall.booked(who, slot) for who in range(10)]
    waiting = [await hall.wait(f"w{who}", slot) for who in range(3)]

    answers = await asyncio.gather(
        *(servers[who % 2].cancel(who, first[who]) for who in range(6)),
        *(servers[who % 2].book(f"new{who}", slot) for who in range(20)),
    )

    told = Counter(map(code, answers[6:]))
    assert told["BookingView"] <= 3
    assert told["BookingView"] + told["slot_full"] == 20
    taken = 4 + 3 + told["BookingView"]
    assert await hall.counts(slot) == (10 - taken, taken, 0)
    assert [await hall.state(f"w{who}", one) for who, one in enumerate(waiting)] == ["OFFERED"] * 3
