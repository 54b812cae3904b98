"""Numbers that tell of nobody (L27): cells of fewer than ten people cannot be had, nor computed."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal
from backend.readers.documents import Scan
from backend.sharing.documents import VisitDay
from backend.sharing.refusals import DAY_NOT_COUNTED
from backend.sharing.small_cells import LEAST, Cell, Shown, shown
from backend.sharing.visit_statistics import DayOfVisits, VisitStatistics
from shared.clock import ManualClock
from shared.identity.age import local_day
from tests.backend.accounts.actors import People
from tests.backend.sharing.desk import officer
from tests.backend.test_indexes import _stages
from tests.support.store import Command

OFFICER = officer("stf_bureau", Role.DEPARTMENT_OFFICER)
CELLS = st.dictionaries(
    st.sampled_from("abcdefg"),
    st.builds(
        lambda people, more: Cell(people + more, people), st.integers(0, 40), st.integers(0, 9)
    ),
)


@pytest.mark.feature("L27")
@given(CELLS)
def test_nothing_that_is_shown_or_can_be_computed_is_about_fewer_than_ten(
    cells: dict[str, Cell],
) -> None:
    told = shown(cells)

    assert all(cells[name].people >= LEAST for name in told.cells)
    assert all(cells[name].value == value for name, value in told.cells.items())
    hidden = cells.keys() - told.cells.keys()
    if told.total is None:
        assert told == Shown({}, None, None)
    elif hidden:
        # What remains when all that is shown is taken off is of two cells and ten people at least.
        assert told.total - sum(told.cells.values()) == told.others
        assert len(hidden) >= 2
        assert max(cells[name].people for name in hidden) >= LEAST


@pytest.mark.parametrize(
    ("people", "told", "others", "total"),
    [
        ({}, {}, None, None),
        ({"a": 9}, {}, None, None),
        ({"a": 9, "b": 9, "c": 9}, {}, None, None),  # it may be nine people, three times
        ({"a": 10}, {"a": 10}, 0, 10),
        ({"a": 9, "b": 10}, {}, 19, 19),
        ({"a": 9, "b": 11, "c": 30}, {"c": 30}, 20, 50),
        ({"a": 1, "b": 2, "c": 11, "d": 30}, {"d": 30}, 14, 44),
        ({"a": 10, "b": 20}, {"a": 10, "b": 20}, 0, 30),
    ],
)
def test_the_smallest_other_cell_is_hidden_with_a_small_one(
    people: dict[str, int], told: dict[str, int], others: int | None, total: int | None
) -> None:
    cells = {name: Cell(count, count) for name, count in people.items()}

    assert shown(cells) == Shown(told, others, total)


async def _visits(clock: ManualClock, venues: dict[int, int]) -> None:
    """So many different people enter each venue; the first of them twice."""
    rows = []
    for venue, people in venues.items():
        for person, time in product(range(people), range(2)):
            if time and person:
                continue
            rows.append(
                Scan(
                    id=f"{venue:03}{person:03}{time}".zfill(32),
                    terminal_id="ter_1",
                    venue_number=venue,
                    venue_name={"zh": f"馆{venue}", "en": f"venue {venue}"},
                    lane=1,
                    lane_name={"zh": "一", "en": "one"},
                    scanned_at=clock.now(),
                    received_at=clock.now(),
                    medium="ecode",
                    verdict="admit",
                    detail={},
                    visitor=f"res_{person}",
                    flags=[],
                    persons=1,
                    entered=1,
                )
            )
    await Scan.insert_many(rows)


async def test_a_day_is_counted_once_when_its_uploads_are_in(
    people: People, sent: list[Command]
) -> None:
    clock, house = people.city.clock, people.city.house
    statistics, day = house.services[VisitStatistics], local_day(clock.now())
    await _visits(clock, {1: 30, 2: 12, 3: 9})
    await statistics.count()
    assert await statistics.of_day(OFFICER, day) == DAY_NOT_COUNTED

    clock.advance(timedelta(days=4).total_seconds())
    sent.clear()
    assert await statistics.count() == 4
    for name, command in sent:
        if name in {"find", "aggregate"}:
            assert "COLLSCAN" not in await _stages(house, command), command
    told = await statistics.of_day(OFFICER, day)

    assert isinstance(told, DayOfVisits)
    assert [(one.venue, one.entered) for one in told.venues] == [(1, 31)]
    assert (told.others, told.total) == (23, 54)
    # One more visit uploaded late changes nothing: the difference would tell of one person.
    await Scan.get_pymongo_collection().update_one({"venue_number": 3}, {"$inc": {"entered": 1}})
    assert await statistics.count() == 0
    assert await statistics.of_day(OFFICER, day) == told
    stored = str(await VisitDay.get_pymongo_collection().find_one({"_id": day.isoformat()}))
    assert "res_" not in stored
    assert "馆3" not in stored


async def test_only_officers_and_auditors_read_them(people: People) -> None:
    statistics = people.city.house.services[VisitStatistics]
    day = local_day(people.city.clock.now())
    for caller in (None, Caller(resident_id="res_1"), officer("stf_x", Role.VENUE_STAFF)):
        assert isinstance(await statistics.of_day(caller, day), Refusal)
    assert await statistics.of_day(officer("stf_a", Role.AUDITOR), day) == DAY_NOT_COUNTED
