"""Booking scans in batches of 500 beside the raw driver's insert_many, and the same batches again.

Past HTTP, in one process on a real store; the rounds go in turn, so that a noisy moment hits all of
them alike. Plain entries are of codes nobody knows; counted ones stand on bookings, one each; what
is sent again is the same batch of entries.
"""

import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from statistics import median
from typing import Any

import uvloop

from backend.app import House, open_house
from backend.bookings.documents import PlaceBooking
from backend.bookings.rules import BookingState, SlotKind
from backend.demo_city import VENUES
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.refusals import Refusal
from backend.readers.booking import Booking
from backend.readers.service import TerminalFacts
from backend.settings import Settings, read_settings
from backend.venues.service import Venues
from shared.clock import SystemClock
from shared.wire.scans import UPLOAD_LIMIT
from tests.bench.measure import Row, table

_CLOCK = SystemClock()
_ROUNDS = 12
_GOAL = 5_000
_GATE = TerminalFacts("trm_bench", VENUES[0].number)
Batch = list[dict[str, Any]]


def run() -> list[Row]:
    """Start the store and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        with (
            embedded_mongod(settings) as mongod,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            return runner.run(_measure(settings, mongod.uri))


async def _measure(settings: Settings, uri: str) -> list[Row]:
    async with open_house(settings, uri, load_keys(settings), _CLOCK, {}) as house:
        await house.services[Venues].put(VENUES[0])
        raw = house.store.database["raw_scans"]
        times: dict[str, list[float]] = {}
        for number in range(_ROUNDS + 1):
            entries, counted = _entries(number), await _counted(number)
            rows = [{**row, "_id": row["scan_id"]} for row in entries]
            for name, act in (
                ("raw", lambda rows=rows: raw.insert_many(rows, ordered=False)),
                ("first", lambda batch=entries: _book(house, batch)),
                ("again", lambda batch=entries: _book(house, batch)),
                ("counted", lambda batch=counted: _book(house, batch)),
            ):
                took = await _seconds(act)
                if number:  # the first round warms up
                    times.setdefault(name, []).append(took)
        return _rows(times, await _entered())


async def _book(house: House, batch: Batch) -> None:
    receipts = await house.services[Booking].book(_GATE, batch, _CLOCK.now())
    if isinstance(receipts, Refusal) or any(one.code for one in receipts):
        raise RuntimeError("a scan was not booked")


async def _seconds(act: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


def _rows(times: dict[str, list[float]], entered: int) -> list[Row]:
    took = {name: median(some) for name, some in times.items()}
    rate = {name: UPLOAD_LIMIT / seconds for name, seconds in took.items()}
    share = took["again"] / took["first"]
    wanted = (_ROUNDS + 1) * UPLOAD_LIMIT
    return [
        Row("raw insert_many", f"{rate['raw']:,.0f} scans/s in batches of {UPLOAD_LIMIT}"),
        Row("entries booked", f"{rate['first']:,.0f} scans/s", "insert_many's time",
            took["first"] / took["raw"], f"≥ {_GOAL:,}/s", rate["first"] >= _GOAL),
        Row("the same batch again", f"{rate['again']:,.0f} scans/s", "the first time's",
            share, "< 1", share < 1),
        Row("entries counted on a booking each", f"{rate['counted']:,.0f} scans/s",
            "insert_many's time", took["counted"] / took["raw"]),
        Row("entries that bookings have", f"{entered:,}", goal=f"{wanted:,}",
            met=entered == wanted),
    ]  # fmt: skip


def _entries(number: int) -> Batch:
    at = int(_CLOCK.now().timestamp() * 1000)
    return [
        {
            "version": 2,
            "scan_id": secrets.token_hex(16),
            "lane": 1 + row % 2,
            "scanned_at": at,
            "medium": "ecode",
            "verdict": "admit",
            "region": 360700,
            "card_index": 1 + row,
            "device_serial": 1,
            "counter": number,
        }
        for row in range(UPLOAD_LIMIT)
    ]


async def _counted(number: int) -> Batch:
    """Return entries with a booking for each, which is stored."""
    now = _CLOCK.now()
    bookings = [
        PlaceBooking(
            id=f"bkg_{number}_{row}", request_hash=b"", resident_id=f"res_{row}", slot="1.main.x",
            plan="1.main", venue=_GATE.venue_number, kind=SlotKind.VISIT, starts_at=now,
            ends_at=now + timedelta(hours=1), cancel_by=now, quantity=1,
            state=BookingState.CONFIRMED, placed_at=now, changed_at=now,
        )
        for row in range(UPLOAD_LIMIT)
    ]  # fmt: skip
    await PlaceBooking.insert_many(bookings)
    return [
        {**entry, "counter": 100_000 + number, "counted_on": [booking.id]}
        for entry, booking in zip(_entries(number), bookings, strict=True)
    ]


async def _entered() -> int:
    grouped = await PlaceBooking.get_pymongo_collection().aggregate(
        [{"$group": {"_id": None, "entered": {"$sum": "$entered"}}}]
    )
    return sum([row["entered"] async for row in grouped])


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
