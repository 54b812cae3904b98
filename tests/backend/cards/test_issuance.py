"""The issuance rate: each day's count beside the population that counted that day."""

import argparse
import json
from datetime import date, timedelta

import pytest

from backend.app import House
from backend.cards.commands import add_issuance_options, issuance
from backend.cards.documents import FigureKind
from backend.cards.issuance import Figure, Issuance, IssuanceRate, in_force
from backend.cards.lifecycle import CardEvent
from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal
from shared.clock import ManualClock
from shared.identity.age import local_day
from tests.backend.actors import REGION, City, new_key

OFFICER = Caller(staff_id="stf_officer", roles=frozenset({Role.DEPARTMENT_OFFICER}))
DAY = timedelta(days=1)


async def _record(house: House, first: date, value: int, kind: str = "people") -> None:
    figure = Figure(REGION, FigureKind(kind), first, value, "统计公报")
    assert isinstance(await house.services[Issuance].record(OFFICER, new_key(), figure), str)


async def _rates(house: House, first: date, days: int) -> list[IssuanceRate]:
    found = await house.services[Issuance].rates(REGION, first, first + (days - 1) * DAY)
    assert not isinstance(found, Refusal)
    return found


@pytest.mark.feature("S20")
async def test_a_revised_population_changes_the_rates_of_its_days_alone(
    city: City, house: House, clock: ManualClock
) -> None:
    """S20: three days; the population is newly counted on the third and then revised backwards."""
    first = local_day(clock.now())
    await _record(house, first, 10)
    await _record(house, first, 600, "target")
    await city.phone(await city.holder("901"))
    await house.services[Issuance].count()
    clock.advance(DAY.total_seconds())
    await city.phone(await city.holder("902", digest=None))
    suspended = await city.holder("903", digest=None)
    await city.phone(suspended)
    await city.served(suspended, CardEvent.SUSPEND)
    await city.holder("904", digest=None)  # no phone: a card, and no e-card
    await house.services[Issuance].count()
    clock.advance(DAY.total_seconds())
    await house.services[Issuance].count()
    await _record(house, first + 2 * DAY, 20)

    before = await _rates(house, first, 3)
    assert [(one.cards, one.ecards, one.people, one.rate) for one in before] == [
        (1, 1, 10, 100),
        (3, 2, 10, 200),
        (3, 2, 20, 100),
    ]
    assert {one.target for one in before} == {600}

    await _record(house, first, 5)
    after = await _rates(house, first, 3)
    assert [(one.people, one.rate) for one in after] == [(5, 200), (5, 400), (20, 100)]
    assert [one.ecards for one in after] == [one.ecards for one in before]


async def test_the_first_count_of_a_day_stays(city: City, house: House, clock: ManualClock) -> None:
    await city.holder("901")
    assert await house.services[Issuance].count() == 1
    await city.holder("902", digest=None)
    assert await house.services[Issuance].count() == 0

    [day] = await _rates(house, local_day(clock.now()), 1)
    assert (day.cards, day.people, day.rate, day.target) == (1, None, None, None)


def test_of_two_figures_of_one_day_the_later_recorded_counts() -> None:
    day = date(2026, 1, 1)
    figures = [
        Figure(1, FigureKind.PEOPLE, day + n * DAY, v, "x") for n, v in ((3, 9), (0, 5), (0, 6))
    ]

    found = [in_force(figures, FigureKind.PEOPLE, day + n * DAY) for n in (-1, 0, 2, 3)]
    assert found == [None, 6, 6, 9]


@pytest.mark.parametrize(
    ("value", "kind", "source"), [(0, "people", "x"), (1001, "target", "x"), (5, "people", "")]
)
async def test_what_is_no_figure(house: House, value: int, kind: str, source: str) -> None:
    figure = Figure(REGION, FigureKind(kind), date(2026, 1, 1), value, source)
    refused = await house.services[Issuance].record(OFFICER, new_key(), figure)

    assert isinstance(refused, Refusal)
    assert refused.code == "figure_form"


async def test_a_figure_is_recorded_once_and_by_whose_post_it_is(house: House) -> None:
    figure, key = Figure(REGION, FigureKind.PEOPLE, date(2026, 1, 1), 9, "统计公报"), new_key()
    rates = house.services[Issuance]
    assert await rates.record(OFFICER, key, figure) == await rates.record(OFFICER, key, figure)
    assert await house.store.database["issuance_figures"].count_documents({}) == 1

    clerk = Caller(staff_id="stf_clerk", roles=frozenset({Role.OUTLET_CLERK}))
    refused = await rates.record(clerk, new_key(), figure)
    assert isinstance(refused, Refusal)
    assert refused.code == "not_permitted"


async def test_the_command_line(house: House, city: City, clock: ManualClock) -> None:
    await city.phone(await city.holder())
    parser = argparse.ArgumentParser()
    add_issuance_options(parser)
    today, region = local_day(clock.now()).isoformat(), ["--region", str(REGION)]

    async def run(*arguments: str) -> str:
        said = await issuance(house.services, parser.parse_args(arguments))
        assert isinstance(said, str)
        return said

    assert await run("count") == "1"
    await run("figure", "people", "4", "--from", today, "--source", "公报", *region)
    shown = json.loads(await run("show", "--from", today, "--to", today, *region))
    assert (shown["ecards"], shown["people"], shown["rate"]) == (1, 4, 250)
    wrong = parser.parse_args(["show", "--from", today, "--to", "2020-01-01", *region])
    assert isinstance(await issuance(house.services, wrong), Refusal)
