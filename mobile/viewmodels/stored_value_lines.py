"""Stored value in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.stored_value import Movement, StoredAccount
from mobile.core.texts import say
from mobile.viewmodels.question import Question
from shared.localized_text import Language
from shared.money import format_yuan


@dataclass(frozen=True, slots=True)
class MovementLine:
    """A row of the ledger, ready to be drawn."""

    icon: str
    title: str
    amount: str
    detail: str


@dataclass(frozen=True, slots=True)
class StoredView:
    """What is stored with a group; `refund` is empty where nothing is left to take out."""

    name: str
    balance: str
    state: str
    icon: str
    plain: bool
    sums: str
    how: str
    how_heading: str
    tops_up: bool
    refund: str

    def reading(self, language: Language) -> str:
        """Return it in words to be said."""
        words = {"name": self.name, "balance": self.balance, "state": self.state}
        return say(language, "stored.reading", **words) + self.how


def stored_state(account: StoredAccount, language: Language) -> tuple[str, str]:
    """Return in words whether the group still takes money, and the sign of it."""
    if account.is_open:
        return say(language, "stored.open"), "check"
    return say(language, "stored.closed"), "lock"


def stored_view(account: StoredAccount, language: Language) -> StoredView:
    """Return an account as its page."""
    state, icon = stored_state(account, language)
    sums = say(
        language,
        "stored.sums",
        topped_up=format_yuan(account.topped_up_fen),
        spent=format_yuan(account.spent_fen),
        refunded=format_yuan(account.refunded_fen),
    )
    return StoredView(
        name=account.name.in_language(language),
        balance=format_yuan(account.balance_fen),
        state=state,
        icon=icon,
        plain=not account.is_open,
        sums=sums,
        how=say(language, "stored.how.counter" if account.is_open else "stored.ended"),
        how_heading=say(language, "stored.how" if account.is_open else "stored.how.ended"),
        tops_up=account.is_open,
        refund=say(language, "stored.refund") if account.balance_fen else "",
    )


def movement_line(
    row: Movement, booked: Callable[[str], str], now: datetime, language: Language
) -> MovementLine:
    """Return a row; `booked` names a booking by its id, "" where the phone does not know it."""
    day = moments.near_day(row.at, now, language)
    moment = f"{day} {moments.minute(row.at)}"
    title = say(language, f"stored.kind.{row.kind.lower()}")
    what = booked(row.booking) if row.booking else ""
    amount = format_yuan(row.signed_fen)
    return MovementLine(
        "plus" if row.signed_fen > 0 else "minus",
        f"{title} · {what}" if what else title,
        amount if row.signed_fen < 0 else f"+{amount}",
        say(language, "stored.after", moment=moment, after=format_yuan(row.after_fen)),
    )


def refund_question(account: StoredAccount, language: Language, *, busy: bool) -> Question:
    """Return what taking the balance out means."""
    name, amount = account.name.in_language(language), format_yuan(account.balance_fen)
    return Question(
        "alert",
        say(language, "stored.refund.sure"),
        (
            say(language, "stored.refund.amount", name=name, amount=amount),
            say(language, "stored.refund.paid"),
        ),
        say(language, "sign_in.busy" if busy else "stored.refund.yes"),
        say(language, "stored.refund.no"),
        grave=True,
        busy=busy,
    )
