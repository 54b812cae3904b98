"""A venue's opening calendar."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.admission.opening import Closure, OpeningCalendar
from shared.admission.opening_hours import Hours, RunsAs, Season, Week, YearlyDay
from shared.admission.wire_form import InvalidRules
from shared.clock import LOCAL_ZONE
from shared.localized_text import LocalizedText

NINE_TO_FIVE = Hours(9 * 60, 17 * 60)
MUSEUM_WEEK = Week.same_every_day(NINE_TO_FIVE, closed_on={RunsAs.MONDAY})
MUSEUM = OpeningCalendar(
    week=MUSEUM_WEEK,
    seasons=(
        Season(
            YearlyDay(11, 1),
            YearlyDay(3, 31),
            Week.same_every_day(Hours(9 * 60, 16 * 60 + 30), closed_on={RunsAs.MONDAY}),
        ),
    ),
    shifts={
        date(2026, 10, 5): RunsAs.HOLIDAY,  # a Monday of the National Day week
        date(2026, 10, 10): RunsAs.MONDAY,  # a working Saturday 调休
    },
    special_days={date(2026, 5, 18): (Hours(9 * 60, 22 * 60),)},  # Museum Day, a Monday
    closures=(
        Closure(date(2026, 6, 9), date(2026, 6, 11), LocalizedText("布展", "Exhibition change")),
    ),
    last_entry_minutes=30,
)
BAR_STREET = OpeningCalendar(
    Week.same_every_day(Hours(11 * 60, 14 * 60), Hours(20 * 60, 26 * 60)), last_entry_minutes=15
)
ALWAYS = OpeningCalendar(Week.same_every_day(Hours(0, 24 * 60)), last_entry_minutes=60)
NEVER = OpeningCalendar(Week(days=((),) * 7))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


@pytest.mark.parametrize(
    ("at", "is_open", "lets_in", "why"),
    [
        ("2026-07-01T08:59:59", False, False, "before opening"),
        ("2026-07-01T09:00", True, True, "the opening minute"),
        ("2026-07-01T16:29:59", True, True, "just before the last entry"),
        ("2026-07-01T16:30", True, False, "the last entry has passed"),
        ("2026-07-01T17:00", False, False, "the closing minute"),
        ("2026-07-06T10:00", False, False, "Mondays it is closed"),
        ("2026-10-05T10:00", True, True, "a holiday on a Monday"),
        ("2026-10-10T10:00", False, False, "a Saturday that runs as a Monday"),
        ("2026-10-17T10:00", True, True, "a plain Saturday"),
        ("2026-05-18T21:00", True, True, "a special day"),
        ("2026-06-10T10:00", False, False, "within a closure"),
        ("2026-06-12T10:00", True, True, "the day after the closure"),
        ("2026-11-03T16:45", False, False, "winter hours"),
        ("2027-03-31T16:45", False, False, "winter passes New Year"),
        ("2027-04-01T16:45", True, False, "summer again"),
    ],
)
def test_the_museum_is_open_when_its_notice_says(
    at: str, is_open: bool, lets_in: bool, why: str
) -> None:
    assert (MUSEUM.is_open(local(at)), MUSEUM.lets_in(local(at))) == (is_open, lets_in), why


@pytest.mark.parametrize(
    ("after", "opens"),
    [
        ("2026-07-01T08:00", "2026-07-01T09:00"),
        ("2026-07-01T12:00", "2026-07-01T12:00"),
        ("2026-07-05T17:00", "2026-07-07T09:00"),  # Sunday evening: Monday is closed
        ("2026-06-08T10:00", "2026-06-12T09:00"),  # a Monday, then the closure
    ],
)
def test_it_tells_when_it_opens_next(after: str, opens: str) -> None:
    assert MUSEUM.next_opening(local(after)) == local(opens)


def test_after_the_last_entry_the_next_entry_is_the_next_opening() -> None:
    late = local("2026-07-01T16:45")

    assert MUSEUM.next_opening(late) == late
    assert MUSEUM.next_entry(late) == local("2026-07-02T09:00")


def test_hours_past_midnight_belong_to_the_day_they_begin_on() -> None:
    assert BAR_STREET.is_open(local("2026-07-02T01:59"))
    assert not BAR_STREET.is_open(local("2026-07-02T02:00"))
    assert [span.end for span in BAR_STREET.spans(date(2026, 7, 1))] == [
        local("2026-07-01T14:00"),
        local("2026-07-02T02:00"),
    ]


def test_what_never_closes_has_no_last_entry_at_midnight() -> None:
    assert ALWAYS.lets_in(local("2026-07-01T23:59:59"))
    assert ALWAYS.lets_in(local("2026-07-02T00:00"))


def test_what_never_opens_has_no_next_opening() -> None:
    assert NEVER.next_opening(local("2026-07-01T08:00")) is None
    assert NEVER.next_entry(local("2026-07-01T08:00")) is None


def test_a_last_entry_longer_than_the_opening_lets_nobody_in() -> None:
    brief = OpeningCalendar(Week.same_every_day(Hours(600, 630)), last_entry_minutes=60)

    assert brief.next_entry(local("2026-07-01T08:00")) is None
    assert not brief.lets_in(local("2026-07-01T10:00"))


def test_a_naive_time_is_no_instant() -> None:
    with pytest.raises(ValueError, match="zone"):
        MUSEUM.is_open(datetime(2026, 7, 1, 10))  # noqa: DTZ001 - that is what is refused


def _minutes_apart(hours: list[tuple[int, int]]) -> tuple[Hours, ...]:
    spans, free_from = [], 0
    for start, length in sorted(hours):
        begin = max(start, free_from)
        if begin < 24 * 60:
            spans.append(Hours(begin, begin + length))
            free_from = begin + length + 1
    return tuple(spans)


day_hours = st.lists(
    st.tuples(st.integers(0, 24 * 60 - 1), st.integers(1, 24 * 60)), max_size=3
).map(_minutes_apart)
weeks = st.builds(Week, st.tuples(*[day_hours] * 7), st.none() | day_hours)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
closures = st.tuples(days, st.integers(0, 20)).map(
    lambda drawn: Closure(drawn[0], drawn[0] + timedelta(days=drawn[1]))
)
calendars = st.builds(
    OpeningCalendar,
    week=weeks,
    seasons=st.just(())
    | weeks.map(lambda week: (Season(YearlyDay(11, 1), YearlyDay(2, 29), week),)),
    shifts=st.dictionaries(days, st.sampled_from(RunsAs), max_size=3),
    special_days=st.dictionaries(days, day_hours, max_size=3),
    closures=st.lists(closures, max_size=2).map(tuple),
    last_entry_minutes=st.integers(0, 40),
)
instants = st.integers(0, 360 * 86_400).map(
    lambda seconds: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)
)


def _begun(calendar: OpeningCalendar, at: datetime) -> list[tuple[datetime, datetime]]:
    """Return what is open by the days' own spans, without any merging."""
    day = at.astimezone(LOCAL_ZONE).date()
    near = (day - timedelta(days=1), day, day + timedelta(days=1))
    return [(span.start, span.end) for which in near for span in calendar.spans(which)]


@given(calendars, instants)
def test_it_is_open_where_a_span_of_a_day_says_so(calendar: OpeningCalendar, at: datetime) -> None:
    inside = any(start <= at < end for start, end in _begun(calendar, at))

    assert calendar.is_open(at) is inside


@given(calendars, instants)
def test_the_next_opening_is_the_first(calendar: OpeningCalendar, after: datetime) -> None:
    opens = calendar.next_opening(after)

    if opens is None:
        opens = after + timedelta(days=30)
    else:
        assert calendar.is_open(opens)
        assert opens >= after
    day, last = after.astimezone(LOCAL_ZONE).date(), opens.astimezone(LOCAL_ZONE).date()
    while day <= last:
        assert not any(after <= span.start < opens for span in calendar.spans(day))
        day += timedelta(days=1)


@given(calendars, instants)
def test_who_is_let_in_has_the_last_minutes_before_them(
    calendar: OpeningCalendar, at: datetime
) -> None:
    """It is open now and without a break past the last entry's minutes."""
    end = at + timedelta(minutes=calendar.last_entry_minutes)
    minutes = [at.replace(second=0) + timedelta(minutes=n) for n in range(1, 42)]
    stay = [at, *(minute for minute in minutes if minute < end), end]

    assert calendar.lets_in(at) is all(calendar.is_open(moment) for moment in stay)


@given(calendars, instants)
def test_the_next_entry_is_one(calendar: OpeningCalendar, after: datetime) -> None:
    entry = calendar.next_entry(after)

    assert entry is None or (entry >= after and calendar.lets_in(entry))
    assert not calendar.lets_in(after) or entry == after


@given(calendars)
def test_a_calendar_survives_the_wire(calendar: OpeningCalendar) -> None:
    assert OpeningCalendar.of_wire(json.loads(json.dumps(calendar.to_wire()))) == calendar


WIRE = MUSEUM.to_wire()


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"version": True},
        {"week": {"days": [], "holiday": None}},
        {"week": {"days": [["09:00-09:00"]] * 7, "holiday": None}},
        {"week": {"days": [["24:00-25:00"]] * 7, "holiday": None}},
        {"week": {"days": [["9:00-17:00"]] * 7, "holiday": None}},
        {"week": {"days": [["09:00-12:00", "12:00-17:00"]] * 7, "holiday": None}},
        {"week": {"days": [["09:00-17:00"]] * 7, "holiday": None, "sunday": []}},
        {"seasons": [{"first": "02-30", "last": "03-31", "week": MUSEUM_WEEK.to_wire()}]},
        {"seasons": [{"first": "01-01", "last": "12-31", "week": MUSEUM_WEEK.to_wire()}] * 2},
        {"shifts": {"2026-10-10": "someday"}},
        {"shifts": {"20261010": "monday"}},
        {"shifts": []},
        {"special_days": {"2026-10-10": None}},
        {"closures": [{"first": "2026-06-11", "last": "2026-06-09", "why": None}]},
        {"last_entry_minutes": True},
        {"last_entry_minutes": 10_000},
        {"lunch": None},
    ],
)
def test_a_calendar_that_is_not_understood_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidRules):
        OpeningCalendar.of_wire({**WIRE, **changed})


@pytest.mark.parametrize("field", sorted(WIRE))
def test_a_missing_part_is_named(field: str) -> None:
    with pytest.raises(InvalidRules, match=field):
        OpeningCalendar.of_wire({name: part for name, part in WIRE.items() if name != field})
