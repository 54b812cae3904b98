"""What stands around a visit: the time, the place, and what the holder holds and has used.

All of it is as far as the program that asks knows: a reader without a network knows the entries of
its own lanes and the bookings of its last manifest.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from shared.admission.wire_form import (
    InvalidRules,
    read_day,
    read_flag,
    read_instant,
    read_list,
    read_number,
    read_object,
    read_optional,
    read_text,
)

_MAX_VENUE = 2**16 - 1


@dataclass(frozen=True, slots=True)
class DayRange:
    """Local days from `first` to `last`, both included; `last` None is without end."""

    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise InvalidRules("days end before they begin")

    def covers(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        return self.first <= day and (self.last is None or day <= self.last)

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "first": self.first.isoformat(),
            "last": None if self.last is None else self.last.isoformat(),
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "days") -> "DayRange":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        days = read_object(values, what, ("first", "last"))
        return cls(read_day(days["first"], what), read_optional(days["last"], what, read_day))


@dataclass(frozen=True, slots=True)
class HeldBooking:
    """A confirmed booking of the holder: its slot, for how many, and how many have entered.

    `area` is None where the slot is for the whole venue.

    Raises:
        InvalidRules: the slot ends before it begins, or is for nobody.
    """

    booking_id: str
    venue: int
    starts_at: datetime
    ends_at: datetime
    quantity: int = 1
    entered: int = 0
    area: str | None = None

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at or self.quantity < 1:
            raise InvalidRules("a booking has no time or is for nobody")

    @property
    def left(self) -> int:
        """How many may still enter on it."""
        return max(0, self.quantity - self.entered)

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "booking_id": self.booking_id,
            "venue": self.venue,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "quantity": self.quantity,
            "entered": self.entered,
            "area": self.area,
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "booking") -> "HeldBooking":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        fields = ("booking_id", "venue", "starts_at", "ends_at", "quantity", "entered", "area")
        booking = read_object(values, what, fields)
        return cls(
            read_text(booking["booking_id"], what),
            read_number(booking["venue"], what, most=_MAX_VENUE),
            read_instant(booking["starts_at"], what),
            read_instant(booking["ends_at"], what),
            read_number(booking["quantity"], what, least=1),
            read_number(booking["entered"], what),
            read_optional(booking["area"], what, read_text),
        )


@dataclass(frozen=True, slots=True)
class HeldPass:
    """A pass 通票 of the holder: single, of N uses, of a period, for a bundle of venues 一卡打包.

    `venues` is None where it is good at every venue that takes its product, `uses` None where it
    may be used without limit. `blackouts` are days on which it is not good, `personal` forbids a
    representative 代办 to show it.
    """

    pass_id: str
    product: str
    days: DayRange
    venues: frozenset[int] | None = None
    uses: int | None = None
    used: int = 0
    blackouts: tuple[DayRange, ...] = ()
    personal: bool = True

    @property
    def left(self) -> int | None:
        """How often it may still be used, None without limit."""
        return None if self.uses is None else max(0, self.uses - self.used)

    def next_good_day(self, day: date) -> date | None:
        """Return the first day from `day` on at which it is good by its dates, if there is one."""
        good = max(day, self.days.first)
        for blackout in sorted(self.blackouts, key=lambda days: days.first):
            if blackout.covers(good):
                if blackout.last is None:
                    return None
                good = blackout.last + timedelta(days=1)
        return good if self.days.covers(good) else None

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "pass_id": self.pass_id,
            "product": self.product,
            "days": self.days.to_wire(),
            "venues": None if self.venues is None else sorted(self.venues),
            "uses": self.uses,
            "used": self.used,
            "blackouts": [days.to_wire() for days in self.blackouts],
            "personal": self.personal,
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "pass") -> "HeldPass":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        fields = (
            *("pass_id", "product", "days", "venues", "uses", "used", "blackouts", "personal"),
        )
        held = read_object(values, what, fields)
        venues = read_optional(
            held["venues"],
            what,
            lambda found, of: read_list(
                found, of, lambda venue, which: read_number(venue, which, most=_MAX_VENUE)
            ),
        )
        return cls(
            read_text(held["pass_id"], what),
            read_text(held["product"], what),
            DayRange.of_wire(held["days"], what),
            None if venues is None else frozenset(venues),
            read_optional(held["uses"], what, lambda uses, of: read_number(uses, of, least=1)),
            read_number(held["used"], what),
            read_list(held["blackouts"], what, DayRange.of_wire),
            read_flag(held["personal"], what),
        )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The time, the place, what the holder holds and how often they were in.

    `party` enter together. `entries_today` and `last_entry` count what the venue admitted on the
    local day of `now`, `inside` tells that an entry has had no exit. `people_inside` is the area's
    live count, None where it is not counted.
    """

    now: datetime
    venue: int
    area: str | None = None
    party: int = 1
    bookings: tuple[HeldBooking, ...] = ()
    passes: tuple[HeldPass, ...] = ()
    entries_today: int = 0
    last_entry: datetime | None = None
    inside: bool = False
    people_inside: int | None = None

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("an instant needs its zone")
        if self.party < 1:
            raise ValueError("a party is one person at least")
