"""Online checks over HTTP: one visitor each, decided by the rule with what the store knows now.

The server is the process that `bench_scan_upload` measures, its store on the same machine. A check
costs the proof of the request, the reads of card, bookings, passes and earlier entries, the rule,
and the write of a claim; beside it stands the same request proven and refused as malformed, which
is what HTTP and the signature alone cost.
"""

import json
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

from pymongo import MongoClient

from backend.demo_city import VENUES
from backend.foundation.embedded_mongod import embedded_mongod
from backend.settings import read_settings
from shared.admission.entitlement_conditions import BookingHeld
from shared.admission.evidence import AgeRange, Evidence, Medium
from shared.clock import SystemClock
from shared.ecode.algorithms import SoftwareKey
from shared.wire.admission_check import AdmissionAnswer, AdmissionCheck
from tests.bench.bench_scan_upload import SETTLE_SECONDS, pid_of, server
from tests.bench.measure import Row, table
from tests.bench.over_http import ask, cpu_seconds, proven_request

_CLOCK = SystemClock()
_CHECKS, _ROUNDS, _GOAL_MS = 300, 4, 1.6
_PATH = "/readers/v1/checks"
_PRETIX_MS = 33


def run() -> list[Row]:
    """Start the store and the server, and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        with embedded_mongod(settings) as mongod, server(folder, mongod.uri) as (pid, port, pem):
            time.sleep(SETTLE_SECONDS)
            _fill(MongoClient(mongod.uri)[settings.database])
            key = SoftwareKey.of_pem(pem.encode())
            return _measured(key, port, (pid, pid_of(mongod.uri)))


def _fill(database: Any) -> None:
    """Store a card and a booking for everybody who will be checked."""
    rules = replace(VENUES[0].rules, conditions=(BookingHeld(),), ask_online=True)
    venue = {"_id": VENUES[0].number}
    database["venues"].update_one(venue, {"$set": {"rules": rules.to_wire()}})
    now, people = _CLOCK.now(), range(1, _CHECKS * (_ROUNDS + 1) + 1)
    database["cards"].insert_many(
        [
            {
                "_id": f"crd_{one}", "resident_id": f"res_{one}", "region": 360700,
                "card_index": one, "generation": 3, "state": "ACTIVE", "account_reference": "",
                "devices": [{"serial": 1, "thumbprint": f"t{one}", "state": "BOUND"}],
                "issued_at": now, "changed_at": now,
            }
            for one in people
        ]
    )  # fmt: skip
    database["bookings"].insert_many(
        [
            {
                "_id": f"bkg_{one}", "request_hash": b"", "resident_id": f"res_{one}",
                "slot": "1.main.x", "plan": "1.main", "venue": VENUES[0].number, "kind": "VISIT",
                "starts_at": now, "ends_at": now + timedelta(hours=1), "cancel_by": now,
                "quantity": 1, "entered": 0, "state": "CONFIRMED", "placed_at": now,
                "changed_at": now, "forfeited": False, "moves": [],
            }
            for one in people
        ]
    )  # fmt: skip


def _measured(key: SoftwareKey, port: int, pids: tuple[int, int]) -> list[Row]:
    took, spent, bare = [], [], []
    for number in range(_ROUNDS + 1):
        cards = range(number * _CHECKS + 1, (number + 1) * _CHECKS + 1)
        checks = [json.dumps(_check(one).to_wire()).encode() for one in cards]
        seconds, cpu = _asked(key, port, pids, checks)
        nothing = [b'{"version": 1, "check_id": "none"}'] * _CHECKS
        refused, plain = _asked(key, port, pids, nothing, expect=400)
        if number:  # the first round warms up
            took += seconds
            spent.append(cpu)
            bare.append(plain)
        assert len(refused) == _CHECKS
    server_ms, store_ms = (1000 * median(one[i] for one in spent) / _CHECKS for i in (0, 1))
    bare_ms = 1000 * median(one[0] for one in bare) / _CHECKS
    latency = [1000 * one for one in took]
    return [
        Row(
            "online check over HTTP, a booking each, CPU",
            f"server {server_ms:.2f} ms, store {store_ms:.2f} ms",
            f"the request and its proof alone: {bare_ms:.2f} ms",
            server_ms / bare_ms,
        ),
        Row(
            "online check, server's CPU",
            f"{server_ms:.2f} ms",
            f"pretix redeem: {_PRETIX_MS} ms in all",
            (server_ms + store_ms) / _PRETIX_MS,
            goal=f"≤ {_GOAL_MS} ms",
            met=server_ms <= _GOAL_MS,
        ),
        Row(
            "online check, one after another",
            f"p50 {median(latency):.1f} ms, p99 {quantiles(latency, n=100)[98]:.1f} ms",
        ),
    ]


def _check(card: int) -> AdmissionCheck:
    shown = Evidence(Medium.ECODE, 360700, authenticated=True, ages=AgeRange(18, 59))
    return AdmissionCheck(secrets.token_hex(16), 1, shown, 1, card, 1)


def _asked(
    key: SoftwareKey, port: int, pids: tuple[int, int], bodies: Sequence[bytes], expect: int = 200
) -> tuple[list[float], list[float]]:
    """Ask one after another; return each one's seconds, and the CPU of server and store."""
    requests = [proven_request(key, _PATH, body) for body in bodies]
    before, took = [cpu_seconds(pid) for pid in pids], []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for request in requests:
            began = time.perf_counter()
            answer = ask(connection, request, expect)
            took.append(time.perf_counter() - began)
            if expect == 200 and not AdmissionAnswer.of_wire(json.loads(answer)).admits:
                raise RuntimeError("a visitor was not admitted")
    return took, [cpu_seconds(pid) - was for pid, was in zip(pids, before, strict=True)]


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
