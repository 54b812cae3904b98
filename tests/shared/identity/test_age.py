"""Ages on days of the city's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.age import age_on, birthday_in, local_day


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1955, 11, 22), date(2025, 11, 21), 69),
        (date(1955, 11, 22), date(2025, 11, 22), 70),
        (date(2025, 11, 22), date(2025, 11, 22), 0),
        (date(2004, 2, 29), date(2025, 2, 27), 20),
        (date(2004, 2, 29), date(2025, 2, 28), 21),
        (date(2004, 2, 29), date(2024, 2, 28), 19),
        (date(2004, 2, 29), date(2024, 2, 29), 20),
        (date(1896, 2, 29), date(1900, 2, 28), 4),
    ],
)
def test_a_year_is_complete_on_the_birthday(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


def test_before_birth_there_is_no_age() -> None:
    with pytest.raises(ValueError, match="before birth"):
        age_on(date(2025, 11, 22), date(2025, 11, 21))


def test_the_70th_birthday_begins_at_midnight_in_the_city() -> None:
    midnight = datetime(2025, 11, 21, 16, 0, tzinfo=UTC)  # 00:00 on the 22nd in Asia/Shanghai

    before = local_day(midnight - timedelta(microseconds=1))
    after = local_day(midnight)

    assert age_on(date(1955, 11, 22), before) == 69
    assert age_on(date(1955, 11, 22), after) == 70


def test_a_naive_instant_has_no_local_day() -> None:
    with pytest.raises(ValueError, match="zone"):
        local_day(datetime(2025, 11, 22))  # noqa: DTZ001 - the naive datetime is the bad input


@given(st.dates(date(1880, 1, 1), date(2025, 1, 1)), st.integers(0, 60_000))
def test_age_grows_by_one_and_only_on_a_birthday(birth: date, days: int) -> None:
    day = min(birth + timedelta(days=days), date(2099, 12, 30))
    next_day = day + timedelta(days=1)
    step = age_on(birth, next_day) - age_on(birth, day)

    assert step == (1 if next_day == birthday_in(birth, next_day.year) else 0)
