"""Times that can be booked 时段, and what is offered where one is full."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from mobile.core.trouble import Trouble
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Slot:
    """A time with `free` places of which one person may book `limit`."""

    identifier: str
    kind: str
    title: LocalizedText
    starts_at: datetime
    ends_at: datetime
    booking_ends_at: datetime
    free_cancel_until: datetime
    open: bool
    free: int
    waiting: int
    limit: int

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a slot; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            identifier=wire["id"],
            kind=wire["kind"],
            title=read_text(wire["title"]),
            starts_at=read_instant(wire["startsAt"]),
            ends_at=read_instant(wire["endsAt"]),
            booking_ends_at=read_instant(wire["bookingEndsAt"]),
            free_cancel_until=read_instant(wire["freeCancelUntil"]),
            open=wire["open"],
            free=wire["free"],
            waiting=wire["waiting"],
            limit=wire["limit"],
        )

    def takes_bookings(self, now: datetime) -> bool:
        """Tell whether it is still taken bookings for, full or not."""
        return self.open and now < self.booking_ends_at


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """The next time that has room."""

    identifier: str
    title: LocalizedText
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SlotFull:
    """Not so many places are left; `why` says it in words."""

    why: Trouble
    next_free: FreeSlot | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read it; raises KeyError, TypeError or ValueError for what is none."""
        free = wire["nextFree"]
        return cls(
            Trouble.of_wire(wire),
            FreeSlot(
                free["id"],
                read_text(free["title"]),
                read_instant(free["startsAt"]),
                read_instant(free["endsAt"]),
            )
            if free
            else None,
        )
