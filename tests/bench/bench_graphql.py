"""What GraphQL costs over a plain route that does the same, and how fast scans are booked.

One server process of uvicorn on a real socket serves both; CPU is the server's, from /proc. The
plain route proves the same request, reads the same documents and unseals the same values. Scans
are uploaded by the hundred and stand beside `insert_many` of as many ready documents.
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from litestar import Request, post
from pymongo import MongoClient

from backend.app import House, make_app, open_house
from backend.bookings.service import Bookings
from backend.cards.enrolment import Enrolment, EnrolmentRequest
from backend.cards.rules import age_band
from backend.cards.service import Cards
from backend.cards.status_list import build_status_list
from backend.demo_city import IDENTIFICATION_CODE, seed
from backend.foundation.access import required_key
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.operations import Services
from backend.foundation.serving import bind, serve
from backend.readers.service import TerminalRequest, Terminals
from backend.readers.visits import Visits
from backend.residents.service import Residents
from backend.settings import Settings, read_settings
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.trust.status_list import card_digest
from shared.wire.request_proof import ProvenKey, thumbprint
from tests.bench.measure import Row, Sample, table
from tests.bench.over_http import ask, cpu_seconds, proven_request

_ROOT = Path(__file__).parents[2]
_CLOCK = SystemClock()
_ROUNDS, _REQUESTS = 10, 100
_BATCHES, _BATCH = 12, 500
_GOAL = 3.0
_SETTLE_SECONDS = 8.0  # by then the status list is built and nothing runs beside the server
_CARD = (
    "{ card { __typename ... on Card { maskedName maskedNumber region { code name { zh en } } "
    "state cardNumberTail ageBand certificate { notAfter renewAfter } } } }"
)


def run() -> list[Row]:
    """Start the store and the server, and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        with embedded_mongod(settings) as mongod, _server(folder, mongod.uri) as (pid, port, keys):
            phone, terminal = (SoftwareKey.of_pem(pem.encode()) for pem in keys)
            time.sleep(_SETTLE_SECONDS)
            rows = _read_rows("card", pid, port, phone, json.dumps({"query": _CARD}))
            _visit(port, terminal)
            looked, whole = (
                _read_rows(name, pid, port, phone, _home(first, bookings=bookings))
                for name, first, bookings in (("look", 1, False), ("home", 20, True))
            )
            return [*rows, *looked, *whole, *_scan_rows(port, terminal, mongod.uri)]


def _home(first: int, *, bookings: bool) -> str:
    query = (_ROOT / "shared/wire/operations/Home.graphql").read_text("utf-8")
    return json.dumps({"query": query, "variables": {"first": first, "bookings": bookings}})


def _visit(port: int, terminal: SoftwareKey) -> None:
    body = json.dumps({"version": 1, "scans": [_scan(row) for row in range(20)]}).encode()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        ask(connection, proven_request(terminal, "/readers/v1/scans", body))


def _read_rows(what: str, pid: int, port: int, phone: SoftwareKey, document: str) -> list[Row]:
    """Compare an operation to the plain route `/bench/<what>`, which reads the same."""
    subjects = {
        "plain route": (f"/bench/{what}", b""),
        "GraphQL": ("/graphql", document.encode()),
    }
    sizes = {}
    samples, cpu = {name: Sample() for name in subjects}, dict.fromkeys(subjects, 0.0)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for name, asked in subjects.items():
            request = proven_request(phone, *asked)
            answer = ask(connection, request)
            if "钟*明".encode() not in answer and b"\\u949f" not in answer:
                raise RuntimeError(f"{name} does not answer with the card")
            if what == "home" and answer.count(b'"medium"') != 20:
                raise RuntimeError(f"{name} does not answer with the visits")
            sizes[name] = len(answer)
            for _ in range(_REQUESTS):
                ask(connection, request)
        for _ in range(_ROUNDS):
            for name, asked in subjects.items():
                request = proven_request(phone, *asked)  # a proof holds for a minute
                before = cpu_seconds(pid)
                for _ in range(_REQUESTS):
                    began = time.perf_counter_ns()
                    ask(connection, request)
                    samples[name].wall.append((time.perf_counter_ns() - began) / 1000)
                cpu[name] += cpu_seconds(pid) - before
    per_request = {name: seconds / _ROUNDS / _REQUESTS * 1e6 for name, seconds in cpu.items()}
    ratio = per_request["GraphQL"] / per_request["plain route"]
    rows = [
        Row(
            f"{what} over {'a ' if name == 'plain route' else ''}{name}",
            f"{samples[name].p50():,.0f} µs, p99 {samples[name].p99():,.0f}; "
            f"server CPU {per_request[name]:,.0f} µs a request; {sizes[name] / 1000:.1f} kB",
        )
        for name in subjects
    ]
    verdict = Row(
        f"GraphQL's price in CPU, {what}",
        f"{per_request['GraphQL']:,.0f} µs",
        "the plain route",
        ratio,
        f"≤ {_GOAL:.0f} ×",
        ratio <= _GOAL,
    )
    wall = samples["GraphQL"].p50() / samples["plain route"].p50()
    return [
        *rows,
        verdict,
        Row(f"GraphQL's price in time, {what}", "median to median", "the plain route", wall),
    ]


def _scan_rows(port: int, terminal: SoftwareKey, uri: str) -> list[Row]:
    uploads: list[float] = []
    inserts: list[float] = []
    raw = MongoClient[dict[str, Any]](uri)["bench"]["raw_scans"]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for number in range(_BATCHES + 1):
            scans = [_scan(number * _BATCH + row) for row in range(_BATCH)]
            body = json.dumps({"version": 1, "scans": scans}).encode()
            request = proven_request(terminal, "/readers/v1/scans", body)
            rows = [{**scan, "_id": scan["scan_id"]} for scan in scans]
            took_upload = _seconds(lambda request=request: ask(connection, request))  # type: ignore[misc]
            took_insert = _seconds(lambda rows=rows: raw.insert_many(rows, ordered=False))  # type: ignore[misc]
            if number:
                uploads.append(took_upload)
                inserts.append(took_insert)
    rate, raw_rate = (_BATCH / median(times) for times in (uploads, inserts))
    return [
        Row("insert_many alone", f"{raw_rate:,.0f} scans/s in batches of {_BATCH}"),
        Row(
            "scans uploaded, resolved and booked",
            f"{rate:,.0f} scans/s, slowest batch {max(uploads) * 1000:,.0f} ms",
            "insert_many's time",
            raw_rate / rate,
        ),
    ]


def _scan(number: int) -> dict[str, Any]:
    return {
        "scan_id": secrets.token_hex(16),
        "lane": 1 + number % 2,
        "scanned_at": int(_CLOCK.now().timestamp() * 1000),
        "medium": "card",
        "verdict": "look",
        "reason": "card_not_authenticated",
        "region": 360700,
        "card_index": None,
        "device_serial": None,
        "counter": None,
        "card_digest": card_digest(IDENTIFICATION_CODE).hex(),
        "detail": {},
    }


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


@contextmanager
def _server(folder: str, uri: str) -> Iterator[tuple[int, int, list[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bench_graphql", "--serve", folder, uri],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        yield process.pid, told["port"], told["keys"]
    finally:
        process.terminate()
        process.wait(20)


async def _serve(settings: Settings, uri: str) -> None:
    keys = load_keys(settings)
    environ = {
        **os.environ,
        "YIKATONG_DATA_DIR": str(settings.data_dir),
        "YIKATONG_MONGODB_URI": uri,
    }
    async with open_house(settings, uri, keys, _CLOCK, environ) as house:
        phone, terminal = await _set_up(house)
        await build_status_list(uri, settings.database, settings.region, keys, _CLOCK)
        app = make_app(settings, house, keys, _CLOCK)
        for route in _plain_routes(house.services):
            app.register(route)
        with bind("127.0.0.1", 0) as listener:
            told = [key.to_pem().decode() for key in (phone, terminal)]
            sys.stdout.write(json.dumps({"port": listener.getsockname()[1], "keys": told}) + "\n")
            sys.stdout.flush()
            await serve(app, listener)


async def _set_up(house: House) -> tuple[SoftwareKey, SoftwareKey]:
    phone, terminal = (SoftwareKey.generate(Algorithm.ED25519) for _ in range(2))
    residents = await seed(house.services, _CLOCK.now())
    code = await house.services[Enrolment].new_code(residents[0].card_id)
    wish = EnrolmentRequest(secrets.token_hex(8), code, "bench", "127.0.0.1")
    await house.services[Enrolment].enrol(wish, ProvenKey(phone.public, thumbprint(phone.public)))
    token = await house.services[Terminals].invite(1, "bench", _CLOCK.now())
    request = TerminalRequest(str(token), terminal.public.to_pem(), "bench", "1")
    await house.services[Terminals].enrol(request, _CLOCK.now())
    return phone, terminal


def _plain_routes(services: Services) -> list[Any]:
    async def found(request: Request[Any, Any, Any]) -> tuple[str, dict[str, Any]]:
        key = await required_key(request, _CLOCK)
        [card] = await services[Cards].of_phones([key.thumbprint])
        if card is None:
            raise LookupError("no card")
        person, name = (
            await services[Residents].person(card.resident_id),
            services[Cards].region_name,
        )
        until, renewal = card.certified_until, card.renew_after
        if until is None or renewal is None:
            raise LookupError("no certificate")
        return card.resident_id, {
            "maskedName": person.masked_name,
            "maskedNumber": person.masked_number,
            "region": {"code": card.region, "name": {"zh": name.zh, "en": name.en}},
            "state": card.state.value,
            "cardNumberTail": card.number_tail,
            "ageBand": age_band(person.birth, _CLOCK.now()).name,
            "certificate": {
                "notAfter": until.isoformat(),
                "renewAfter": renewal.isoformat(),
            },
        }

    async def visited(resident_id: str, first: int) -> list[dict[str, Any]]:
        page = await services[Visits].page(resident_id, first, None)
        return [
            {
                "id": visit.scan_id,
                "at": visit.at.isoformat(),
                "venueName": asdict(visit.venue_name),
                "laneName": asdict(visit.lane_name),
                "medium": visit.medium.value,
                "verdict": visit.verdict.value,
                "reason": visit.reason and asdict(visit.reason),
            }
            for visit in page.rows
        ]

    @post("/bench/card", status_code=200)
    async def card(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return (await found(request))[1]

    @post("/bench/look", status_code=200)
    async def look(request: Request[Any, Any, Any]) -> dict[str, Any]:
        whose, told = await found(request)
        return {"card": told, "visits": await visited(whose, 1)}

    @post("/bench/home", status_code=200)
    async def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
        whose, told = await found(request)
        visits = await visited(whose, 20)
        coming = await services[Bookings].coming(whose, 3)
        return {"card": told, "visits": visits, "coming": [one.booking_id for one in coming]}

    return [card, look, home]


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
