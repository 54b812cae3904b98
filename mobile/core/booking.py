"""Bookings 预约 as their holder reads them, and as the phone keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from mobile.core.moments import same_day
from mobile.core.visit_queue import GOES_ON, QueuePlace, QueueState
from shared.localized_text import LocalizedText


class BookingState(StrEnum):
    """A booking's life; a state this app does not know is `OTHER`."""

    WAITING = "WAITING"  # 候补中
    OFFERED = "OFFERED"  # 候补已有名额，待确认
    HELD = "HELD"  # 名额保留中，待确认
    CONFIRMED = "CONFIRMED"
    ATTENDED = "ATTENDED"
    NO_SHOW = "NO_SHOW"  # 爽约
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"  # 超时未确认
    CLOSED = "CLOSED"  # 场馆取消
    OTHER = "OTHER"

    @classmethod
    def of_wire(cls, value: str) -> "BookingState":
        """Return the state of that name."""
        return cls(value) if value in cls.__members__ else cls.OTHER


UNCONFIRMED = frozenset({BookingState.HELD, BookingState.OFFERED})
AHEAD = UNCONFIRMED | {BookingState.CONFIRMED, BookingState.WAITING}
APPOINTMENT = "APPOINTMENT"
_CHECKS_IN = frozenset({BookingState.CONFIRMED, BookingState.ATTENDED, BookingState.NO_SHOW})
_OUT_OF_IT = frozenset({QueueState.MISSED, QueueState.LEFT})


@dataclass(frozen=True, slots=True)
class Booking:
    """Places of one slot at one venue; `expires_at` is when places not confirmed are given away.

    It lets in from `entry_from` to before `entry_until`, which the venue's rules say. `remark` is
    the server's last word about it. An appointment is checked in for from `check_in_from` on, and
    then has a place in its `queue`; a list tells neither, only the booking asked for by itself.
    """

    identifier: str
    slot: str
    kind: str
    title: LocalizedText
    venue_number: int
    venue: LocalizedText
    address: LocalizedText | None
    starts_at: datetime
    ends_at: datetime
    entry_from: datetime
    entry_until: datetime
    free_cancel_until: datetime
    quantity: int
    state: BookingState
    expires_at: datetime | None
    entered: int
    forfeited: bool
    remark: LocalizedText | None
    check_in_from: datetime | None = None
    queue: QueuePlace | None = None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a booking; raises KeyError, TypeError or ValueError for what is none.

        Its venue may be gone from the catalogue: then what was booked stands in its place. A list
        that an older app kept knows no kind and no times of entry: the slot's own stand for them.
        """
        venue = wire["venue"] or {"number": 0, "name": wire["title"], "address": None}
        expires, opens, queue = wire["expiresAt"], wire.get("checkInFrom"), wire.get("queue")
        return cls(
            identifier=wire["id"],
            slot=wire["slot"],
            kind=wire.get("kind", ""),
            title=read_text(wire["title"]),
            venue_number=venue["number"],
            venue=read_text(venue["name"]),
            address=_text(venue["address"]),
            starts_at=read_instant(wire["startsAt"]),
            ends_at=read_instant(wire["endsAt"]),
            entry_from=read_instant(wire.get("entryFrom", wire["startsAt"])),
            entry_until=read_instant(wire.get("entryUntil", wire["endsAt"])),
            free_cancel_until=read_instant(wire["freeCancelUntil"]),
            quantity=wire["quantity"],
            state=BookingState.of_wire(wire["state"]),
            expires_at=read_instant(expires) if expires else None,
            entered=wire["entered"],
            forfeited=wire["forfeited"],
            remark=_text(wire["remark"]),
            check_in_from=read_instant(opens) if opens else None,
            queue=QueuePlace.of_wire(queue) if queue else None,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the booking as `of_wire` reads it."""
        return {
            "id": self.identifier,
            "slot": self.slot,
            "kind": self.kind,
            "title": write_text(self.title),
            "venue": {
                "number": self.venue_number,
                "name": write_text(self.venue),
                "address": write_text(self.address) if self.address else None,
            },
            "startsAt": self.starts_at.isoformat(),
            "endsAt": self.ends_at.isoformat(),
            "entryFrom": self.entry_from.isoformat(),
            "entryUntil": self.entry_until.isoformat(),
            "freeCancelUntil": self.free_cancel_until.isoformat(),
            "quantity": self.quantity,
            "state": self.state.value,
            "expiresAt": self.expires_at.isoformat() if self.expires_at else None,
            "entered": self.entered,
            "forfeited": self.forfeited,
            "remark": write_text(self.remark) if self.remark else None,
            "checkInFrom": self.check_in_from.isoformat() if self.check_in_from else None,
            "queue": self.queue.to_wire() if self.queue else None,
        }

    def state_at(self, now: datetime) -> BookingState:
        """Return the state, minding what time has made of it since it was read."""
        lapsed = self.expires_at is not None and now >= self.expires_at
        return BookingState.EXPIRED if self.state in UNCONFIRMED and lapsed else self.state

    def is_ahead(self, now: datetime) -> bool:
        """Tell whether its holder has still something to expect of it."""
        comes = self.state_at(now) in AHEAD and now < max(self.ends_at, self.entry_until)
        return comes or self.waits_in_queue(now)

    def is_queued_for(self, now: datetime) -> bool:
        """Tell whether today's queue is to be followed for it."""
        appointment = self.kind == APPOINTMENT and self.state in _CHECKS_IN
        return appointment and same_day(self.starts_at, now)

    def can_check_in(self, now: datetime) -> bool:
        """Tell whether its holder can take a number now, or take theirs up again."""
        if not self.is_queued_for(now) or self.check_in_from is None or now < self.check_in_from:
            return False
        return self.queue is None or self.queue.state in _OUT_OF_IT

    def waits_in_queue(self, now: datetime) -> bool:
        """Tell whether its place may change any moment."""
        return self.is_queued_for(now) and self.queue is not None and self.queue.state in GOES_ON

    def can_be_cancelled(self, now: datetime) -> bool:
        """Tell whether it can be given back; a confirmed one no longer after its start."""
        begun = self.state is BookingState.CONFIRMED and now >= self.starts_at
        open_yet = self.is_ahead(now) and self.state_at(now) in AHEAD
        return open_yet and not begun and self.entered == 0

    def can_be_moved(self, now: datetime) -> bool:
        """Tell whether it can go to another slot: as long as cancelling it would be free."""
        free = now < self.free_cancel_until
        came = self.entered > 0 or self.queue is not None
        return self.state is BookingState.CONFIRMED and free and not came

    def would_be_forfeited(self, now: datetime) -> bool:
        """Tell whether giving it back now comes too late to be free."""
        return self.state is BookingState.CONFIRMED and now >= self.free_cancel_until


@dataclass(frozen=True, slots=True)
class BookingsSeen:
    """The bookings as the server told them at `seen_at`."""

    bookings: tuple[Booking, ...]
    seen_at: datetime

    def with_booking(self, booking: Booking) -> "BookingsSeen":
        """Return these with `booking` as it is now."""
        others = (one for one in self.bookings if one.identifier != booking.identifier)
        return BookingsSeen((booking, *others), self.seen_at)

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(tuple(map(Booking.of_wire, wire["bookings"])), read_instant(wire["seenAt"]))

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "bookings": [booking.to_wire() for booking in self.bookings],
            "seenAt": self.seen_at.isoformat(),
        }


def _text(wire: Mapping[str, str] | None) -> LocalizedText | None:
    return read_text(wire) if wire else None
