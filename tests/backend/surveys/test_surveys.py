"""S141: one tap after a visit, once for each, counted so that nobody's answer can be told."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.app import House
from backend.cards.asking import Asking
from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal
from backend.readers.documents import Scan
from backend.sharing.small_cells import LEAST
from backend.surveys.documents import SatisfactionCount, SurveySlip
from backend.surveys.rules import (
    POINTS,
    RATABLE,
    Satisfaction,
    forgotten_at,
    refusal_to_rate,
    refusal_to_tell,
    told,
)
from backend.surveys.service import Surveys, VenueSatisfaction
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, code_scan, new_key
from tests.backend.cards.conftest import SignedIn

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
OFFICER = Caller(staff_id="stf_officer", roles=frozenset({Role.DEPARTMENT_OFFICER}))
BEST, WORST = Satisfaction.VERY_SATISFIED, Satisfaction.VERY_DISSATISFIED
EVERY_GRADE = st.fixed_dictionaries({grade: st.integers(0, 40) for grade in Satisfaction})


@pytest.mark.feature("S141")
def test_the_average_is_that_of_a_calculation_by_hand() -> None:
    """7 x 5 + 2 x 4 + 1 x 3 + 1 x 1 = 47 points of 11 people: 4.2727..."""
    good, fair = Satisfaction.SATISFIED, Satisfaction.FAIRLY_SATISFIED
    said = told({BEST: 7, good: 2, fair: 1, WORST: 1})

    assert (said.people, said.average) == (11, Decimal("4.27"))
    assert said.counts == {}, "grades of fewer than ten are not told"
    assert told({BEST: 125, good: 75}).average == Decimal("4.63"), "a half is rounded up"


@given(EVERY_GRADE)
def test_of_fewer_than_ten_nothing_is_told_and_no_small_grade_ever(
    counts: Mapping[Satisfaction, int],
) -> None:
    said, people = told(counts), sum(counts.values())
    if people < LEAST:
        assert said == told({})
        return
    assert said.people == people
    assert said.average is not None
    exact = sum(POINTS[one] * count for one, count in counts.items()) / people
    assert abs(float(said.average) - exact) <= 0.0050001
    assert bool(said.counts) is (min(counts.values()) >= LEAST)


def test_a_visit_is_rated_for_two_weeks_and_a_month_told_when_it_is_over() -> None:
    def why(ago: timedelta, *, answered: bool = False) -> str | None:
        refused = refusal_to_rate(NOW - ago, NOW, answered=answered)
        return None if refused is None else refused.code

    assert why(RATABLE) is None
    assert why(RATABLE + timedelta(seconds=1)) == "survey_visit_too_old"
    assert why(timedelta(0), answered=True) == "survey_already_rated"
    december = datetime(2026, 11, 30, 16, tzinfo=UTC)  # 00:00 in the city
    codes = {
        ("2026-11", december + timedelta(minutes=59)): "survey_month_not_over",
        ("2026-11", december + timedelta(hours=1)): None,
        ("2026-13", december): "survey_month_form",
        ("$gt", december): "survey_month_form",
    }
    for (month, at), code in codes.items():
        assert getattr(refusal_to_tell(month, at), "code", None) == code, month


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_slip_outlives_its_month_and_the_visit(at: datetime) -> None:
    last = datetime.combine(forgotten_at(at), datetime.min.time(), UTC)
    assert last > at + RATABLE
    assert last <= at + timedelta(days=63)


async def visit(city: City, one: SignedIn, venue: int = 1, **changed: Any) -> str:
    """Let somebody go in; return the visit's id."""
    index = await city.card_index(one.holder)
    at = city.clock.now()
    counter = 7 + await Scan.find_all().count()
    shown = code_scan(at, index, counter, version=2, **changed)
    terminal = await city.terminal()
    await terminal.upload_body({"version": 2, "scans": [shown]})
    city.clock.advance(1)
    scan_id = str(shown["scan_id"])
    await Scan.get_pymongo_collection().update_one(
        {"_id": scan_id}, {"$set": {"venue_number": venue}}
    )
    return scan_id


async def waiting(device: Device) -> list[str]:
    found = (await device.ask("RatableVisits"))["ratableVisits"]
    return [one["visit"] for one in found["nodes"]]


async def rate(
    device: Device, visit_id: str, grade: Satisfaction = BEST, key: str | None = None
) -> str:
    wish = {"visit": visit_id, "satisfaction": grade.value}
    said = await device.do("RateVisit", idempotencyKey=key or new_key(), **wish)
    return str(said.get("code") or said["__typename"])


async def counted() -> dict[str, dict[str, int]]:
    return {one.id: one.counts for one in await SatisfactionCount.find_all().to_list()}


@pytest.fixture
async def visitor(city: City) -> SignedIn:
    device = await People(city).signed_in("901")
    return SignedIn(await city.holder("901"), device, city)


@pytest.mark.feature("S141")
async def test_one_rating_a_visit_and_the_same_person_counts_once_a_month(
    visitor: SignedIn, city: City
) -> None:
    device = visitor.device
    first = await visit(city, visitor)
    second, refused = await visit(city, visitor), await visit(city, visitor, 2, verdict="refuse")
    assert await waiting(device) == [second], "one of each venue, and where one went in"

    key = new_key()
    assert await rate(device, first, BEST, key) == "VisitRated"
    assert await rate(device, first, WORST, key) == "VisitRated", "the first answer stands"
    assert await rate(device, first, WORST) == "survey_already_rated"
    assert await rate(device, second, WORST) == "survey_already_rated"
    assert await rate(device, refused) == "survey_visit_unknown"
    assert await waiting(device) == []
    assert await counted() == {"1.2026-11": {"VERY_SATISFIED": 1}}


async def test_anothers_visit_is_nobodys(visitor: SignedIn, city: City) -> None:
    theirs = await visit(city, visitor)
    other = await People(city).signed_in("902")
    assert await rate(other, theirs) == "survey_visit_unknown"
    assert await counted() == {}


async def test_nothing_stored_joins_the_person_and_the_answer(
    visitor: SignedIn, city: City, house: House
) -> None:
    seen = await visit(city, visitor)
    assert await rate(visitor.device, seen, WORST) == "VisitRated"

    database = house.store.database
    rows = {
        name: [row async for row in database[name].find({})]
        for name in await database.list_collection_names()
    }
    assert rows.pop("satisfaction_counts") == [
        {"_id": "1.2026-11", "counts": {"VERY_DISSATISFIED": 1}}
    ]
    [slip] = rows["survey_slips"]
    assert set(slip) == {"_id", "resident_id", "venue", "month", "until"}
    assert [one["_id"] for one in rows["audit_rows"] if one["action"] == "surveys.rated"]
    assert {"visit": seen} in [one["answer"] for one in rows["kept_answers"]]
    assert "SATISFIED" not in repr(rows)


async def test_a_repeated_key_says_the_same_whatever_the_grade_was(
    visitor: SignedIn, city: City
) -> None:
    """Were the grade in the request's hash, five tries with the key would find it."""
    seen, key = await visit(city, visitor), new_key()
    said = {await rate(visitor.device, seen, grade, key) for grade in Satisfaction}
    assert said == {"VisitRated"}
    assert await counted() == {"1.2026-11": {"VERY_SATISFIED": 1}}


async def test_officers_are_told_of_months_that_are_over_and_of_ten_people_at_least(
    house: House,
) -> None:
    surveys = house.services[Surveys]
    counts = {"VERY_SATISFIED": 8, "DISSATISFIED": 1}
    await SatisfactionCount(id="1.2026-10", counts=counts).insert()
    await SatisfactionCount(id="1.2026-09", counts={**counts, "SATISFIED": 1}).insert()

    async def of(month: str, caller: Caller | None = OFFICER) -> Any:
        found = await surveys.of_venue(caller, 1, month)
        if isinstance(found, Refusal):
            return found.code
        assert isinstance(found, VenueSatisfaction)
        return found.told.people, found.told.average

    assert await of("2026-09") == (10, Decimal("4.60"))
    assert await of("2026-10") == await of("2020-01") == (None, None), "few and none look alike"
    assert await of("2026-11") == "survey_month_not_over"
    clerk = Caller(staff_id="stf", roles=frozenset({Role.OUTLET_CLERK}))
    assert await of("2026-09", clerk) == "not_permitted"
    assert await of("2026-09", None) == "sign_in_needed"


async def _rated_together(house: House, one: SignedIn, visits: list[str]) -> list[str]:
    asking = Asking(one.holder.resident_id, "thumbprint", None)
    surveys = house.services[Surveys]

    async def say(visit_id: str) -> str:
        try:
            said = await surveys.rate(asking, new_key(), visit_id, BEST)
        except Exception as error:  # noqa: BLE001 - the control shows what slips through
            return type(error).__name__
        return said.code if isinstance(said, Refusal) else "rated"

    return sorted(await asyncio.gather(*map(say, visits)))


async def test_two_phones_at_once_count_once(visitor: SignedIn, city: City, house: House) -> None:
    same = await visit(city, visitor)
    said = await _rated_together(house, visitor, [same] * 4)
    assert said == ["rated", *["survey_already_rated"] * 3]
    visits = [await visit(city, visitor, 2) for _ in range(4)]
    said = await _rated_together(house, visitor, visits)
    assert said == ["rated", *["survey_already_rated"] * 3]
    assert await counted() == {one: {"VERY_SATISFIED": 1} for one in ("1.2026-11", "2.2026-11")}


async def test_the_control_without_the_index_they_count_several_times(
    visitor: SignedIn, city: City, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*_: Any) -> bool:
        return False

    visits = [await visit(city, visitor, 2) for _ in range(4)]
    slips = SurveySlip.get_pymongo_collection()
    monkeypatch.setattr("backend.surveys.service._answered", nobody)
    held = await _rated_together(house, visitor, visits)
    assert held.count("rated") == 1, "the index alone holds too"
    await slips.drop_index("one_rating_a_month")
    try:
        assert (await _rated_together(house, visitor, visits)).count("rated") == 3
    finally:
        await slips.delete_many({})
        keys = [("resident_id", 1), ("venue", 1), ("month", 1)]
        await slips.create_index(keys, name="one_rating_a_month", unique=True)
