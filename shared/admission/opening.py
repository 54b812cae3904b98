"""When a venue is open: its calendar as data, and the questions asked of it.

Days and hours are local (Asia/Shanghai), answers are aware UTC instants. What decides a day, the
first that speaks: a closure, the day's own hours, else the week of the season, read as the day of
the week or the holiday that a shift 调休 makes of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from shared.admission.opening_hours import (
    DAY_MINUTES,
    DayHours,
    RunsAs,
    Season,
    Week,
    check_day,
    day_hours_to_wire,
    read_day_hours,
)
from shared.admission.wire_form import (
    InvalidRules,
    member_of,
    read_day,
    read_list,
    read_number,
    read_object,
    read_optional,
    read_version,
    read_words,
    words_to_wire,
)
from shared.clock import LOCAL_ZONE
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

VERSION = 1
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_LOOK_AHEAD = 400
"""Days in which an opening is looked for: over a year, so that every season is met."""
_LATEST_LAST_ENTRY = 12 * 60


@dataclass(frozen=True, slots=True)
class Opening:
    """One time of being open; nobody is let in from `last_entry` on."""

    start: datetime
    end: datetime
    last_entry: datetime


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which it is closed whatever else is said, both included, and why."""

    first: date
    last: date
    why: LocalizedText | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidRules("a closure ends before it begins")


@dataclass(frozen=True, slots=True)
class OpeningCalendar:
    """The opening calendar of a venue.

    `shifts` says which days run as another day of the week or as a public holiday, `special_days`
    gives single days hours of their own (none: closed). Nobody is let in during the last
    `last_entry_minutes` before closing.

    Raises:
        InvalidRules: seasons overlap, a day's spans touch, the last entry is out of bounds.
    """

    week: Week
    seasons: tuple[Season, ...] = ()
    shifts: Mapping[date, RunsAs] = field(default_factory=dict)
    special_days: Mapping[date, DayHours] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()
    last_entry_minutes: int = 0

    def __post_init__(self) -> None:
        for hours in self.special_days.values():
            check_day(hours)
        if not 0 <= self.last_entry_minutes <= _LATEST_LAST_ENTRY:
            raise InvalidRules("last entry is out of bounds")
        if len(self.seasons) > 1 and any(len(self._seasons(day)) > 1 for day in _LEAP_DAYS):
            raise InvalidRules("seasons overlap")

    def is_open(self, at: datetime) -> bool:
        """Tell whether it is open; at the closing minute it no longer is."""
        return self.opening_at(at) is not None

    def lets_in(self, at: datetime) -> bool:
        """Tell whether it is open and the last entry has not passed.

        Raises:
            ValueError: `at` is naive.
        """
        day = local_day(at)
        minute = (at - _midnight(day)) // _MINUTE
        for hours in self.hours(day):
            # The plain case, without a look at the days before and after.
            if hours.start <= minute < hours.end - self.last_entry_minutes:
                return True
        opening = self.opening_at(at)
        return opening is not None and at < opening.last_entry

    def opening_at(self, at: datetime) -> Opening | None:
        """Return the time of being open that holds `at`, whole even across midnight.

        Raises:
            ValueError: `at` is naive.
        """
        day = local_day(at)
        if not self.hours(day) and not self._lasts_past_midnight(day - _DAY):
            return None
        return next((found for found in self._around(day) if _holds(found, at)), None)

    def next_opening(self, after: datetime) -> datetime | None:
        """Return the first instant from `after` on at which it is open; `after` if it is then.

        None when it stays closed for more than a year.
        """
        opening = self._first_ending_later(after)
        return None if opening is None else max(opening.start, after)

    def next_entry(self, after: datetime) -> datetime | None:
        """Return the first instant from `after` on at which visitors are let in."""
        now = after
        for _ in range(_LOOK_AHEAD):
            opening = self._first_ending_later(now)
            if opening is None:
                break
            entry = max(opening.start, after)
            if entry < opening.last_entry:
                return entry
            now = opening.end
        return None

    def open_for(self, since: datetime, until: datetime, enough: timedelta) -> timedelta:
        """Return for how long it was open between two instants; no more is counted than `enough`.

        Raises:
            ValueError: one of them is naive.
        """
        day, last, told = local_day(since) - _DAY, local_day(until), timedelta(0)
        while day <= last and told < enough:
            for span in self.spans(day):
                told += max(timedelta(0), min(span.end, until) - max(span.start, since))
            day += _DAY
        return min(told, enough)

    def spans(self, day: date) -> tuple[Opening, ...]:
        """Return the times of being open that begin on a local day, in their order."""
        midnight = _midnight(day)
        return tuple(
            self._opening(
                midnight + timedelta(minutes=hours.start), midnight + timedelta(minutes=hours.end)
            )
            for hours in self.hours(day)
        )

    def hours(self, day: date) -> DayHours:
        """Return a local day's hours."""
        if self.closure_on(day) is not None:
            return ()
        special = self.special_days.get(day)
        if special is not None:
            return special
        seasons = self._seasons(day)
        week = seasons[0].week if seasons else self.week
        return week.hours(day, self.shifts.get(day))

    def closure_on(self, day: date) -> Closure | None:
        """Return the closure of a local day; of several, the one that ends last."""
        covering = [found for found in self.closures if found.first <= day <= found.last]
        return max(covering, key=lambda found: (found.last, found.first), default=None)

    def _lasts_past_midnight(self, day: date) -> bool:
        return any(hours.end > DAY_MINUTES for hours in self.hours(day))

    def _seasons(self, day: date) -> list[Season]:
        return [season for season in self.seasons if season.covers(day)]

    def _first_ending_later(self, now: datetime) -> Opening | None:
        """Return the earliest opening that has not ended at `now`.

        Raises:
            ValueError: `now` is naive.
        """
        today = local_day(now)
        for ahead in range(_LOOK_AHEAD):
            day = today + ahead * _DAY
            if not self.hours(day) and not (ahead == 0 and self._lasts_past_midnight(day - _DAY)):
                continue
            for opening in self._around(day):
                if opening.end > now:
                    return opening
        return None

    def _around(self, day: date) -> Iterator[Opening]:
        """Yield, merged, what is open on a local day, the night before and the morning after."""
        merged: Opening | None = None
        days = (day - _DAY, day, day + _DAY)
        for opening in (found for near in days for found in self.spans(near)):
            if merged is None:
                merged = opening
            elif opening.start <= merged.end:
                merged = self._opening(merged.start, max(merged.end, opening.end))
            else:
                yield merged
                merged = opening
        if merged is not None:
            yield merged

    def _opening(self, start: datetime, end: datetime) -> Opening:
        return Opening(start, end, end - timedelta(minutes=self.last_entry_minutes))

    def to_wire(self) -> dict[str, Any]:
        """Return the calendar as JSON values."""
        return {
            "version": VERSION,
            "week": self.week.to_wire(),
            "seasons": [season.to_wire() for season in self.seasons],
            "shifts": {day.isoformat(): kind.value for day, kind in sorted(self.shifts.items())},
            "special_days": {
                day.isoformat(): day_hours_to_wire(hours)
                for day, hours in sorted(self.special_days.items())
            },
            "closures": [_closure_to_wire(closure) for closure in self.closures],
            "last_entry_minutes": self.last_entry_minutes,
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "calendar") -> "OpeningCalendar":
        """Read a calendar as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is missing, unknown or not understood.
        """
        fields = ("week", "seasons", "shifts", "special_days", "closures", "last_entry_minutes")
        calendar = read_object(values, what, ("version", *fields))
        read_version(calendar, what, VERSION)
        return cls(
            week=Week.of_wire(calendar["week"]),
            seasons=read_list(calendar["seasons"], "seasons", Season.of_wire),
            shifts={
                read_day(day, "shifts"): member_of(RunsAs)(kind, "shifts")
                for day, kind in _days(calendar["shifts"], "shifts")
            },
            special_days={
                read_day(day, "special_days"): read_day_hours(hours, "special_days")
                for day, hours in _days(calendar["special_days"], "special_days")
            },
            closures=read_list(calendar["closures"], "closures", _read_closure),
            last_entry_minutes=read_number(calendar["last_entry_minutes"], "last_entry_minutes"),
        )


_LEAP_DAYS = tuple(date(2028, 1, 1) + count * _DAY for count in range(366))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)


def _holds(opening: Opening, at: datetime) -> bool:
    return opening.start <= at < opening.end


def _days(values: Any, what: str) -> list[tuple[Any, Any]]:
    if not isinstance(values, Mapping) or len(values) > 1_000:
        raise InvalidRules(f"{what} is not an object of days")
    return list(values.items())


def _closure_to_wire(closure: Closure) -> dict[str, Any]:
    return {
        "first": closure.first.isoformat(),
        "last": closure.last.isoformat(),
        "why": None if closure.why is None else words_to_wire(closure.why),
    }


def _read_closure(values: Any, what: str) -> Closure:
    closure = read_object(values, what, ("first", "last", "why"))
    return Closure(
        read_day(closure["first"], what),
        read_day(closure["last"], what),
        read_optional(closure["why"], what, read_words),
    )
