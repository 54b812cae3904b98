"""What a booking may become, who may have how many, and who is next on the waiting list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.bookings import refusals as no
from backend.foundation.refusals import Refusal
from shared.identity.age import local_day


class SlotKind(StrEnum):
    """What a slot is of; what the booking is called in the app."""

    VISIT = "VISIT"  # 入馆、入园
    COURT = "COURT"  # 体育场地 (S59)
    APPOINTMENT = "APPOINTMENT"  # 挂号 (S39)
    EXAM = "EXAM"  # 考试场次 (S8)


class SlotState(StrEnum):
    """CLOSING: nobody may book, and those who did are being told; then CLOSED."""

    OPEN = "OPEN"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"


class BookingState(StrEnum):
    """A booking's life; `KEEPS_PLACES` says in which of them it has its places."""

    WAITING = "WAITING"  # 候补中
    OFFERED = "OFFERED"  # 候补已有名额，待确认
    HELD = "HELD"  # 名额保留中，待确认
    CONFIRMED = "CONFIRMED"  # 已预约
    ATTENDED = "ATTENDED"  # 已使用
    NO_SHOW = "NO_SHOW"  # 爽约
    CANCELLED = "CANCELLED"  # 已取消
    EXPIRED = "EXPIRED"  # 超时未确认
    CLOSED = "CLOSED"  # 场馆取消


UNCONFIRMED = frozenset({BookingState.HELD, BookingState.OFFERED})
KEEPS_PLACES = UNCONFIRMED | {
    BookingState.CONFIRMED,
    BookingState.ATTENDED,
    BookingState.NO_SHOW,
}
AHEAD = UNCONFIRMED | {BookingState.CONFIRMED, BookingState.WAITING}
"""Bookings that count against what a person may have."""


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """What of a slot decides; `limit` is how many places one person may book.

    Booking ends at `closes_at`; up to `cancel_by` a booking is cancelled or moved without loss.
    """

    slot_id: str
    venue: int
    kind: SlotKind
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    cancel_by: datetime
    state: SlotState
    free: int
    waiting: int
    limit: int


@dataclass(frozen=True, slots=True)
class OpenBooking:
    """A booking ahead of a person, as the limits see it."""

    booking_id: str
    venue: int
    kind: SlotKind
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Sitting:
    """When somebody sits an examination, whichever way they came to it."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one person may have: bookings a local day, and bookings ahead in all."""

    per_day: int
    ahead: int


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """What of a booking decides."""

    state: BookingState
    quantity: int
    starts_at: datetime
    cancel_by: datetime
    expires_at: datetime | None
    entered: int
    checked_in: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who waits, in the order they came."""

    booking_id: str
    resident_id: str
    quantity: int


def refusal_of_slot(slot: SlotFacts, quantity: int, now: datetime) -> Refusal | None:
    """Return why nobody may book `quantity` places of a slot now, full or not."""
    if slot.state is not SlotState.OPEN:
        return no.SLOT_CLOSED
    if now >= slot.closes_at:
        return no.SLOT_STARTED
    if quantity < 1:
        return no.QUANTITY_FORM
    return no.too_many_places(slot.limit) if quantity > slot.limit else None


def sits_then(
    starts_at: datetime, ends_at: datetime, sittings: Iterable[Sitting]
) -> Sitting | None:
    """Return the first examination that somebody sits between two moments.

    One rule for slots of examinations that are booked and sessions that are registered for. What
    begins as another ends does not clash with it.
    """
    return next(
        (one for one in sittings if one.starts_at < ends_at and starts_at < one.ends_at), None
    )


def refusal_to_sit(slot: SlotFacts, sittings: Iterable[Sitting]) -> Refusal | None:
    """Return why somebody may not book a slot of an examination, for what they sit already."""
    if slot.kind is not SlotKind.EXAM:
        return None
    then = sits_then(slot.starts_at, slot.ends_at, sittings)
    return None if then is None else no.exam_then(then.starts_at, then.ends_at)


def refusal_of_person(
    slot: SlotFacts, ahead: Iterable[OpenBooking], limits: Limits, now: datetime
) -> Refusal | None:
    """Return why a person with these bookings may not have one more in `slot`."""
    open_ones = [one for one in ahead if one.ends_at > now]
    alike = [one for one in open_ones if one.venue == slot.venue and one.kind is slot.kind]
    then = [one for one in alike if one.starts_at < slot.ends_at and slot.starts_at < one.ends_at]
    if then:
        return no.same_time(min(one.starts_at for one in then), max(one.ends_at for one in then))
    day = local_day(slot.starts_at)
    if sum(local_day(one.starts_at) == day for one in open_ones) >= limits.per_day:
        return no.too_many_a_day(limits.per_day)
    return no.too_many_open(limits.ahead) if len(open_ones) >= limits.ahead else None


def refusal_to_wait(slot: SlotFacts, quantity: int, most: int) -> Refusal | None:
    """Return why nobody may join a slot's waiting list of at most `most` now."""
    if slot.free >= quantity:
        return no.PLACES_FREE
    return no.WAITING_LIST_FULL if slot.waiting >= most else None


def refusal_to_confirm(booking: BookingFacts, now: datetime) -> Refusal | None:
    """Return why a booking cannot be confirmed now."""
    if booking.state is BookingState.WAITING:
        return no.STILL_WAITING
    if booking.state is BookingState.EXPIRED:
        return no.HOLD_EXPIRED
    if booking.state not in UNCONFIRMED:
        return no.BOOKING_OVER
    late = booking.expires_at is None or now >= booking.expires_at
    return no.HOLD_EXPIRED if late else None


def is_forfeited(booking: BookingFacts, now: datetime) -> bool | Refusal:
    """Tell whether cancelling now forfeits what was paid or promised, or why it cannot be done."""
    if booking.state not in AHEAD or booking.entered:
        return no.BOOKING_OVER
    if booking.state is not BookingState.CONFIRMED:
        return False
    if now >= booking.starts_at:
        return no.BOOKING_OVER
    return now >= booking.cancel_by


def refusal_to_move(booking: BookingFacts, now: datetime) -> Refusal | None:
    """Return why a booking cannot be moved to another slot now."""
    if booking.state is BookingState.WAITING:
        return no.STILL_WAITING
    if booking.state is not BookingState.CONFIRMED or booking.entered:
        return no.BOOKING_OVER
    if booking.checked_in:
        return no.CHECKED_IN
    return no.NO_CHANGE_NOW if now >= booking.cancel_by else None


def next_offers(waiting: Sequence[Waiting], free: int) -> list[Waiting]:
    """Return who gets free places: first come, first served, among those whose number fits.

    A party too large for what is free keeps its turn and is passed over: places that stay empty
    for it would serve nobody.
    """
    offers = []
    for one in waiting:
        if one.quantity <= free:
            offers.append(one)
            free -= one.quantity
    return offers


def offered_until(slot: SlotFacts, lasting: timedelta, now: datetime) -> datetime | None:
    """Return until when an offer of places can be taken, or None where it is too late for one."""
    if slot.state is not SlotState.OPEN or now >= slot.closes_at:
        return None
    return min(now + lasting, slot.closes_at)


def outcome(*, came: bool) -> BookingState:
    """Return what a confirmed booking was, once its slot is over."""
    return BookingState.ATTENDED if came else BookingState.NO_SHOW
