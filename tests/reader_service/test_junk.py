"""Junk codes without end: nothing grows, nothing slows down, the next visitor is let in."""

import gc
import itertools
import random
import time
from collections.abc import Iterator

import pytest

from reader_service.lane.junk import BURST, UNRECORDED
from shared.ecode.digits import from_digits, to_digits
from tests.reader_service.city import City
from tests.reader_service.conftest import Venue
from tests.support.soak import SOAK

CODES = 10_000_000 if SOAK else 5_000
_FORGED_EVERY = 50


def _junk(city: City, seed: int) -> Iterator[str]:
    """Numbers, addresses, codes cut short or changed, and codes of a city that nobody trusts."""
    draw = random.Random(seed)  # noqa: S311 - the same junk on every run
    genuine = city.phone().code(city.now)
    stranger = City(now=city.now).phone().code(city.now)
    raw = from_digits(stranger)
    for number in itertools.count():
        match number % _FORGED_EVERY:
            case 0:
                at = draw.randrange(11, len(raw))
                yield to_digits(
                    raw[:at] + bytes([raw[at] ^ 1 + draw.randrange(255)]) + raw[at + 1 :]
                )
            case kind if kind < 20:
                yield f"https://example.org/?id={draw.getrandbits(64)}"
            case kind if kind < 35:
                yield str(draw.getrandbits(500))
            case kind if kind < 45:
                yield genuine[: draw.randrange(1, len(genuine))] + str(number)
            case _:
                yield f"{draw.getrandbits(300):x}\N{SNOWMAN}"


@pytest.mark.soak
def test_junk_without_end_grows_nothing_and_slows_nothing(venue: Venue, city: City) -> None:
    lane, codes, part = venue.lanes[1], _junk(city, 7), CODES // 10
    costs, sizes = [], []
    for _ in range(10):
        begun = time.process_time()
        for code in itertools.islice(codes, part):
            venue.clock.advance(0.001)
            assert not lane.present_code(code).answer.verdict.opens
        costs.append(time.process_time() - begun)
        venue.told.clear()
        gc.collect()
        sizes.append(len(gc.get_objects()))

    rows = venue.journal.unsent(1_000_000)
    assert len(rows) <= BURST + CODES * 0.001 + 1
    told = sum(int(row.detail.get(UNRECORDED, 0)) for row in rows)
    assert CODES - 1000 <= told + len(rows) <= CODES, "all are accounted for, but the last second"
    assert sizes[-1] - sizes[4] < 500
    assert min(costs[5:]) < 3 * min(costs[:5])
    assert lane.present_code(city.phone().code(venue.clock.now())).answer.verdict.opens


def test_refusals_at_the_rate_of_a_queue_are_recorded_one_by_one(venue: Venue) -> None:
    for number in range(3 * BURST):
        venue.clock.advance(1.0)
        venue.lanes[1].present_code(f"https://example.org/{number}")

    rows = venue.journal.unsent(1000)
    assert len(rows) == 3 * BURST
    assert not any(UNRECORDED in row.detail for row in rows)


def test_a_flood_at_one_lane_takes_no_row_from_the_next(venue: Venue) -> None:
    for number in range(2 * BURST):
        venue.lanes[1].present_code(f"flood {number}")
    venue.lanes[2].present_code("one")

    assert [row.lane for row in venue.journal.unsent(1000)] == [*([1] * BURST), 2]
