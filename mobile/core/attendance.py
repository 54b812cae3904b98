"""考勤记录: the days on which the holder came into a building, from their own taps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText

MONTHS_KEPT = 6
"""The server keeps taps for half a year."""


@dataclass(frozen=True, slots=True)
class AttendanceVenue:
    """A building that the holder came into."""

    number: int
    name: LocalizedText
    last_in: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(int(wire["venue"]), read_text(wire["venueName"]), read_instant(wire["lastIn"]))


@dataclass(frozen=True, slots=True)
class AttendanceVenues:
    """Some buildings, the last entered first; `more` is where the next page begins."""

    rows: tuple[AttendanceVenue, ...]
    more: str | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a page; raises KeyError, TypeError or ValueError for what is none."""
        info = wire["pageInfo"]
        return cls(
            tuple(map(AttendanceVenue.of_wire, wire["nodes"])),
            info["endCursor"] if info["hasNextPage"] else None,
        )


@dataclass(frozen=True, slots=True)
class AttendanceDay:
    """A day with taps; `unpaired` counts entries without an exit, which are no time `inside`."""

    day: date
    first_in: datetime
    last_out: datetime | None
    inside: timedelta
    unpaired: int

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a day; raises KeyError, TypeError or ValueError for what is none."""
        out = wire["lastOut"]
        return cls(
            date.fromisoformat(wire["day"]),
            read_instant(wire["firstIn"]),
            None if out is None else read_instant(out),
            timedelta(minutes=int(wire["minutesInside"])),
            int(wire["unpaired"]),
        )


def read_days(wire: Mapping[str, Any]) -> tuple[AttendanceDay, ...]:
    """Read a month, the latest day first; raises KeyError, TypeError or ValueError."""
    days = map(AttendanceDay.of_wire, wire["nodes"])
    return tuple(sorted(days, key=lambda one: one.day, reverse=True))


def months_until(today: date) -> tuple[str, ...]:
    """Return the months that the server may know of, such as 2026-11, this one first."""
    number = today.year * 12 + today.month - 1
    return tuple(
        f"{one // 12}-{one % 12 + 1:02d}" for one in range(number, number - MONTHS_KEPT, -1)
    )
