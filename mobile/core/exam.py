"""Seats in examinations 考试 as a candidate reads them and as the phone keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from mobile.core.exam_opening import ExamOpening, ExamVenue
from shared.localized_text import LocalizedText


class Standing(StrEnum):
    """Where a candidate stands; `SHUT` is late: the examination goes on without them."""

    AHEAD = "ahead"
    OPEN = "open"
    SHUT = "shut"
    CHECKED_IN = "checked_in"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ExamSeat:
    """A seat in a session; who is not in `late_minutes` after its start stays outside."""

    session: str
    name: LocalizedText
    venue: int
    seat: int
    starts_at: datetime
    ends_at: datetime
    early_minutes: int
    late_minutes: int
    entered_at: datetime | None

    @property
    def entry_from(self) -> datetime:
        """When the doors open."""
        return self.starts_at - timedelta(minutes=self.early_minutes)

    @property
    def entry_until(self) -> datetime:
        """The first instant at which nobody is let in any more."""
        return self.starts_at + timedelta(minutes=self.late_minutes)

    def standing(self, now: datetime) -> Standing:
        """Return where its candidate stands now."""
        if now >= self.ends_at:
            return Standing.OVER
        if self.entered_at is not None:
            return Standing.CHECKED_IN
        if now < self.entry_from:
            return Standing.AHEAD
        return Standing.OPEN if now < self.entry_until else Standing.SHUT

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a seat; raises KeyError, TypeError or ValueError for what is none."""
        entered = wire["enteredAt"]
        starts_at, ends_at = read_instant(wire["startsAt"]), read_instant(wire["endsAt"])
        if ends_at <= starts_at:
            raise ValueError("an examination ends after it begins")
        return cls(
            session=str(wire["session"]),
            name=read_text(wire["name"]),
            venue=int(wire["venue"]),
            seat=int(wire["seat"]),
            starts_at=starts_at,
            ends_at=ends_at,
            early_minutes=int(wire["earlyMinutes"]),
            late_minutes=int(wire["lateMinutes"]),
            entered_at=read_instant(entered) if entered else None,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the seat as `of_wire` reads it."""
        return {
            "session": self.session,
            "name": write_text(self.name),
            "venue": self.venue,
            "seat": self.seat,
            "startsAt": self.starts_at.isoformat(),
            "endsAt": self.ends_at.isoformat(),
            "earlyMinutes": self.early_minutes,
            "lateMinutes": self.late_minutes,
            "enteredAt": self.entered_at.isoformat() if self.entered_at else None,
        }


@dataclass(frozen=True, slots=True)
class ExamsSeen:
    """The seats as the server told them at `seen_at`, the venues by number, and the openings."""

    seats: tuple[ExamSeat, ...]
    venues: Mapping[int, ExamVenue]
    seen_at: datetime
    openings: tuple[ExamOpening, ...] = ()

    def with_opening(self, changed: ExamOpening) -> "ExamsSeen":
        """Return this with one opening as it is by now."""
        known = (changed if one.session == changed.session else one for one in self.openings)
        return replace(self, openings=tuple(known))

    def in_order(self, now: datetime) -> tuple[ExamSeat, ...]:
        """Return what is still to come, the soonest first, and then what is over, newest first."""
        by_time = sorted(self.seats, key=lambda one: (one.starts_at, one.session))
        over = [one for one in by_time if one.standing(now) is Standing.OVER]
        ahead = [one for one in by_time if one.standing(now) is not Standing.OVER]
        return (*ahead, *reversed(over))

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        venues = wire["venues"].items()
        return cls(
            tuple(map(ExamSeat.of_wire, wire["seats"])),
            {int(number): ExamVenue.of_wire(venue) for number, venue in venues},
            read_instant(wire["seenAt"]),
            tuple(map(ExamOpening.of_wire, wire["openings"])),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "seats": [one.to_wire() for one in self.seats],
            "venues": {str(number): venue.to_wire() for number, venue in self.venues.items()},
            "seenAt": self.seen_at.isoformat(),
            "openings": [one.to_wire() for one in self.openings],
        }
