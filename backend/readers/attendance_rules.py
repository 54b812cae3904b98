"""Attendance 考勤 from the taps at a building's doors (feature S84): pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from backend.foundation.refusals import Refusal, refusal
from shared.clock import LOCAL_ZONE
from shared.identity.age import local_day

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
LONGEST_SHIFT = timedelta(hours=24)
"""An exit later than that closes no entry: one of the two was not tapped."""

MONTH_FORM = refusal(
    "attendance_month_form",
    ("月份格式不对。", "The month is not written right."),
    ("请按2026-11的格式填写。", "Write it as 2026-11."),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """One person's tap that a door answered by letting them through."""

    at: datetime
    out: bool


@dataclass(frozen=True, slots=True)
class AttendanceDay:
    """A local day on which somebody came in.

    `last_out` and `inside` are of entries with an exit; `unpaired` counts those without one. A
    night's work belongs to the day on which it began.
    """

    day: date
    first_in: datetime
    last_out: datetime | None = None
    inside: timedelta = timedelta(0)
    unpaired: int = 0


def month_span(month: str) -> tuple[datetime, datetime] | Refusal:
    """Return the first instant of a local month and of the next one."""
    if not _MONTH.fullmatch(month):
        return MONTH_FORM
    year, number = int(month[:4]), int(month[5:])
    begin = datetime(year, number, 1, tzinfo=LOCAL_ZONE)
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=LOCAL_ZONE)
    return begin.astimezone(UTC), after.astimezone(UTC)


def attendance(passages: Iterable[Passage]) -> Sequence[AttendanceDay]:
    """Return the days that passages make, in whatever order they were uploaded."""
    days: dict[date, AttendanceDay] = {}
    entered: datetime | None = None
    for one in sorted(passages, key=lambda passage: (passage.at, passage.out)):
        if not one.out:
            entered = _came_in(days, entered, one.at)
        elif entered is not None and one.at - entered <= LONGEST_SHIFT:
            known = days[local_day(entered)]
            inside = known.inside + (one.at - entered)
            days[known.day] = replace(
                known, last_out=one.at, inside=inside, unpaired=known.unpaired - 1
            )
            entered = None
    return list(days.values())


def _came_in(days: dict[date, AttendanceDay], entered: datetime | None, at: datetime) -> datetime:
    """Note an entry; a second tap on the way in, the same day, is the first one said again."""
    day = local_day(at)
    if entered is not None and local_day(entered) == day:
        return entered
    known = days.get(day) or AttendanceDay(day, at)
    days[day] = replace(known, unpaired=known.unpaired + 1)
    return at
