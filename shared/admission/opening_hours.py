"""Opening hours as a calendar writes them: spans of local time, days, weeks and seasons."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import pairwise
from typing import Any

from shared.admission.wire_form import (
    InvalidRules,
    read_list,
    read_object,
    read_optional,
    read_text,
)

DAY_MINUTES = 24 * 60
_HOURS = re.compile(r"([0-4][0-9]):([0-5][0-9])-([0-4][0-9]):([0-5][0-9])", re.ASCII)
_YEARLY_DAY = re.compile(r"[0-9]{2}-[0-9]{2}", re.ASCII)
_LEAP_YEAR = 2028


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """One span of a day in minutes from its midnight; an end above 24:00 is past midnight.

    Written as in GTFS: 20:00-26:00 closes at two in the morning of the day after.

    Raises:
        InvalidRules: it begins outside the day, ends before it begins or lasts over 24 hours.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < DAY_MINUTES or not 0 < self.end - self.start <= DAY_MINUTES:
            raise InvalidRules("opening hours out of the day")

    def to_wire(self) -> str:
        """Return it as 09:00-17:00."""
        return f"{_clock(self.start)}-{_clock(self.end)}"

    @classmethod
    def of_wire(cls, value: Any, what: str = "hours") -> "Hours":
        """Read 09:00-17:00.

        Raises:
            InvalidRules: it is written otherwise or no span of a day.
        """
        found = _HOURS.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise InvalidRules(f"{what} is not written 09:00-17:00")
        hour, minute, end_hour, end_minute = map(int, found.groups())
        return cls(hour * 60 + minute, end_hour * 60 + end_minute)


DayHours = tuple[Hours, ...]
"""The spans of one day in their order, none when it is closed; they never touch or overlap."""


def read_day_hours(value: Any, what: str) -> DayHours:
    """Read a day's spans as a list of texts."""
    return read_list(value, what, Hours.of_wire)


def day_hours_to_wire(hours: DayHours) -> list[str]:
    """Return a day's spans as a list of texts."""
    return [span.to_wire() for span in hours]


def check_day(hours: DayHours) -> None:
    """Check that a day's spans stand in order with closed time between them.

    Raises:
        InvalidRules: they do not.
    """
    for earlier, later in pairwise(hours):
        if later.start <= earlier.end:
            raise InvalidRules("opening hours of a day touch or overlap")


class RunsAs(Enum):
    """What a shifted day 调休 is treated as: a day of the week, or a public holiday."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    HOLIDAY = "holiday"


_WEEKDAYS = tuple(RunsAs)[:7]


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of an ordinary week.

    `days` are Monday to Sunday; `holiday` are the hours of a public holiday 法定节假日, None where
    it runs as its day of the week.

    Raises:
        InvalidRules: not seven days, or a day's spans touch.
    """

    days: tuple[DayHours, ...]
    holiday: DayHours | None = None

    def __post_init__(self) -> None:
        if len(self.days) != len(_WEEKDAYS):
            raise InvalidRules("a week has seven days")
        for hours in (*self.days, self.holiday or ()):
            check_day(hours)

    @classmethod
    def same_every_day(cls, *hours: Hours, closed_on: Iterable[RunsAs] = ()) -> "Week":
        """Return a week of equal days but those it is closed on.

        A public holiday is open then: a museum closed on Mondays opens on one that is a holiday.
        """
        closed = set(closed_on)
        days = tuple(() if day in closed else hours for day in _WEEKDAYS)
        return cls(days, holiday=None if RunsAs.HOLIDAY in closed else hours)

    def hours(self, day: date, runs_as: RunsAs | None) -> DayHours:
        """Return a day's hours, by its own day of the week unless it is shifted."""
        if runs_as is RunsAs.HOLIDAY:
            return self.days[day.weekday()] if self.holiday is None else self.holiday
        return self.days[day.weekday() if runs_as is None else _WEEKDAYS.index(runs_as)]

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "days": [day_hours_to_wire(hours) for hours in self.days],
            "holiday": None if self.holiday is None else day_hours_to_wire(self.holiday),
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "week") -> "Week":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        week = read_object(values, what, ("days", "holiday"))
        return cls(
            read_list(week["days"], what, read_day_hours),
            read_optional(week["holiday"], what, read_day_hours),
        )


@dataclass(frozen=True, slots=True)
class YearlyDay:
    """A day of every year, such as 1 April."""

    month: int
    day: int

    def __post_init__(self) -> None:
        try:
            date(_LEAP_YEAR, self.month, self.day)
        except ValueError:
            raise InvalidRules("no day of a year") from None

    def to_wire(self) -> str:
        """Return it as 04-01."""
        return f"{self.month:02}-{self.day:02}"

    @classmethod
    def of_wire(cls, value: Any, what: str = "season") -> "YearlyDay":
        """Read 04-01.

        Raises:
            InvalidRules: it is written otherwise or no such day exists.
        """
        text = read_text(value, what)
        if not _YEARLY_DAY.fullmatch(text):
            raise InvalidRules(f"{what} is not written 04-01")
        return cls(int(text[:2]), int(text[3:]))


@dataclass(frozen=True, slots=True)
class Season:
    """A part of every year with a week of its own, both days included; it may pass New Year."""

    first: YearlyDay
    last: YearlyDay
    week: Week

    def covers(self, day: date) -> bool:
        """Tell whether the season covers a day."""
        first, last = (self.first.month, self.first.day), (self.last.month, self.last.day)
        today = (day.month, day.day)
        return first <= today <= last if first <= last else today >= first or today <= last

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "first": self.first.to_wire(),
            "last": self.last.to_wire(),
            "week": self.week.to_wire(),
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "season") -> "Season":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        season = read_object(values, what, ("first", "last", "week"))
        return cls(
            YearlyDay.of_wire(season["first"]),
            YearlyDay.of_wire(season["last"]),
            Week.of_wire(season["week"]),
        )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
