"""What a page of "who used my data" costs in a small city and in a large one.

Both cities' audit rows stand in one store, in databases of their own with the page's index, and
are read in turn after a warm-up, each time somebody else's: a busy moment hits both alike, and
what the store examined is told beside the time. The large city has 200,000 people, with
`YIKATONG_BENCH_MILLION=1` a million.
"""

import os
import secrets
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from backend.datause.service import DataUse
from backend.foundation.audit import OPERATOR, AuditRow, Deed, System, row_of
from backend.foundation.embedded_mongod import embedded_mongod
from backend.readers.data_use import SCANS
from backend.settings import read_settings
from shared.localized_text import LocalizedText
from tests.bench.measure import Row, interleave, microseconds, table

SMALL, LARGE = 10_000, 1_000_000 if os.environ.get("YIKATONG_BENCH_MILLION") else 200_000
_GROWTH = 1.2
_ROWS_EACH, _BATCH, _WARM_UP, _ROUNDS = 2, 5_000, 500, 3_000
_USES = DataUse(SCANS)
City = Database[dict[str, Any]]


def run() -> list[Row]:
    """Fill both cities and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        with embedded_mongod(settings) as mongod, MongoClient[dict[str, Any]](mongod.uri) as client:
            cities = {size: client[f"city_{size}"] for size in (SMALL, LARGE)}
            for size, city in cities.items():
                _fill(city, size)
            return _measured(cities)


def _measured(cities: dict[int, City]) -> list[Row]:
    pages = {
        f"{size:,} people": lambda c=city, n=size: _page(c, n) for size, city in cities.items()
    }
    interleave(pages, _WARM_UP)
    samples = interleave(pages, _ROUNDS)
    small, large = samples.values()
    growth = large.p50() / small.p50()
    rows = [
        Row(f'"who used my data", {name}', f"{microseconds(sample)}; {_examined(city)}")
        for (name, sample), city in zip(samples.items(), cities.values(), strict=True)
    ]
    beside = f"that of {SMALL:,}"
    return [
        *rows,
        Row(f"at {LARGE:,}, median", f"{large.p50():,.0f} µs", beside, growth,
            f"≤ {_GROWTH} ×", growth <= _GROWTH),
    ]  # fmt: skip


def _fill(city: City, size: int) -> None:
    city.create_collection("scans")
    index = [one for one in AuditRow.Settings.indexes if one.document["name"] == "of_subject"]
    city["audit_rows"].create_indexes(index)
    words, now = LocalizedText("查看", "looked"), datetime.now(UTC)
    row = row_of(Deed(now, OPERATOR, "bench", words, System.BATCH))
    for start in range(0, size, _BATCH):
        at = now - timedelta(seconds=start)
        city["audit_rows"].insert_many(
            [
                {**row, "_id": secrets.token_hex(13), "subject": _person(number), "at": at}
                for number in range(start, min(start + _BATCH, size))
                for _ in range(_ROWS_EACH)
            ],
            ordered=False,
        )


def _person(number: int) -> str:
    return f"res_{number:08x}"


def _page(city: City, size: int) -> None:
    pipeline = _USES.pipeline([_person(secrets.randbelow(size))], 20, None)
    if len(list(city["audit_rows"].aggregate(pipeline))) != _ROWS_EACH:
        raise RuntimeError("the page lacks rows")


def _examined(city: City) -> str:
    asked = {"aggregate": "audit_rows", "pipeline": _USES.pipeline([_person(7)], 20, None)}
    told = city.command({"explain": {**asked, "cursor": {}}, "verbosity": "executionStats"})
    found = told["stages"][0]["$cursor"]["executionStats"]
    return f"{found['totalKeysExamined']} keys, {found['totalDocsExamined']} rows examined"


if __name__ == "__main__":
    started = time.perf_counter()
    sys.stdout.write(table(run()) + f"\n{time.perf_counter() - started:.0f} s\n")
