"""Booking beside the raw driver doing one guarded update; slot search beside a raw indexed find.

Everything runs in one process on a real store; the rounds go in turn, so that a noisy moment hits
all of them alike. Booking: 200 clients for 10 slots of 50 places, 2,000 tries of which 500 win, and
the same with room for all. The raw update is the least that cannot oversell: `$inc` on condition,
with nothing else stored. Search: slots of 2,825 venues over 30 days, 20 a day each
(`BENCH_SLOT_DAYS` makes it smaller).
"""

import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from statistics import median
from typing import Any

import uvloop

from backend.app import House, open_house
from backend.bookings.documents import Slot
from backend.bookings.placing import SlotFull
from backend.bookings.planning import PlanFacts, insert_slots, slots_of
from backend.bookings.rules import SlotKind
from backend.bookings.service import Bookings
from backend.bookings.slots import Slots, SlotSearch
from backend.bookings.sweeps import discrepancies
from backend.cards.asking import Asking
from backend.cards.lifecycle import CardState
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.refusals import Refusal
from backend.settings import Settings, read_settings
from backend.venues.catalogue import Catalogue, Position, VenueSearch
from backend.venues.delta import delta_venues
from shared.admission.opening import OpeningCalendar
from shared.admission.opening_hours import Hours, Week
from shared.clock import SystemClock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from tests.bench.measure import Row, Sample, microseconds, table

_CLOCK = SystemClock()
_CLIENTS, _SLOTS, _PLACES, _ROUNDS = 200, 10, 50, 5
_SEARCHES = 600
_DAYS = int(os.environ.get("BENCH_SLOT_DAYS", "30"))
_LEAST_SHARE, _MOST_TIMES = 0.5, 3.0
_DAY = timedelta(days=1)
_TEN_HOURS = OpeningCalendar(Week.same_every_day(Hours(540, 1140)))
_TITLE = LocalizedText("参观", "Visit")
Book = Callable[[int, str], Awaitable[bool]]


def run() -> list[Row]:
    """Start the store and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        # One person of the benchmark books more than a person may.
        settings = read_settings({"YIKATONG_DATA_DIR": folder, "YIKATONG_BOOKING_AHEAD": "200"})
        with (
            embedded_mongod(settings) as mongod,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            return runner.run(_measure(settings, mongod.uri))


async def _measure(settings: Settings, uri: str) -> list[Row]:
    keys = load_keys(settings)
    async with open_house(settings, uri, keys, _CLOCK, {}) as house:
        rows = [
            *await _booking(house, _PLACES, "500 of 2,000 win"),
            *await _booking(house, _CLIENTS, "all win"),
        ]
        wrong = await discrepancies(1)
        rows.append(Row("places that no booking has", str(len(wrong)), goal="0", met=not wrong))
        rows += await _search(house)
        return rows


async def _booking(house: House, places: int, what: str) -> list[Row]:
    """Return tries a second of both, and CPU of this process a try."""
    rates: dict[str, list[float]] = {"raw": [], "booking": []}
    cpu: dict[str, list[float]] = {"raw": [], "booking": []}
    won = 0
    for number in range(_ROUNDS + 1):
        for name, make in (("raw", _raw), ("booking", _real)):
            book, ids = await make(house, places, number)
            began, used = time.perf_counter(), time.process_time()
            answers = await asyncio.gather(
                *(_client(client, book, ids) for client in range(_CLIENTS))
            )
            seconds, used = time.perf_counter() - began, time.process_time() - used
            won = sum(map(sum, answers))
            if won != places * _SLOTS:
                raise RuntimeError(f"{won} places were given, not {places * _SLOTS}")
            if number:  # the first round warms up
                tries = _CLIENTS * _SLOTS
                rates[name].append(tries / seconds)
                cpu[name].append(used / tries * 1e6)
    raw, ours = median(rates["raw"]), median(rates["booking"])
    return [
        Row(f"raw guarded update, {what}", f"{raw:,.0f}/s, {median(cpu['raw']):,.0f} µs CPU"),
        Row(f"booking with limits, key and audit row, {what}",
            f"{ours:,.0f}/s, {median(cpu['booking']):,.0f} µs CPU", "the raw update",
            ours / raw, f"≥ {_LEAST_SHARE}", ours / raw >= _LEAST_SHARE),
    ]  # fmt: skip


async def _client(client: int, book: Book, slot_ids: list[str]) -> list[bool]:
    begin = client % _SLOTS
    return [await book(client, slot) for slot in [*slot_ids[begin:], *slot_ids[:begin]]]


async def _raw(house: House, places: int, _: int) -> tuple[Book, list[str]]:
    raw = house.store.database["raw_slots"]
    await raw.delete_many({})
    ids = [f"raw{number}" for number in range(_SLOTS)]
    await raw.insert_many(
        [{"_id": one, "open": True, "taken": 0, "capacity": places} for one in ids]
    )
    guard = {"open": True, "$expr": {"$lt": ["$taken", "$capacity"]}}

    async def book(_: int, slot: str) -> bool:
        done = await raw.update_one({"_id": slot, **guard}, {"$inc": {"taken": 1}})
        return done.modified_count == 1

    return book, ids


async def _real(house: House, places: int, number: int) -> tuple[Book, list[str]]:
    plan = PlanFacts(
        venue=60_000, code=f"p{places}r{number}", area="a", kind=SlotKind.VISIT, title=_TITLE,
        length_minutes=60, capacity=places, limit=1,
    )  # fmt: skip
    # Two days apart, so that nobody meets their limit of a day: what is measured is the booking.
    day = local_day(_CLOCK.now()) + _DAY
    days = [day + (number * _SLOTS + count) * _DAY for count in range(_SLOTS)]
    slots = [next(slots_of(plan, _TEN_HOURS, one)) for one in days]
    await insert_slots(slots)
    bookings = house.services[Bookings]

    async def book(client: int, slot: str) -> bool:
        asking = Asking(f"res_{places}_{number}_{client}", f"key {client}", CardState.ACTIVE)
        answer = await bookings.place(asking, secrets.token_hex(8), slot, 1)
        if isinstance(answer, Refusal):
            raise TypeError(answer.code)
        return not isinstance(answer, SlotFull)

    return book, [slot["_id"] for slot in slots]


async def _search(house: House) -> list[Row]:
    venues = list(delta_venues())
    await house.services[Catalogue].file(venues)
    numbers = [venue.number for venue in venues]
    began = time.perf_counter()
    held = await _add_slots(numbers)
    rate = held / (time.perf_counter() - began)
    first = local_day(_CLOCK.now()) + _DAY
    slots, catalogue = house.services[Slots], house.services[Catalogue]
    find = Slot.get_pymongo_collection()

    async def searched(number: int) -> object:
        return await slots.search(SlotSearch(number, first, first + 2 * _DAY, 2))

    async def found(number: int) -> object:
        """Return the same rows by the same index, as the driver hands them out."""
        midnight = _CLOCK.now().replace(hour=16, minute=0, second=0, microsecond=0)
        asked = {"venue": number, "starts_at": {"$gte": midnight, "$lt": midnight + 3 * _DAY}}
        return await find.find(asked).to_list()

    async def near(number: int) -> object:
        where = venues[number - numbers[0]].position or Position(31, 121)
        return await catalogue.search(VenueSearch(near=where), 20, None)

    async def texts(number: int) -> object:
        name = venues[number - numbers[0]].name.zh[-6:]
        return await catalogue.search(VenueSearch(text=name), 20, None)

    actions = {"raw find": found, "slot search": searched, "near": near, "text": texts}
    samples = await _in_turn(actions, numbers)
    raw, ours = samples["raw find"], samples["slot search"]
    times = ours.p99() / raw.p99()
    return [
        Row("slots made and stored", f"{held:,} slots, {rate:,.0f}/s"),
        Row("raw indexed find, 3 days of a venue", microseconds(raw)),
        Row("slot search, 3 days of a venue, room for 2", microseconds(ours),
            "the raw find's p99", times, f"≤ {_MOST_TIMES}", times <= _MOST_TIMES),
        Row("20 venues near", microseconds(samples["near"]), "the raw find's p50",
            samples["near"].p50() / raw.p50()),
        Row("20 venues by a name's part", microseconds(samples["text"]), "the raw find's p50",
            samples["text"].p50() / raw.p50()),
    ]  # fmt: skip


async def _add_slots(numbers: list[int]) -> int:
    """Store 20 slots a day of each venue."""
    first, held, rows = local_day(_CLOCK.now()), 0, list[dict[str, Any]]()
    days = [first + count * _DAY for count in range(_DAYS)]
    one = PlanFacts(1, "main", "main", SlotKind.VISIT, _TITLE, 30, 50)
    shapes = [slot for day in days for slot in slots_of(one, _TEN_HOURS, day)]
    for number in numbers:
        rows += [
            {**slot, "_id": f"{number}{slot['_id'][1:]}", "plan": f"{number}.main",
             "venue": number}
            for slot in shapes
        ]  # fmt: skip
        if len(rows) >= 20_000:
            await insert_slots(rows)
            held += len(rows)
            rows = []
            if held % 400_000 < 20_000:
                sys.stderr.write(f"{held:,} slots\n")
    await insert_slots(rows)
    return held + len(rows)


async def _in_turn(
    actions: Mapping[str, Callable[[int], Awaitable[object]]], numbers: list[int]
) -> dict[str, Sample]:
    samples = {name: Sample() for name in actions}
    for turn in range(_SEARCHES + 20):
        for place, (name, action) in enumerate(actions.items()):
            # Each its own venue: the first to read one would warm it for the others.
            number = numbers[(turn * 797 + place * 1_409) % len(numbers)]
            cpu, wall = time.process_time_ns(), time.perf_counter_ns()
            await action(number)
            if turn >= 20:
                samples[name].wall.append((time.perf_counter_ns() - wall) / 1000)
                samples[name].cpu.append((time.process_time_ns() - cpu) / 1000)
    return samples


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
