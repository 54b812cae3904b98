"""Until a scan is on the disk: one lane, and lanes that share commits, beside the bare file.

Whole lanes decide, write and would open; their baseline holds the lock of all decisions for the
time of the write, as if each lane had the disk to itself.

The baseline writes the same bytes with the same durability (WAL, ``synchronous=FULL``) and nothing
else: no seal, no link, one commit each.
"""

import json
import secrets
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median

from reader_service.journal import Journal
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.snapshot import Snapshot
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.clock import ManualClock
from shared.wire.scans import ScanRecord
from tests.bench.measure import Row, Sample, interleave, microseconds, table
from tests.reader_service.city import City

_ROUNDS = 300
_LANES = 8
_PER_LANE = 60
_VISITORS = 160
_TURNS = 3


def run() -> list[Row]:
    """Measure one lane against the bare file in turn, then lanes together."""
    with tempfile.TemporaryDirectory(dir=Path.cwd() / ".data") as folder:
        alone, bare = _alone(Path(folder))
        together, seconds = _together(Path(folder))
    ratio = alone.p99() / bare.p99()
    each = _LANES * _PER_LANE / seconds
    serial = 1e6 / alone.p50()
    return [
        Row("journal: commit, one lane", microseconds(alone), microseconds(bare), ratio),
        Row(
            f"journal: commit, {_LANES} lanes at once",
            f"{together.p50():,.0f} µs, p99 {together.p99():,.0f}; {each:,.0f} scans/s",
            f"one after another: {serial:,.0f} scans/s",
            each / serial,
        ),
        *[_whole_lanes(lanes) for lanes in (1, 4, 16)],
    ]


def _alone(folder: Path) -> tuple[Sample, Sample]:
    with (
        closing(Journal(folder / "journal.sqlite")) as journal,
        closing(sqlite3.connect(folder / "bare.sqlite")) as bare,
    ):
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE scans (scan_id TEXT UNIQUE, at INTEGER, scan TEXT)")

        def insert() -> None:
            scan = _scan()
            values = scan.scan_id, scan.scanned_at, json.dumps(scan.to_wire())
            with bare:
                bare.execute("INSERT INTO scans VALUES (?, ?, ?)", values)

        actions: dict[str, Callable[[], object]] = {
            "journal": lambda: journal.append(_scan()),
            "bare": insert,
        }
        samples = interleave(actions, _ROUNDS)
    return samples["journal"], samples["bare"]


def _together(folder: Path) -> tuple[Sample, float]:
    sample, started = Sample(), threading.Barrier(_LANES + 1)
    with closing(Journal(folder / "lanes.sqlite")) as journal:
        journal.append(_scan())

        def lane() -> None:
            started.wait()
            for _ in range(_PER_LANE):
                scan, begun = _scan(), time.perf_counter()
                journal.append(scan)
                sample.wall.append((time.perf_counter() - begun) * 1e6)

        threads = [threading.Thread(target=lane) for _ in range(_LANES)]
        for thread in threads:
            thread.start()
        started.wait()
        begun = time.perf_counter()
        for thread in threads:
            thread.join()
        return sample, time.perf_counter() - begun


def _whole_lanes(lanes: int) -> Row:
    """Decide about codes and record them, by so many lanes at once; both ways in turn."""
    shared, alone = Sample(), Sample()
    rates: dict[bool, list[float]] = {True: [], False: []}
    for round_number in range(2 * _TURNS):
        sharing = round_number % 2 == 0
        rates[sharing].append(_turn(lanes, shared if sharing else alone, sharing=sharing))
    now, before = median(rates[True]), median(rates[False])
    return Row(
        f"lanes: code to durable, {lanes} at once",
        f"{shared.p50():,.0f} µs, p99 {shared.p99():,.0f}; {now:,.0f} scans/s",
        f"one write each: {alone.p50():,.0f} µs, p99 {alone.p99():,.0f}; {before:,.0f} scans/s",
        now / before,
    )


def _turn(lanes: int, sample: Sample, *, sharing: bool) -> float:
    """Let each lane judge its visitors and return how many scans a second all of them did."""
    city, each = City(), max(_VISITORS // lanes, 10)
    queues = [[city.phone().code(city.now) for _ in range(each)] for _ in range(lanes)]
    with tempfile.TemporaryDirectory(dir=Path.cwd() / ".data") as name:
        folder, started = Path(name), threading.Barrier(lanes + 1)
        snapshot = Snapshot(folder / "snapshot.sqlite", city.enrolment)
        city.fill(snapshot)
        with closing(Journal(folder / "journal.sqlite")) as journal:
            gatekeeper = Gatekeeper(snapshot, journal, ManualClock(city.now))
            gatekeeper.judge_code(city.phone().code(city.now), 1)
            judge = gatekeeper.judge_code if sharing else partial(_one_by_one, gatekeeper)

            def lane(number: int, codes: list[str]) -> None:
                started.wait()
                for code in codes:
                    begun = time.perf_counter()
                    judge(code, number)
                    sample.wall.append((time.perf_counter() - begun) * 1e6)

            threads = [
                threading.Thread(target=lane, args=(number, codes))
                for number, codes in enumerate(queues, start=1)
            ]
            for thread in threads:
                thread.start()
            started.wait()
            begun = time.perf_counter()
            for thread in threads:
                thread.join()
            return lanes * each / (time.perf_counter() - begun)


def _one_by_one(gatekeeper: Gatekeeper, code: str, lane: int) -> None:
    with gatekeeper.ledger.lock:
        gatekeeper.recorded(gatekeeper.decide_code(code, lane))


def _scan() -> ScanRecord:
    at = int(time.time() * 1000)
    return ScanRecord(
        secrets.token_hex(16), 1, at, Medium.ECODE, Verdict.ADMIT, card_index=secrets.randbits(32)
    )


if __name__ == "__main__":
    print(table(run()))  # noqa: T201 - a program
