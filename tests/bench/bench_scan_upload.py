"""Scans uploaded over HTTP by several readers at once, and the same batches again.

One server process of uvicorn, as `python -m backend serve` starts it, with its mongod on the same
machine; the readers that upload are threads of this process, whose CPU comes on top. What a batch
costs server and store is told in CPU time, which says more on a busy machine: two cores of their
own would do no more than that allows, and the server, one process, no more than its core.
"""

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop
from pymongo import MongoClient

from backend.app import make_app, open_house
from backend.demo_city import VENUES
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.serving import bind, serve
from backend.readers.service import TerminalRequest, Terminals
from backend.settings import Settings, read_settings
from backend.venues.service import Venues
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.scans import UPLOAD_LIMIT, WIRE_VERSION
from tests.bench.measure import Row, table
from tests.bench.over_http import ask, cpu_seconds, proven_request

_CLOCK = SystemClock()
_READERS, _BATCHES = 4, 10
_GOAL = 5_000
SETTLE_SECONDS = 3.0
Batches = Sequence[bytes]


def run() -> list[Row]:
    """Start the store and the server, and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        with embedded_mongod(settings) as mongod, server(folder, mongod.uri) as (pid, port, pem):
            time.sleep(SETTLE_SECONDS)
            readers = _Readers(SoftwareKey.of_pem(pem.encode()), port, (pid, pid_of(mongod.uri)))
            with readers:
                return _measured(readers, MongoClient(mongod.uri)[settings.database]["bookings"])


def _measured(readers: "_Readers", bookings: Any) -> list[Row]:
    scans = _READERS * _BATCHES * UPLOAD_LIMIT
    readers.upload([_body(_entries(0)) for _ in range(_READERS)])
    plain = [_body(_entries(number)) for number in range(_READERS * _BATCHES)]
    counted = [_body(_counted(number, bookings)) for number in range(_READERS * _BATCHES)]
    took = {
        "booked": readers.upload(plain),
        "the same again": readers.upload(plain),
        "counted on a booking each": readers.upload(counted),
    }
    entered = bookings.count_documents({"entered": 1})
    first, again = took["booked"], took["the same again"]
    rows = [
        Row(f"scans over HTTP, {_READERS} readers, {name}", _told(spent, scans))
        for name, spent in took.items()
    ]
    share = sum(again[1:]) / sum(first[1:])
    return [
        *rows,
        *(
            Row(f"{name}, {how}", f"{rate:,.0f} scans/s", goal=f"≥ {_GOAL:,}/s", met=rate >= _GOAL)
            for name in ("booked", "counted on a booking each")
            for how, rate in (
                ("measured", scans / took[name][0]),
                ("by CPU time on two cores", _most(took[name], scans)),
            )
        ),
        Row("the same again, CPU", "server and store", "the first time's", share, "< 1", share < 1),
        Row("bookings that were entered", f"{entered:,}", goal=f"{scans:,}", met=entered == scans),
    ]  # fmt: skip


def _told(spent: tuple[float, ...], scans: int) -> str:
    wall, server, store = spent
    return (
        f"{scans / wall:,.0f} scans/s; CPU a scan: server {server / scans * 1e6:,.0f} µs, "
        f"store {store / scans * 1e6:,.0f} µs"
    )


def _most(spent: tuple[float, ...], scans: int) -> float:
    """Return how many a second two cores could do with this CPU time."""
    _, server, store = spent
    return min(scans / server, 2 * scans / (server + store))


class _Readers:
    """Several uploads of one enrolled reader at once."""

    def __init__(self, key: SoftwareKey, port: int, pids: tuple[int, int]) -> None:
        self._key, self._port, self._pids = key, port, pids
        self._pool = ThreadPoolExecutor(_READERS)

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def upload(self, bodies: Batches) -> tuple[float, ...]:
        """Upload batches; return seconds, and the CPU seconds of server and store."""
        requests = [proven_request(self._key, "/readers/v1/scans", body) for body in bodies]
        before = [cpu_seconds(pid) for pid in self._pids]
        began = time.perf_counter()
        list(self._pool.map(self._upload, range(_READERS), [requests] * _READERS))
        took = time.perf_counter() - began
        spent = [cpu_seconds(pid) - was for pid, was in zip(self._pids, before, strict=True)]
        return took, *spent

    def _upload(self, which: int, requests: Batches) -> None:
        # Anew for each upload: the server closes a connection that rests while bodies are made.
        with socket.create_connection(("127.0.0.1", self._port)) as connection:
            for request in requests[which::_READERS]:
                receipts = json.loads(ask(connection, request))["receipts"]
                if len(receipts) != UPLOAD_LIMIT or any(one["code"] for one in receipts):
                    raise RuntimeError("a scan was not booked")


def _body(entries: Sequence[dict[str, Any]]) -> bytes:
    return json.dumps({"version": WIRE_VERSION, "scans": entries}).encode()


def _entries(number: int) -> list[dict[str, Any]]:
    at = int(_CLOCK.now().timestamp() * 1000)
    return [
        {
            "version": WIRE_VERSION, "scan_id": secrets.token_hex(16), "lane": 1 + row % 2,
            "scanned_at": at, "medium": "ecode", "verdict": "admit", "region": 360700,
            "card_index": 1 + row, "device_serial": 1, "counter": number,
        }
        for row in range(UPLOAD_LIMIT)
    ]  # fmt: skip


def _counted(number: int, bookings: Any) -> list[dict[str, Any]]:
    """Return entries with a booking for each, which is stored."""
    now, rows = _CLOCK.now(), range(number * UPLOAD_LIMIT, (number + 1) * UPLOAD_LIMIT)
    bookings.insert_many(
        [
            {
                "_id": f"bkg_{row}", "request_hash": b"", "resident_id": f"res_{row}",
                "slot": "1.main.x", "plan": "1.main", "venue": VENUES[0].number, "kind": "VISIT",
                "starts_at": now, "ends_at": now + timedelta(hours=1), "cancel_by": now,
                "quantity": 1, "entered": 0, "state": "CONFIRMED", "placed_at": now,
                "changed_at": now, "forfeited": False, "moves": [],
            }
            for row in rows
        ]
    )  # fmt: skip
    entries = _entries(100_000 + number)
    return [one | {"counted_on": [f"bkg_{row}"]} for one, row in zip(entries, rows, strict=True)]


def pid_of(uri: str) -> int:
    """Return the store's process id."""
    return int(MongoClient[dict[str, Any]](uri)["admin"].command("serverStatus")["pid"])


@contextmanager
def server(folder: str, uri: str) -> Iterator[tuple[int, int, str]]:
    """Run the server with one enrolled reader; yield its process id, port and the reader's key."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bench_scan_upload", "--serve", folder, uri],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        yield process.pid, told["port"], told["key"]
    finally:
        process.terminate()
        process.wait(20)


async def _serve(settings: Settings, uri: str) -> None:
    keys, key = load_keys(settings), SoftwareKey.generate(Algorithm.ED25519)
    environ = {
        **os.environ,
        "YIKATONG_DATA_DIR": str(settings.data_dir),
        "YIKATONG_MONGODB_URI": uri,
    }
    async with open_house(settings, uri, keys, _CLOCK, environ) as house:
        await house.services[Venues].put(VENUES[0])
        terminals, now = house.services[Terminals], _CLOCK.now()
        token = await terminals.invite(VENUES[0].number, "bench", now)
        request = TerminalRequest(str(token), key.public.to_pem(), "bench", "1")
        await terminals.enrol(request, now)
        with bind("127.0.0.1", 0) as listener:
            told = {"port": listener.getsockname()[1], "key": key.to_pem().decode()}
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
            await serve(make_app(settings, house, keys, _CLOCK), listener)


def main(arguments: list[str]) -> None:
    """Print the table, or be the server that is measured."""
    if arguments[:1] == ["--serve"]:
        settings = read_settings({"YIKATONG_DATA_DIR": arguments[1]})
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, arguments[2]))
    else:
        sys.stdout.write(table(run()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
