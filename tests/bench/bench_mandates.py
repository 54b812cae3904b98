"""What acting for another costs: the check of a mandate beside a query, and its list of acts.

One process serves and asks; what is compared is done in turn. A query for another leaves a row of
the look and a notice, and its check is in that write: its cost is the median of what the write took
with it beyond the write before or after it without it, beside the cheapest query that can be made
for another, as the person themselves makes it. What leaving the row costs stands there without a
goal, and so does the look before an act, which is no query. The list is that of a mandate with 20
acts and of one with 5,000, from its top and from its middle.
"""

import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any, cast
from unittest.mock import patch

import httpx
import uvloop

from backend.accounts.sessions import Sessions
from backend.app import House, make_app, open_house
from backend.figures import MandateFigures
from backend.foundation.access import Caller
from backend.foundation.audit import Actor, ActorKind, AuditRow, Deed, System, row_of
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.pages import Position
from backend.foundation.refusals import Refusal
from backend.mandates import acting as checked
from backend.mandates.acting import Acting, MandateUses
from backend.mandates.reach import Delegable
from backend.mandates.rules import refusal_to_use
from backend.mandates.scopes import Scope
from backend.mandates.stored import facts_in, read
from backend.mandates.views import MandateViews
from backend.settings import Settings, read_settings
from shared.clock import ManualClock, SystemClock
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText
from shared.wire.request_proof import ProvenKey, thumbprint
from tests.backend.actors import City
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative
from tests.bench.measure import Row, Sample, microseconds, table

_FEW, _MANY = 20, 5_000
_WARM_UP, _ROUNDS = 30, 400
_MOST_SHARE, _GROWTH = 0.05, 1.2
_QUERIES = ("CardStanding", "Bookings", "Visits", "Passes")
Subject = Callable[[], Awaitable[object]]


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
    clock, keys = ManualClock(SystemClock().now()), load_keys(settings)
    async with open_house(settings, uri, keys, clock, {}) as house:
        transport = httpx.ASGITransport(cast("Any", make_app(settings, house, keys, clock)))
        async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
            family = Family(City(client, house, clock))
            elder = await family.relative(GRANDMOTHER, card=True)
            younger = await family.relative()
            mandate = await family.mandate(elder, younger, Scope.BOOK, Scope.BENEFIT_VIEW)
            return [*await _check(house, elder, younger, mandate), *await _list(house, elder)]


async def _check(house: House, elder: Relative, younger: Relative, mandate: str) -> list[Row]:
    uses, figures = house.services[MandateUses], MandateFigures()
    caller = Caller(resident_id=younger.resident_id, acting_for=mandate)
    row = await read(mandate)
    looked = Delegable(Scope.BOOK, LocalizedText("查看了预约", "Looked at bookings"))
    if row is None or not isinstance(await uses.acting(caller, looked), Acting):
        raise RuntimeError("the mandate allows nothing")
    now = younger.phone.clock.now()

    async def decided() -> object:
        return refusal_to_use(facts_in(row), younger.resident_id, Scope.BOOK, figures, now)

    async def unchecked() -> object:
        with patch.object(checked, "refusal_to_use", return_value=None):
            return await uses.acting(caller, looked)

    phone = younger.phone
    sessions, public = house.services[Sessions], phone.key.public
    proven = ProvenKey(public, thumbprint(public))
    acts = replace(proven, acting_for=mandate)

    async def session_alone() -> object:
        return await sessions.caller(str(phone.access), proven)

    async def looked_before() -> object:
        found = await sessions.caller(str(phone.access), acts)
        if isinstance(found, Refusal):
            raise TypeError(found.code)
        return await uses.acting(found, Delegable(Scope.BOOK))

    subjects: dict[str, Subject] = {
        "session alone": session_alone,
        "session and look": looked_before,
        "recorded": lambda: uses.acting(caller, looked),
        "unchecked": unchecked,
        "before an act": lambda: uses.acting(caller, Delegable(Scope.BOOK)),
        "decided": decided,
        **{name: partial(elder.phone.ask, name) for name in _QUERIES},
    }
    samples = await _in_turn(subjects)
    cheapest = min(_QUERIES, key=lambda name: samples[name].p50())
    base = samples[cheapest].p50()
    pairs = zip(samples["recorded"].wall, samples["unchecked"].wall, strict=True)
    more = max(0.0, median(with_it - without for with_it, without in pairs))
    looks = zip(samples["session and look"].wall, samples["session alone"].wall, strict=True)
    look = max(0.0, median(with_it - without for with_it, without in looks))
    return [
        Row(f"cheapest query for another: {cheapest}", microseconds(samples[cheapest])),
        _share("check in the write of the look", f"{more:,.1f} µs", more / base),
        _share("look read with the session, before an act", f"{look:,.1f} µs", look / base),
        _share("decision alone", microseconds(samples["decided"]), samples["decided"].p50() / base),
        *(
            Row(what, microseconds(samples[name]), "the query", samples[name].p50() / base)
            for name, what in (
                ("recorded", "row and notice of the look"),
                ("before an act", "look by itself, as a second act of a request"),
            )
        ),
    ]


def _share(subject: str, figure: str, share: float) -> Row:
    return Row(subject, figure, "the query", share, f"≤ {_MOST_SHARE}", share <= _MOST_SHARE)


async def _list(house: House, elder: Relative) -> list[Row]:
    views, caller = house.services[MandateViews], Caller(resident_id=elder.resident_id)
    subjects: dict[str, Subject] = {}
    for acts in (_FEW, _MANY):
        mandate = random_identifier("mnd")
        middle = await _fill(house, mandate, elder.resident_id, acts)
        for where, after in (("top", None), ("middle", middle)):
            subjects[f"{where} of {acts:,}"] = partial(_page, views, caller, mandate, after)
    samples = await _in_turn(subjects)
    base = samples[f"top of {_FEW:,}"].p50()
    rows = [Row(f"a page from the {name} acts", microseconds(one)) for name, one in samples.items()]
    for where in ("top", "middle"):
        growth = samples[f"{where} of {_MANY:,}"].p50() / base
        rows.append(
            Row(f"{where} of {_MANY:,} acts", f"{growth:.2f} ×", f"the top of {_FEW}", growth,
                f"≤ {_GROWTH} ×", growth <= _GROWTH)
        )  # fmt: skip
    return rows


async def _fill(house: House, mandate: str, principal: str, acts: int) -> Position:
    """Store a mandate with so many acts; return the place in the middle of its list."""
    now, database = SystemClock().now(), house.store.database
    plain = await database["mandates"].find_one({"principal": principal})
    await database["mandates"].insert_one({**(plain or {}), "_id": mandate, "codes": []})
    words = LocalizedText("预约了场馆", "booked a place")
    deed = Deed(now, Actor(ActorKind.RESIDENT, "res_d"), "bench", words, System.APP, principal)
    row = {**row_of(deed), "mandate": mandate}
    rows = [
        {**row, "_id": secrets.token_hex(13), "at": now - timedelta(seconds=one)}
        for one in range(acts)
    ]
    await AuditRow.get_pymongo_collection().insert_many(rows, ordered=False)
    middle = rows[acts // 2 - 1]
    return Position(middle["at"], middle["_id"])


async def _page(
    views: MandateViews, caller: Caller, mandate: str, after: Position | None
) -> object:
    page = await views.acts(caller, mandate, 10, after)
    if isinstance(page, Refusal) or len(page.rows) != 10:
        raise TypeError("no page of ten")
    return page


async def _in_turn(subjects: Mapping[str, Subject]) -> dict[str, Sample]:
    samples = {name: Sample() for name in subjects}
    for number in range(_WARM_UP + _ROUNDS):
        # To and fro, so that no subject always has the same one before it.
        order = list(subjects.items())
        for name, act in order if number % 2 else reversed(order):
            cpu, wall = time.process_time_ns(), time.perf_counter_ns()
            await act()
            if number >= _WARM_UP:
                samples[name].wall.append((time.perf_counter_ns() - wall) / 1000)
                samples[name].cpu.append((time.process_time_ns() - cpu) / 1000)
    return samples


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
