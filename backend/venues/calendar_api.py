"""An opening calendar as apps read it and as staff write it: one form both ways."""

from datetime import date
from typing import Any

import strawberry

from backend.foundation.answers import LocalizedTextAnswer
from backend.venues.calendars import calendar_version
from shared.admission.opening import VERSION, Closure, OpeningCalendar
from shared.admission.opening_hours import RunsAs, Season, Week, day_hours_to_wire
from shared.localized_text import LocalizedText

strawberry.enum(RunsAs, name="RunsAs", description="What a shifted day 调休 is treated as.")

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = "Hours are written 09:00-17:00; 20:00-26:00 closes at two the morning after."


@strawberry.type(name="OpeningWeek", description=_HOURS)
class OpeningWeekAnswer:
    """A week's hours; `holiday` null: a public holiday runs as its day of the week."""

    monday: list[str]
    tuesday: list[str]
    wednesday: list[str]
    thursday: list[str]
    friday: list[str]
    saturday: list[str]
    sunday: list[str]
    holiday: list[str] | None


@strawberry.type(name="OpeningSeason", description="Yearly days are written 04-01.")
class OpeningSeasonAnswer:
    """A part of every year with a week of its own, both days included."""

    first: str
    last: str
    week: OpeningWeekAnswer


@strawberry.type(name="ShiftedDay")
class ShiftedDayAnswer:
    """A day that runs as another, or as a public holiday."""

    day: date
    runs_as: RunsAs


@strawberry.type(name="SpecialDay")
class SpecialDayAnswer:
    """A day with hours of its own, none: closed."""

    day: date
    hours: list[str]


@strawberry.type(name="VenueClosure")
class ClosureAnswer:
    """Days on which it is closed, both included."""

    first: date
    last: date
    why: LocalizedTextAnswer | None


@strawberry.type(name="OpeningCalendar", description="`version` names what stands now.")
class OpeningCalendarAnswer:
    """When a venue is open; what decides a day: a closure, its own hours, its season, the week."""

    week: OpeningWeekAnswer
    seasons: list[OpeningSeasonAnswer]
    shifts: list[ShiftedDayAnswer]
    special_days: list[SpecialDayAnswer]
    closures: list[ClosureAnswer]
    last_entry_minutes: int
    version: str


@strawberry.input(name="OpeningWeekInput", description=_HOURS)
class OpeningWeekInput:
    """A week's hours; an empty list is a closed day."""

    monday: list[str]
    tuesday: list[str]
    wednesday: list[str]
    thursday: list[str]
    friday: list[str]
    saturday: list[str]
    sunday: list[str]
    holiday: list[str] | None = None


@strawberry.input(name="OpeningSeasonInput")
class OpeningSeasonInput:
    """A part of every year, such as 04-01 to 10-07; it may pass New Year."""

    first: str
    last: str
    week: OpeningWeekInput


@strawberry.input(name="ShiftedDayInput")
class ShiftedDayInput:
    """A day that runs as another 调休."""

    day: date
    runs_as: RunsAs


@strawberry.input(name="SpecialDayInput")
class SpecialDayInput:
    """A day with hours of its own."""

    day: date
    hours: list[str]


@strawberry.input(name="VenueClosureInput")
class ClosureInput:
    """Days on which it is closed, and why, as everybody reads it."""

    first: date
    last: date
    why_zh: str
    why_en: str


@strawberry.input(name="OpeningCalendarInput")
class OpeningCalendarInput:
    """The whole calendar; `closures` null leaves those there are."""

    week: OpeningWeekInput
    seasons: list[OpeningSeasonInput] = strawberry.field(default_factory=list)
    shifts: list[ShiftedDayInput] = strawberry.field(default_factory=list)
    special_days: list[SpecialDayInput] = strawberry.field(default_factory=list)
    closures: list[ClosureInput] | None = None
    last_entry_minutes: int = 0


def calendar_answer(calendar: OpeningCalendar) -> OpeningCalendarAnswer:
    """Return a calendar as an answer."""
    return OpeningCalendarAnswer(
        week=_week_answer(calendar.week),
        seasons=[_season_answer(one) for one in calendar.seasons],
        shifts=[ShiftedDayAnswer(day=day, runs_as=as_) for day, as_ in calendar.shifts.items()],
        special_days=[
            SpecialDayAnswer(day=day, hours=day_hours_to_wire(hours))
            for day, hours in calendar.special_days.items()
        ],
        closures=[_closure_answer(one) for one in calendar.closures],
        last_entry_minutes=calendar.last_entry_minutes,
        version=calendar_version(calendar),
    )


def calendar_wire(asked: OpeningCalendarInput) -> dict[str, Any]:
    """Return the calendar that staff wrote as it is stored, unread."""
    return {
        "version": VERSION,
        "week": _week_wire(asked.week),
        "seasons": [
            {"first": one.first, "last": one.last, "week": _week_wire(one.week)}
            for one in asked.seasons
        ],
        "shifts": {one.day.isoformat(): one.runs_as.value for one in asked.shifts},
        "special_days": {one.day.isoformat(): one.hours for one in asked.special_days},
        "closures": [_closure_wire(one) for one in asked.closures or ()],
        "last_entry_minutes": asked.last_entry_minutes,
    }


def _week_wire(week: OpeningWeekInput) -> dict[str, Any]:
    return {
        "days": [getattr(week, day) for day in _DAYS],
        "holiday": week.holiday,
    }


def _closure_wire(one: ClosureInput) -> dict[str, Any]:
    why = {"zh": one.why_zh, "en": one.why_en}
    return {"first": one.first.isoformat(), "last": one.last.isoformat(), "why": why}


def _week_answer(week: Week) -> OpeningWeekAnswer:
    days = dict(zip(_DAYS, map(day_hours_to_wire, week.days), strict=True))
    holiday = None if week.holiday is None else day_hours_to_wire(week.holiday)
    return OpeningWeekAnswer(**days, holiday=holiday)


def _season_answer(season: Season) -> OpeningSeasonAnswer:
    first, last = season.first.to_wire(), season.last.to_wire()
    return OpeningSeasonAnswer(first=first, last=last, week=_week_answer(season.week))


def _closure_answer(closure: Closure) -> ClosureAnswer:
    why: LocalizedText | None = closure.why
    told = None if why is None else LocalizedTextAnswer.of(why)
    return ClosureAnswer(first=closure.first, last=closure.last, why=told)
