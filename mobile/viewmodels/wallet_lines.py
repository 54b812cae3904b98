"""What the wallet holds, each kind as a small card with the one figure that matters."""

from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.booking import Booking, BookingState
from mobile.core.library import HoldState, ShelfSeen
from mobile.core.passes import Pass
from mobile.core.stored_value import StoredAccount
from mobile.core.subsidy import Subsidy
from mobile.core.texts import say
from mobile.core.vouchers import Voucher
from mobile.viewmodels.booking_lines import booking_line, people
from mobile.viewmodels.library_lines import loan_row
from mobile.viewmodels.pass_lines import pass_kind, pass_state, uses_left, valid, where
from mobile.viewmodels.stored_value_lines import stored_state
from mobile.viewmodels.subsidy_lines import subsidy_line
from mobile.viewmodels.voucher_lines import voucher_state
from shared.localized_text import Language
from shared.money import format_yuan

BOOKING, PASS, VOUCHER, LIBRARY, STORED = "booking", "pass", "voucher", "library", "stored"
SUBSIDY = "subsidy"
_TONES = {
    BOOKING: "booking",
    PASS: "passes",
    VOUCHER: "voucher",
    LIBRARY: "library",
    STORED: "stored",
    SUBSIDY: "subsidy",
}
_SIGNS = {
    BOOKING: "calendar-check",
    PASS: "ticket",
    VOUCHER: "document",
    LIBRARY: "book",
    STORED: "savings",
    SUBSIDY: "wallet",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """A small card of the wallet: its `kind` decides colour and sign."""

    kind: str
    identifier: str
    name: str
    figure: str
    detail: str
    more: str
    state: str
    icon: str
    attention: bool = False
    plain: bool = False

    @property
    def tone(self) -> str:
        """The colour of its kind."""
        return _TONES[self.kind]

    @property
    def sign(self) -> str:
        """The sign of its kind."""
        return _SIGNS[self.kind]


def booking_thing(booking: Booking, now: datetime, language: Language) -> Thing:
    """Return the ticket of a booking: when is what matters."""
    line = booking_line(booking, now, language)
    day = moments.coming_day(booking.starts_at, now, language)
    return Thing(
        BOOKING,
        booking.identifier,
        line.venue,
        f"{moments.minute(booking.starts_at)}–{moments.minute(booking.ends_at)}",
        day,
        f"{booking.title.in_language(language)} · {people(booking.quantity, language)}",
        line.state,
        line.icon,
        attention=line.attention,
        plain=line.plain,
    )


def pass_thing(held: Pass, now: datetime, language: Language) -> Thing:
    """Return a pass: what is left of it matters."""
    state, icon = pass_state(held, now, language)
    return Thing(
        PASS,
        held.identifier,
        held.name.in_language(language),
        uses_left(held, language),
        valid(held.days, now, language),
        where(held.places, language) or pass_kind(held.kind, language),
        state,
        icon,
        attention=held.is_usable(now) and icon == "calendar-remove",
        plain=not held.is_usable(now),
    )


def voucher_thing(voucher: Voucher, now: datetime, language: Language) -> Thing:
    """Return a voucher: what it is worth matters."""
    state, icon = voucher_state(voucher, now, language)
    return Thing(
        VOUCHER,
        voucher.identifier,
        voucher.name.in_language(language),
        format_yuan(voucher.value_fen),
        valid(voucher.days, now, language),
        voucher.place.name.in_language(language) if voucher.place else "",
        state,
        icon,
        plain=not voucher.is_open(now),
    )


def library_thing(shelf: ShelfSeen, now: datetime, language: Language) -> Thing:
    """Return the reader's account: how many books are out, and which is due first."""
    ready = any(one.state is HoldState.READY for one in shelf.holds)
    first, waiting = shelf.first_due, len(shelf.holds)
    row = loan_row(first, shelf, now, language) if first else None
    owed = say(language, "library.thing.owed", total=format_yuan(shelf.owed_fen))
    held = "ready" if ready else "holds"
    more = say(language, f"library.thing.{held}", count=waiting) if waiting else ""
    return Thing(
        LIBRARY,
        "",
        say(language, "library.title"),
        say(language, "library.thing.loans", count=len(shelf.loans)),
        f"{row.name} {row.detail}" if row else "",
        " · ".join(filter(None, (more, owed if shelf.owed_fen else ""))),
        row.state if row else say(language, "library.none"),
        row.icon if row else "check",
        attention=bool(row and row.attention) or shelf.owed_fen > 0,
        plain=row is None and not shelf.owed_fen,
    )


def stored_thing(account: StoredAccount, language: Language) -> Thing:
    """Return what is stored with a group of venues: what is left matters."""
    state, icon = stored_state(account, language)
    return Thing(
        STORED,
        account.group,
        account.name.in_language(language),
        format_yuan(account.balance_fen),
        say(language, "stored.detail"),
        "",
        state,
        icon,
        plain=not account.is_usable,
    )


def subsidy_thing(payment: Subsidy, language: Language) -> Thing:
    """Return the newest payment of a subsidy: the sum matters."""
    line = subsidy_line(payment, language)
    return Thing(
        SUBSIDY,
        payment.identifier,
        line.policy,
        line.amount,
        line.period,
        "",
        line.state,
        line.icon,
        attention=line.attention,
        plain=line.plain,
    )


def is_ticket(booking: Booking, now: datetime) -> bool:
    """Tell whether a booking is a ticket that opens a door, today or later."""
    return booking.is_ahead(now) and booking.state_at(now) is BookingState.CONFIRMED
