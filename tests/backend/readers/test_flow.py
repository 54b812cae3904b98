"""Counting a venue's day: from one index alone, shared by those who ask at once, then rested."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation
from backend.readers import flow
from backend.readers.flow import Flow
from shared.localized_text import LocalizedText
from shared.wire.flow import VenueFlow
from tests.backend.bookings.test_indexes import _plain
from tests.backend.readers.gates import Gates

Sent = list[tuple[str, dict[str, Any]]]
HERE = Organisation("venue-1", LocalizedText("场馆", "A venue"))
STAFF = Caller(staff_id="stf_here", roles=frozenset({Role.VENUE_STAFF}), organisation=HERE)


def _noon(gates: Gates) -> None:
    clock = gates.city.clock
    clock.advance(3600 * ((16 + 12 - clock.now().hour) % 24))  # no midnight between


def _counts(sent: Sent) -> list[dict[str, Any]]:
    return [one for name, one in sent if name == "aggregate" and one["aggregate"] == "scans"]


async def test_a_days_count_reads_no_scan_only_the_index(
    gates: Gates, house: House, sent: Sent
) -> None:
    _noon(gates)
    await gates.book(0, *(gates.entry(-count) for count in range(20)))
    sent.clear()
    told = await house.services[Flow].of_today(1)

    assert isinstance(told, VenueFlow)
    assert sum(one.entered for one in told.areas) == 20
    [command] = _counts(sent)
    explained = await house.store.database.command(
        {"explain": _plain(command), "verbosity": "executionStats"}
    )
    stats = explained.get("executionStats") or explained["stages"][0]["$cursor"]["executionStats"]
    assert (stats["totalDocsExamined"], stats["totalKeysExamined"]) == (0, 20)


async def test_those_who_ask_at_once_share_a_count_and_people_a_rested_one(
    gates: Gates, house: House, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    _noon(gates)
    clock, counts = gates.city.clock, house.services[Flow]
    grouped = flow._grouped

    async def slow(*asked: Any) -> Any:
        """Count as ever; it takes a tenth of a second, and others ask meanwhile."""
        await asyncio.sleep(0.02)
        clock.advance(0.1)
        return await grouped(*asked)

    monkeypatch.setattr(flow, "_grouped", slow)
    await gates.book(0, gates.entry(-60))
    sent.clear()
    first = asyncio.create_task(counts.of_today(1))
    await asyncio.sleep(0.01)
    clock.advance(0.01)
    later = await asyncio.gather(*(counts.of_today(1) for _ in range(20)))
    # Those who came while it was being counted are not told what began before they asked.
    assert len(_counts(sent)) == 2
    assert later == [later[0]] * 20
    assert await first != later[0]

    await gates.book(0, gates.entry(-30))
    sent.clear()
    assert _entered(await counts.seen_by(STAFF, 1)) == 1
    assert _counts(sent) == []
    assert _entered(await counts.of_today(1)) == 2  # a reader is told what it uploaded
    await gates.book(0, gates.entry(-20))
    clock.advance(timedelta(seconds=3).total_seconds())
    assert _entered(await counts.seen_by(STAFF, 1)) == 3


def _entered(told: object) -> int:
    assert isinstance(told, VenueFlow), told
    return sum(one.entered for one in told.areas)
