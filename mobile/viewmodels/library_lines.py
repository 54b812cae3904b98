"""What somebody has of the libraries, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.library import DUE_SOON_DAYS, Fine, Hold, HoldState, Loan, ShelfSeen
from mobile.core.texts import TEXTS, say
from mobile.viewmodels.question import Question
from shared.localized_text import Language, LocalizedText
from shared.money import format_yuan

LOANS, HOLDS, FINES = "loans", "holds", "fines"
_HOLD_ICONS = {
    HoldState.WAITING: "hourglass",
    HoldState.ASSIGNED: "history",
    HoldState.READY: "check",
}


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book that is out or waited for, or a fee; `kind` is its section."""

    kind: str
    identifier: str
    name: str
    detail: str
    state: str
    icon: str
    attention: bool = False

    def reading(self) -> str:
        """Return it in words to be said."""
        return f"{self.name}，{self.detail}，{self.state}"


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind under their heading; `figure` says how much it is in all."""

    kind: str
    icon: str
    title: str
    figure: str
    lead: str
    rows: tuple[BookRow, ...]
    opens: bool

    def reading(self, language: Language) -> str:
        """Return it in words to be said."""
        rows = "；".join(row.reading() for row in self.rows)
        return say(language, "library.reading", section=f"{self.title} {self.figure}", rows=rows)


@dataclass(frozen=True, slots=True)
class Fact:
    """A plain question and its answer."""

    icon: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class BookView:
    """One book with what can be done: `act`, empty where nothing can."""

    row: BookRow
    facts: tuple[Fact, ...]
    act: str
    act_icon: str

    def reading(self) -> str:
        """Return it in words to be said."""
        facts = " ".join(f"{one.heading}：{one.text}。" for one in self.facts)
        return f"{self.row.name}。{self.row.state}。{facts}"


def sections(shelf: ShelfSeen, now: datetime, language: Language) -> tuple[Section, ...]:
    """Return what there is, what needs attention first in each."""
    loans = sorted(shelf.loans, key=lambda one: one.last_day)
    made = (
        _section(
            (LOANS, "book"),
            tuple(loan_row(one, shelf, now, language) for one in loans),
            language,
        ),
        _section(
            (HOLDS, "hourglass"),
            tuple(hold_row(one, shelf, now, language) for one in shelf.holds),
            language,
        ),
        _fines(shelf, language),
    )
    return tuple(one for one in made if one.rows)


def loan_row(loan: Loan, shelf: ShelfSeen, now: datetime, language: Language) -> BookRow:
    """Return a book that is out: how long still is what matters."""
    left = loan.days_left(now)
    place = _library(shelf.libraries, loan.lent_in, language)
    due = say(language, "library.due", day=_day(loan, now, language))
    from_where = say(language, "library.lent_in", place=place) if place else ""
    return BookRow(
        LOANS,
        loan.identifier,
        _titled(loan.name, language),
        " · ".join(filter(None, (due, from_where))),
        _left(left, language),
        "clock-alert" if left <= DUE_SOON_DAYS else "check",
        attention=left <= DUE_SOON_DAYS,
    )


def hold_row(hold: Hold, shelf: ShelfSeen, now: datetime, language: Language) -> BookRow:
    """Return a title that is waited for: how far the queue is matters."""
    place = _library(shelf.libraries, hold.pickup, language)
    return BookRow(
        HOLDS,
        hold.identifier,
        _titled(hold.name, language),
        say(language, "library.pickup", place=place or hold.pickup),
        _queue(hold, now, language),
        _HOLD_ICONS.get(hold.state, "information"),
        attention=hold.state is HoldState.READY,
    )


def loan_view(loan: Loan, shelf: ShelfSeen, now: datetime, language: Language) -> BookView:
    """Return a book that is out, and whether it can be kept longer."""
    left = shelf.may_renew - loan.renewals
    word = (
        say(language, "library.renewals.left", left=left)
        if left > 0
        else say(language, "library.renewals.none")
    )
    facts = (
        Fact("calendar", say(language, "library.due.heading"), _day(loan, now, language)),
        Fact("place", say(language, "library.where.heading"), say(language, "library.where")),
        Fact("refresh", say(language, "library.renewals.heading"), word),
    )
    act = say(language, "library.renew") if left > 0 else ""
    return BookView(loan_row(loan, shelf, now, language), facts, act, "refresh")


def hold_view(hold: Hold, shelf: ShelfSeen, now: datetime, language: Language) -> BookView:
    """Return a title that is waited for."""
    place = _library(shelf.libraries, hold.pickup, language) or hold.pickup
    facts = (
        Fact("people", say(language, "library.queue.heading"), _queue(hold, now, language)),
        Fact("place", say(language, "library.pickup.heading"), place),
    )
    act = say(language, "library.cancel")
    return BookView(hold_row(hold, shelf, now, language), facts, act, "calendar-remove")


def cancel_question(hold: Hold, language: Language, *, busy: bool) -> Question:
    """Return what cancelling a hold means."""
    return Question(
        "alert",
        say(language, "library.cancel.sure"),
        (_titled(hold.name, language), say(language, "library.cancel.place")),
        say(language, "sign_in.busy" if busy else "library.cancel.yes"),
        say(language, "library.cancel.no"),
        grave=True,
        busy=busy,
    )


def reader_line(shelf: ShelfSeen, language: Language) -> str:
    """Return the reader's number and how much they may have out."""
    key = "library.reader" if shelf.number else "library.reader.new"
    values = {"number": shelf.number} if shelf.number else {}
    return say(language, key, limit=shelf.limit, **values)


def due_day(loan: Loan, now: datetime, language: Language) -> str:
    """Return the last day of a loan."""
    return _day(loan, now, language)


def _section(named: tuple[str, str], rows: tuple[BookRow, ...], language: Language) -> Section:
    kind, icon = named
    figure = say(language, "library.books", count=len(rows))
    return Section(kind, icon, say(language, f"library.{kind}"), figure, "", rows, opens=True)


def _fines(shelf: ShelfSeen, language: Language) -> Section:
    owed = tuple(one for one in shelf.fines if one.owed_fen > 0)
    total = say(language, "library.fine.total", total=format_yuan(shelf.owed_fen))
    pay = say(language, "library.fine.pay")
    rows = tuple(_fine_row(one, language) for one in owed)
    return Section(FINES, "wallet", say(language, "library.fines"), total, pay, rows, opens=False)


def _fine_row(fine: Fine, language: Language) -> BookRow:
    key = f"library.fine.{fine.kind.lower()}"
    word = say(language, key if key in TEXTS else "library.fine.other")
    amount = format_yuan(fine.owed_fen)
    if not fine.name:
        return BookRow(FINES, fine.identifier, amount, word, "", "alert", attention=True)
    name = _titled(fine.name, language)
    return BookRow(FINES, fine.identifier, amount, word, name, "alert", attention=True)


def _titled(name: str, language: Language) -> str:
    return f"《{name}》" if language == "zh" else name


def _library(names: Mapping[str, LocalizedText], code: str, language: Language) -> str:
    return names[code].in_language(language) if code in names else ""


def _day(loan: Loan, now: datetime, language: Language) -> str:
    return moments.near_day(moments.noon(loan.last_day), now, language)


def _left(days: int, language: Language) -> str:
    fixed = {-1: "library.overdue.one", 0: "library.left.none", 1: "library.left.one"}
    if days in fixed:
        return say(language, fixed[days])
    return say(language, "library.left" if days > 0 else "library.overdue", days=abs(days))


def _queue(hold: Hold, now: datetime, language: Language) -> str:
    if hold.state is HoldState.WAITING:
        if hold.ahead:
            return say(language, "library.hold.waiting", ahead=hold.ahead)
        return say(language, "library.hold.next")
    if hold.state is HoldState.READY and hold.shelf_until is not None:
        day = moments.short_day(hold.shelf_until, now, language)
        return say(language, "library.hold.ready.until", day=day)
    named = {HoldState.ASSIGNED: "assigned", HoldState.READY: "ready", HoldState.OTHER: "other"}
    return say(language, f"library.hold.{named.get(hold.state, 'over')}")
