"""What may be stored, spent and given back, and that the sums agree (S59); pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.bookings.rules import BookingState
from backend.foundation.refusals import Refusal
from backend.stored_value import refusals as no
from shared.localized_text import LocalizedText

MOST_FEN = 500_000
"""What a named single-purpose prepaid card 记名单用途预付卡 holds at most (商务部令2012年第9号)."""
MOST_VENUES = 50
MOST_TERMS = 10
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_PLAN = re.compile(r"[0-9]{1,9}\.[0-9A-Za-z_-]{1,60}")
_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]{0,39}")


class EntryKind(StrEnum):
    """What a row of the ledger says."""

    TOP_UP = "TOP_UP"  # 充值
    SPEND = "SPEND"  # 消费
    GIVE_BACK = "GIVE_BACK"  # 退订退回储值
    REFUND = "REFUND"  # 余额退款


class GroupState(StrEnum):
    """Whether a group of venues takes and pays stored value."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class CancelTerm:
    """What comes back of a price to who cancels at least so many minutes before the start."""

    minutes_before: int
    percent: int


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """Venues that share a stored value; `prices` are fen a place, by the plans of slots."""

    code: str
    name: LocalizedText
    venues: frozenset[int]
    prices: Mapping[str, int] = field(default_factory=dict)
    terms: tuple[CancelTerm, ...] = ()
    state: GroupState = GroupState.OPEN


@dataclass(frozen=True, slots=True)
class Sums:
    """What went through an account, in fen; what was given back counts as not spent."""

    topped_up: int = 0
    spent: int = 0
    refunded: int = 0
    balance: int = 0

    @property
    def agree(self) -> bool:
        """Σ top-up = Σ spend + balance + refund, and none of them is negative."""
        whole = self.topped_up == self.spent + self.balance + self.refunded
        return whole and min(self.topped_up, self.spent, self.refunded, self.balance) >= 0


@dataclass(frozen=True, slots=True)
class CourtBooking:
    """What of a booking decides whether it is paid for, and what comes back of its price."""

    plan: str
    venue: int
    quantity: int
    state: BookingState
    starts_at: datetime
    changed_at: datetime


CHANGES: Mapping[EntryKind, Mapping[str, int]] = {
    EntryKind.TOP_UP: {"topped_up": 1, "balance": 1},
    EntryKind.SPEND: {"spent": 1, "balance": -1},
    EntryKind.GIVE_BACK: {"spent": -1, "balance": 1},
    EntryKind.REFUND: {"refunded": 1, "balance": -1},
}
"""How often an entry's amount is added to each sum: what keeps them in agreement."""


def group_fault(group: ValueGroup) -> Refusal | None:
    """Return why a group cannot be run as it is described."""
    minutes = [term.minutes_before for term in group.terms]
    whole = (
        is_code(group.code)
        and all(map(_is_name, (group.name.zh, group.name.en)))
        and 1 <= len(group.venues) <= MOST_VENUES
        and len(group.prices) <= MOST_VENUES
        and all(1 <= fen <= MOST_FEN for fen in group.prices.values())
        and all(map(_PLAN.fullmatch, group.prices))
        and len(group.terms) <= MOST_TERMS
        and all(0 <= one <= 100_000 for one in minutes)
        and len(set(minutes)) == len(minutes)
        and all(0 <= term.percent <= 100 for term in group.terms)
    )
    return None if whole else no.GROUP_FORM


def after(sums: Sums, kind: EntryKind, fen: int) -> Sums | Refusal:
    """Return the sums after an entry, or why there is none."""
    if fen < 1:
        return no.AMOUNT_FORM
    signs = CHANGES[kind]
    changed = Sums(
        **{
            name: getattr(sums, name) + signs.get(name, 0) * fen
            for name in ("topped_up", "spent", "refunded", "balance")
        }
    )
    if changed.balance < 0:
        return no.too_little(sums.balance)
    # What is given back was in the account before: the most holds for what comes in anew.
    if kind is EntryKind.TOP_UP and changed.balance > MOST_FEN:
        return no.too_much(MOST_FEN)
    return changed


def refusal_at(group: ValueGroup, venue: int) -> Refusal | None:
    """Return why nothing is stored or spent at a venue now."""
    if venue not in group.venues:
        return no.GROUP_UNKNOWN
    return no.GROUP_CLOSED if group.state is GroupState.CLOSED else None


def price_of(group: ValueGroup, booking: CourtBooking, now: datetime) -> int | Refusal:
    """Return what a booking costs in fen, or why it is not paid for with this stored value."""
    if booking.venue not in group.venues or booking.plan not in group.prices:
        return no.NOT_PRICED
    closed = refusal_at(group, booking.venue)
    if closed is not None:
        return closed
    if booking.state is not BookingState.CONFIRMED or now >= booking.starts_at:
        return no.NOT_PAYABLE
    return group.prices[booking.plan] * booking.quantity


def given_back(group: ValueGroup, booking: CourtBooking, paid_fen: int) -> int | Refusal:
    """Return how much of what was paid comes back for a booking that is over, in fen.

    All of it where the venue called it off; else by the best term that the cancelling kept.
    """
    if booking.state in {BookingState.ATTENDED, BookingState.NO_SHOW}:
        return no.USED
    if booking.state in {BookingState.CLOSED, BookingState.EXPIRED}:
        return paid_fen
    if booking.state is not BookingState.CANCELLED:
        return no.STILL_BOOKED
    minutes = (booking.starts_at - booking.changed_at).total_seconds() / 60
    kept = [term.percent for term in group.terms if minutes >= term.minutes_before]
    fen = paid_fen * max(kept, default=0) // 100
    return fen or no.TOO_LATE


def is_amount(fen: int) -> bool:
    """Tell whether an entry can be of so many fen."""
    return 1 <= fen <= MOST_FEN


def is_code(text: str) -> bool:
    """Tell whether a text can be the code of a group."""
    return _CODE.fullmatch(text) is not None


def is_reference(text: str) -> bool:
    """Tell whether a text can be the number of a receipt."""
    return _REFERENCE.fullmatch(text) is not None


def _is_name(text: str) -> bool:
    return 0 < len(text) <= 80 and text.isprintable()
