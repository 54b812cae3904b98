"""Who is inside: the backend's count and one's own, each person once, however they overlap."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from secrets import token_hex
from typing import Any

import pytest

from reader_service.console.chart import draw_hours
from reader_service.lane.occupancy import Occupancy
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.localized_text import LocalizedText
from shared.wire.flow import AreaFlow, HourFlow, InvalidFlow, LaneFlow, VenueFlow
from shared.wire.scans import Direction, ReceiptOutcome, ScanReceipt, ScanRecord
from tests.reader_service.city import NOON
from tests.reader_service.conftest import Venue

LANES = {1: "展厅", 2: None}


def _scan(minutes: float, lane: int = 1, persons: int = 1, **changed: object) -> ScanRecord:
    at = int((NOON + timedelta(minutes=minutes)).timestamp() * 1000)
    plain = ScanRecord(token_hex(16), lane, at, Medium.CARD, Verdict.ADMIT, party=persons)
    return replace(plain, **changed)  # type: ignore[arg-type]


def _annulment(of: ScanRecord, minutes: float) -> ScanRecord:
    return _scan(minutes, of.lane, of.party, annuls=of.scan_id)


def _inside(occupancy: Occupancy, now: datetime = NOON) -> dict[str | None, int]:
    return {one.area: one.inside for one in occupancy.areas(LANES, now)}


@pytest.mark.feature("S56")
def test_an_own_scan_is_counted_once_before_and_after_the_backend_knows_it() -> None:
    booked: dict[str, datetime] = {}
    occupancy = Occupancy(lambda ids: {one: booked[one] for one in ids if one in booked})
    first, second = _scan(0, persons=3), _scan(1, lane=2)
    occupancy.note(first)
    occupancy.note(second)
    assert _inside(occupancy) == {"展厅": 3, None: 1}

    booked[first.scan_id] = NOON + timedelta(minutes=2)
    told = (AreaFlow("展厅", 3, 0),)
    # Asked before it was booked, the answer may have it or not: it stays counted here.
    occupancy.learn(VenueFlow((), (), NOON + timedelta(minutes=1)))
    assert _inside(occupancy) == {"展厅": 3, None: 1}
    occupancy.learn(VenueFlow(told, (), NOON + timedelta(minutes=3)))
    assert _inside(occupancy) == {"展厅": 3, None: 1}

    occupancy.note(_annulment(first, 4))
    assert _inside(occupancy) == {"展厅": 0, None: 1}
    occupancy.note(_annulment(second, 4))
    assert _inside(occupancy) == {"展厅": 0, None: 0}


def test_the_order_of_entries_and_exits_changes_nothing() -> None:
    scans = [
        _scan(0, persons=4),
        _scan(1, persons=2, direction=Direction.OUT),
        _scan(2, lane=2),
    ]
    seen = set()
    for order in permutations(scans):
        occupancy = Occupancy(lambda _: {})
        for scan in order:
            occupancy.note(scan)
        seen.add(tuple(_inside(occupancy).items()))
    assert seen == {((None, 1), ("展厅", 2))}


def test_by_midnight_everybody_is_out() -> None:
    occupancy = Occupancy(lambda _: {})
    occupancy.note(_scan(0))
    occupancy.learn(VenueFlow((AreaFlow(None, 9, 0),), (), NOON))

    assert _inside(occupancy) == {"展厅": 1, None: 9}
    assert _inside(occupancy, NOON + timedelta(days=1)) == {"展厅": 0, None: 0}
    occupancy.note(_scan(24 * 60))
    assert _inside(occupancy, NOON + timedelta(days=1)) == {"展厅": 1, None: 0}


def test_the_journal_tells_the_hours_without_what_was_taken_back(venue: Venue) -> None:
    entry, gone = _scan(5, persons=3), _scan(61, persons=2)
    refused = _scan(62, verdict=Verdict.REFUSE)
    out = _scan(63, direction=Direction.OUT)
    venue.journal.append(entry, gone, refused, out, _annulment(gone, 64))
    venue.journal.append(_scan(-24 * 60), _scan(24 * 60))
    venue.journal.book([ScanReceipt(entry.scan_id, ReceiptOutcome.RECORDED)], NOON)

    hours = venue.journal.by_hour(NOON - timedelta(hours=12))

    assert hours == [HourFlow(12, 3, 0, 0), HourFlow(13, 0, 1, 1)]


def test_counts_come_over_the_wire_as_they_went_and_nothing_else_does() -> None:
    flow = VenueFlow((AreaFlow(None, 2, 1), AreaFlow("展厅", 0, 0)), (HourFlow(9, 2, 1, 0),), NOON)
    lane = LaneFlow(3, LocalizedText("东门", "East gate"), 2, 1, 4)
    flow = replace(flow, lanes=(lane,))
    wire = flow.to_wire()

    assert VenueFlow.of_wire(wire, NOON) == flow
    before = {name: wire[name] for name in ("areas", "hours")}
    assert VenueFlow.of_wire(before, NOON) == replace(flow, lanes=()), "of a backend of before"
    wrongs: tuple[Any, ...] = (
        None,
        [],
        {"areas": []},
        {"areas": [1], "hours": []},
        {"areas": [{"area": "", "entered": 1, "left": 0}], "hours": []},
        {"areas": [{"area": None, "entered": -1, "left": 0}], "hours": []},
        {"areas": [{"area": None, "entered": True, "left": 0}], "hours": []},
        {**wire, "lanes": None},
        {**wire, "lanes": [{**wire["lanes"][0], "name": "East gate"}]},
        {**wire, "lanes": [{**wire["lanes"][0], "name": {"zh": "东门", "en": ""}}]},
        {**wire, "lanes": [{**wire["lanes"][0], "lane": -1}]},
        {"areas": [], "hours": [{"hour": 24, "entered": 1, "left": 0, "refused": 0}]},
    )
    for wrong in wrongs:
        with pytest.raises(InvalidFlow):
            VenueFlow.of_wire(wrong, NOON)


@pytest.mark.parametrize("most", [0, 1, 5, 37, 480, 99_999])
def test_no_bar_of_the_plot_leaves_it(most: int) -> None:
    svg = draw_hours([HourFlow(hour, most, most // 2, 0) for hour in (0, 9, 23)])

    heights = [float(one) for one in re.findall(r'height="([0-9.]+)" fill="[^"]+" stroke', svg)]
    assert len(heights) == 6
    assert all(0 <= height <= 244 for height in heights)
    assert (max(heights) > 244 / 5) is (most > 0)
