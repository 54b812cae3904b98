"""What a court costs, in words and yuan."""

from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.booking import Booking
from mobile.core.court_payment import CourtPayment, CourtReceipt
from mobile.core.texts import say
from mobile.viewmodels.booking_lines import when
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.question import Question
from shared.localized_text import Language
from shared.money import format_yuan

_DAY, _HOUR = 24 * 60, 60


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A line of the price; the `sum` stands out."""

    words: str
    amount: str
    sum: bool = False


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A court's price, ready to be drawn; `pay` is empty where it cannot be paid now."""

    what: str
    when: str
    state: str
    icon: str
    attention: bool
    lines: tuple[PriceLine, ...]
    terms: str
    receipt: str
    blocked: Notice | None
    pay: str
    group: str
    tops_up: bool

    def reading(self, language: Language) -> str:
        """Return it in words to be said."""
        lines = "，".join(f"{line.words} {line.amount}" for line in self.lines)
        blocked = f"{self.blocked.title}。{self.blocked.body}" if self.blocked else ""
        words = {"what": self.what, "state": self.state, "lines": lines}
        return say(language, "payment.reading", **words) + blocked + self.receipt


def payment_view(
    payment: CourtPayment, booking: Booking | None, now: datetime, language: Language
) -> PaymentView:
    """Return a payment as its page; without its booking it stands under the group's name."""
    total = format_yuan(payment.total_fen)
    name = payment.name.in_language(language)
    state, icon = _state(payment, language)
    return PaymentView(
        what=booking.title.in_language(language) if booking else name,
        when=when(booking.starts_at, booking.ends_at, now, language) if booking else "",
        state=state,
        icon=icon,
        attention=payment.paid is None,
        lines=_lines(payment, language),
        terms="\n".join(_terms(payment, language)) if payment.given_back is None else "",
        receipt=_receipt(payment, now, language),
        blocked=_blocked(payment, language),
        pay=say(language, "payment.pay", total=total) if payment.can_be_paid else "",
        group=payment.group,
        tops_up=payment.missing_fen > 0,
    )


def pay_question(payment: CourtPayment, language: Language, *, busy: bool) -> Question:
    """Return what is asked before a court is paid."""
    total, name = format_yuan(payment.total_fen), payment.name.in_language(language)
    left = format_yuan(payment.balance_fen - payment.total_fen)
    return Question(
        "wallet",
        say(language, "payment.sure", total=total),
        (
            say(language, "payment.sure.from", name=name, left=left),
            *_terms(payment, language),
        ),
        say(language, "sign_in.busy" if busy else "payment.yes"),
        say(language, "payment.no"),
        busy=busy,
    )


def _state(payment: CourtPayment, language: Language) -> tuple[str, str]:
    if payment.given_back is not None:
        return say(language, "payment.state.returned"), "history"
    if payment.paid is not None:
        return say(language, "payment.state.paid"), "check"
    return say(language, "payment.state.unpaid"), "hourglass"


def _lines(payment: CourtPayment, language: Language) -> tuple[PriceLine, ...]:
    place = format_yuan(payment.place_fen)
    lines = [
        PriceLine(say(language, "payment.place"), place),
        PriceLine(say(language, "payment.count"), f"× {payment.quantity}"),
        PriceLine(say(language, "payment.total"), format_yuan(payment.total_fen), sum=True),
    ]
    if payment.paid is None:
        balance = say(language, "payment.balance")
        lines.append(PriceLine(balance, format_yuan(payment.balance_fen)))
    if payment.can_be_paid:
        left = format_yuan(payment.balance_fen - payment.total_fen)
        lines.append(PriceLine(say(language, "payment.left"), left))
    if payment.given_back is not None:
        back = format_yuan(payment.given_back.fen)
        lines.append(PriceLine(say(language, "payment.back"), f"+{back}", sum=True))
    return tuple(lines)


def _terms(payment: CourtPayment, language: Language) -> list[str]:
    """Return the cancellation terms, and what holds in any case."""
    said = [
        say(language, "payment.term", before=_before(minutes, language), percent=percent)
        for minutes, percent in payment.terms
        if percent
    ]
    return [*said, say(language, "payment.called_off")]


def _before(minutes: int, language: Language) -> str:
    for unit, key in ((_DAY, "day"), (_HOUR, "hour")):
        if minutes and minutes % unit == 0:
            count = minutes // unit
            return say(language, f"payment.{key}" + (".one" if count == 1 else ""), count=count)
    return say(language, "payment.minute", count=minutes)


def _receipt(payment: CourtPayment, now: datetime, language: Language) -> str:
    rows = (("payment.receipt.paid", payment.paid), ("payment.receipt.back", payment.given_back))
    return "\n".join(_entry(key, row, now, language) for key, row in rows if row is not None)


def _entry(key: str, row: CourtReceipt, now: datetime, language: Language) -> str:
    moment = f"{moments.near_day(row.at, now, language)} {moments.minute(row.at)}"
    amount, after = format_yuan(row.fen), format_yuan(row.after_fen)
    words = {"moment": moment, "amount": amount, "after": after, "number": row.number}
    return say(language, key, **words)


def _blocked(payment: CourtPayment, language: Language) -> Notice | None:
    """Return why it cannot be paid: a balance that is short says by how much."""
    why = payment.why_not
    if payment.paid is not None or why is None:
        return None
    if why.code not in {"stored_value_too_little", "stored_value_unknown"}:
        return notice_of(why, language)
    missing, name = format_yuan(payment.missing_fen), payment.name.in_language(language)
    title = say(language, "payment.short", missing=missing)
    return Notice("alert", title, say(language, "payment.short.next", missing=missing, name=name))
