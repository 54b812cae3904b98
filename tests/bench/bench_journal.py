"""Until a scan is on the disk: one lane, and lanes that share commits, beside the bare file.

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
from pathlib import Path

from reader_service.journal import Journal
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.wire.scans import ScanRecord
from tests.bench.measure import Row, Sample, interleave, microseconds, table

_ROUNDS = 300
_LANES = 8
_PER_LANE = 60


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


def _scan() -> ScanRecord:
    at = int(time.time() * 1000)
    return ScanRecord(
        secrets.token_hex(16), 1, at, Medium.ECODE, Verdict.ADMIT, card_index=secrets.randbits(32)
    )


if __name__ == "__main__":
    print(table(run()))  # noqa: T201 - a program
