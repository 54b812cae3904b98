"""The offline set of a museum with 20,000 bookings: size, making, deltas, and opening at a lane.

Making it is held against one raw read of the same bookings, its size against the same bookings as
plain JSON, and a lane's decision with it against the same decision where nothing is booked.
`BENCH_MANIFEST_BOOKINGS` makes it smaller.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from backend.app import House, open_house
from backend.bookings.documents import PlaceBooking
from backend.cards.documents import Card
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.manifests.documents import OfflineSetHead
from backend.manifests.service import OfflineSets, SetDownload
from backend.settings import Settings, read_settings
from reader_service.journal import Journal
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.offline_holdings import OfferedSet
from reader_service.snapshot import Kind, Snapshot
from shared.admission.circumstances import HeldBooking
from shared.admission.entitlement_conditions import BookingHeld
from shared.clock import ManualClock, SystemClock
from shared.wire.offline_set import Holdings
from tests.bench.measure import Row, interleave, microseconds, table
from tests.reader_service.city import LIST_KEY_ID, OPEN_RULES, REGION, VENUE, City, Phone

_BOOKINGS = int(os.environ.get("BENCH_MANIFEST_BOOKINGS", "20000"))
_CHANGED, _ROUNDS, _SCANS = 20, 3, 300
_CLOCK = SystemClock()
_HOUR = timedelta(hours=1)
_MOST_TIMES, _MOST_DELTA, _MOST_MICROSECONDS = 5.0, 0.5, 1_000.0
"""Giving out and following, against a raw read of all; a record at a lane: far below noticing."""


def run() -> list[Row]:
    """Start the store and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        city = City(now=_CLOCK.now().replace(microsecond=0))
        with (
            embedded_mongod(settings) as mongod,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            made, whole, delta = runner.run(_measure(settings, mongod.uri, city))
        return [*made, *_at_the_lane(city, whole, delta)]


async def _measure(
    settings: Settings, uri: str, city: City
) -> tuple[list[Row], SetDownload, SetDownload]:
    keys = replace(load_keys(settings), lists=city.list_key)
    async with open_house(settings, uri, keys, _CLOCK, {}) as house:
        rows = await _fill(city)
        sets = house.services[OfflineSets]
        times: dict[str, list[float]] = {"raw": [], "whole": [], "same": []}
        for _ in range(_ROUNDS):
            times["raw"].append(await _timed(_raw_read))
            await _forget(house)
            times["whole"].append(await _timed(lambda: sets.download(VENUE, [], delta=True)))
            await _let_rest()
            times["same"].append(await _timed(lambda: sets.download(VENUE, [], delta=True)))
        whole = await _given(sets, [])
        await _change(rows)
        await _let_rest()
        began = time.perf_counter()
        delta = await _given(sets, [whole.etag])
        took = time.perf_counter() - began
    raw, full = median(times["raw"]), median(times["whole"])
    plain = len(json.dumps([_held(row).to_wire() for row in rows]))
    size, change = len(whole.content or b""), len(delta.content or b"")
    return [
        Row(f"raw read of {_BOOKINGS:,} bookings", f"{raw * 1e3:,.0f} ms"),
        Row("the same as plain JSON", f"{plain / 1e6:,.2f} MB"),
        Row("offline set, made for the first time, stored and signed", f"{full * 1e3:,.0f} ms",
            "the raw read", full / raw),
        Row("offline set brought up to date, nothing changed, given out whole",
            f"{median(times['same']) * 1e3:,.0f} ms", "the raw read",
            median(times["same"]) / raw, f"≤ {_MOST_TIMES}",
            median(times["same"]) / raw <= _MOST_TIMES),
        Row("offline set, bytes", f"{size / 1e6:,.2f} MB", "plain JSON", size / plain, "≤ 1",
            size <= plain),
        Row(f"delta of {_CHANGED} bookings, bytes", f"{change:,} B", "the whole set",
            change / size),
        Row(f"delta of {_CHANGED} bookings, what changed read and signed", f"{took * 1e3:,.0f} ms",
            "the raw read", took / raw, f"≤ {_MOST_DELTA}", took / raw <= _MOST_DELTA),
    ], whole, delta  # fmt: skip


_PHONES: list[Phone] = []


async def _fill(city: City) -> list[dict[str, Any]]:
    """Store cards with a phone each, and a confirmed booking of each."""
    now = city.now
    _PHONES[:] = [city.phone(card_index=number) for number in range(_BOOKINGS)]
    await Card.get_pymongo_collection().insert_many(
        [_card(number, phone, now) for number, phone in enumerate(_PHONES)], ordered=False
    )
    rows = [_booking(number, now) for number in range(_BOOKINGS)]
    await PlaceBooking.get_pymongo_collection().insert_many(rows, ordered=False)
    return rows


def _card(number: int, phone: Phone, now: datetime) -> dict[str, Any]:
    key = phone.certificate.claims.device_key
    device = {
        "serial": 1, "thumbprint": f"t{number}", "algorithm": int(key.algorithm),
        "public_key": key.raw, "name": "x", "state": "BOUND", "enrolled_at": now,
    }  # fmt: skip
    return {
        "_id": f"crd_{number}", "resident_id": f"res_{number}", "region": REGION,
        "card_index": number, "generation": 3, "state": "ACTIVE", "version": 1,
        "account_reference": "x", "devices": [device], "issued_at": now, "changed_at": now,
    }  # fmt: skip


def _booking(number: int, now: datetime) -> dict[str, Any]:
    starts_at = now + (number % 40) * _HOUR
    return {
        "_id": f"bkg_{number:032x}", "resident_id": f"res_{number}", "venue": VENUE,
        "request_hash": b"x", "slot": "s", "plan": f"{VENUE}.main", "kind": "VISIT",
        "starts_at": starts_at, "ends_at": starts_at + _HOUR, "cancel_by": now,
        "quantity": 1 + number % 4, "entered": 0, "state": "CONFIRMED", "placed_at": now,
        "changed_at": now, "forfeited": False, "moves": [],
    }  # fmt: skip


def _held(row: dict[str, Any]) -> HeldBooking:
    return HeldBooking(
        row["_id"], VENUE, row["starts_at"], row["ends_at"], row["quantity"], row["entered"]
    )


async def _timed(act: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


async def _raw_read() -> object:
    found = PlaceBooking.get_pymongo_collection().find({"venue": VENUE, "state": "CONFIRMED"})
    return await found.to_list()


async def _forget(house: House) -> None:
    for name in ("offline_sets", "offline_records"):
        await house.store.database[name].delete_many({})


async def _let_rest() -> None:
    """Have the set due again at once: how long it rests is not what is measured."""
    long_ago = _CLOCK.now() - 2 * _HOUR
    await OfflineSetHead.get_pymongo_collection().update_one(
        {"_id": VENUE}, {"$set": {"read_at": long_ago}}
    )


async def _change(rows: list[dict[str, Any]]) -> None:
    ids = [row["_id"] for row in rows[:_CHANGED]]
    await PlaceBooking.get_pymongo_collection().update_many(
        {"_id": {"$in": ids}}, {"$set": {"quantity": 9}}
    )


async def _given(sets: OfflineSets, known: list[str]) -> SetDownload:
    given = await sets.download(VENUE, known, delta=True)
    if not isinstance(given, SetDownload) or given.content is None:
        raise TypeError("no set was given")
    return given


def _at_the_lane(city: City, whole: SetDownload, delta: SetDownload) -> list[Row]:
    clock = ManualClock(_CLOCK.now())
    with _gatekeeper(city, clock) as (snapshot, booked), _gatekeeper(city, clock) as (_, plain):
        rules = replace(OPEN_RULES, conditions=(BookingHeld(early_minutes=60),))
        manifest = city.manifest(rules, offline_set=True)
        snapshot.offer(Kind.MANIFEST, manifest, None, clock.now())
        took = [_offered(city, snapshot, one, clock) for one in (whole, delta)]
        held = snapshot.lists.holdings
        if held is None:
            raise TypeError("the set is not in use")
        # Those whose slot is now; each shows once, as visitors do.
        here = [phone for number, phone in enumerate(_PHONES) if number % 40 == 0]
        turns = iter(range(10**9))

        def shown(gatekeeper: Gatekeeper) -> Callable[[], object]:
            def act() -> object:
                phone = here[next(turns) // 3 % len(here)]
                answer = gatekeeper.decide_code(phone.code(clock.now()), 1).answer
                if not answer.verdict.opens:
                    raise TypeError(str(answer.reason))
                return answer

            return act

        def opened() -> Holdings:
            found = held.of_code(here[next(turns) // 3 % len(here)].certificate.claims)
            if not found.bookings:
                raise TypeError("the record is not there")
            return found

        samples = interleave(
            {"plain": shown(plain), "booked": shown(booked), "opened": opened}, _SCANS
        )
    record = samples["opened"].p50()
    return [
        Row("reader: whole set verified, stored and in use", f"{took[0] * 1e3:,.0f} ms"),
        Row("reader: delta verified, stored and in use", f"{took[1] * 1e3:,.0f} ms"),
        Row("reader: one record found and opened", microseconds(samples["opened"]), "",
            None, f"≤ {_MOST_MICROSECONDS:,.0f} µs", record <= _MOST_MICROSECONDS),
        Row("code shown and decided, nothing booked", microseconds(samples["plain"])),
        Row("code shown and decided by a booking", microseconds(samples["booked"]),
            "where nothing is booked", samples["booked"].p50() / samples["plain"].p50()),
    ]  # fmt: skip


def _offered(city: City, snapshot: Snapshot, given: SetDownload, clock: ManualClock) -> float:
    """Offer what the backend gave, under the number that the city of the tests gives its key."""
    now, content = clock.now(), given.content or b""
    body = content[:7] + bytes([LIST_KEY_ID]) + content[8:-64]
    body += city.list_key.sign(body)
    began = time.perf_counter()
    snapshot.offer_holdings(OfferedSet(body, given.etag, given.card_key, now, now))
    return time.perf_counter() - began


@contextmanager
def _gatekeeper(city: City, clock: ManualClock) -> Iterator[tuple[Snapshot, Gatekeeper]]:
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        snapshot = Snapshot(Path(folder) / "snapshot.sqlite", city.enrolment)
        city.fill(snapshot)
        journal = Journal(Path(folder) / "journal.sqlite")
        yield snapshot, Gatekeeper(snapshot, journal, clock)
        journal.close()


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
