"""What the library network allows: limits, terms, fines, and where a copy goes next; pure.

The figures of the default policy: two books without a deposit, 30 days and one renewal (public
libraries that lend by the social security card publish these); the fee a day and its cap are the
network's own. All of it is data, so that another city has other figures.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend.foundation.refusals import Refusal
from backend.library import refusals as no
from shared.clock import LOCAL_ZONE
from shared.identifiers import is_identifier
from shared.identity.age import local_day

_REFERENCE = re.compile(r"[0-9A-Za-z./-]{1,64}")
_BARCODE = re.compile(r"[0-9A-Za-z-]{4,32}")
_LIBRARY = re.compile(r"[A-Z0-9-]{2,24}")
_ISBN = re.compile(r"97[89][0-9]{10}|[0-9]{9}[0-9X]")
_LONGEST_ISBN = len("978-7-02-000220-7")
_WORD = re.compile(r"[0-9a-z]+|[\u3400-\u9fff]+")
MOST_LEVELS, MOST_DAYS, MOST_TIMES, MOST_FEN = 20, 3_660, 1_000, 100_000_000
"""Bounds of terms: steps of deposits, days, renewals and holds, money."""
LONGEST_FIELD = 200
MOST_GRAMS = 32
"""Of a question; what is longer finds nothing else."""


class CopyState(StrEnum):
    """Where a copy stands."""

    AVAILABLE = "AVAILABLE"
    REQUESTED = "REQUESTED"  # to be taken from the shelves for a hold
    IN_TRANSIT = "IN_TRANSIT"
    ON_SHELF = "ON_SHELF"  # of holds, to be picked up
    ON_LOAN = "ON_LOAN"
    LOST = "LOST"
    WITHDRAWN = "WITHDRAWN"


class LoanState(StrEnum):
    """How a loan stands."""

    OPEN = "OPEN"
    RETURNED = "RETURNED"
    LOST = "LOST"


class HoldState(StrEnum):
    """How a hold stands."""

    WAITING = "WAITING"
    ASSIGNED = "ASSIGNED"  # a copy is on its way to the pick-up shelf
    READY = "READY"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class FineKind(StrEnum):
    """What is owed for."""

    OVERDUE = "OVERDUE"  # 逾期费
    LOST = "LOST"  # 赔书款


OPEN_HOLDS = frozenset({HoldState.WAITING, HoldState.ASSIGNED, HoldState.READY})


@dataclass(frozen=True, slots=True)
class DepositLevel:
    """So many books at a time for a deposit 押金 of at least so much."""

    deposit_fen: int
    books: int


@dataclass(frozen=True, slots=True)
class LendingPolicy:
    """The network's terms.

    `fine_fen` a day begun after the due day, up to `fine_cap_fen` a loan; who owes
    `blocked_from_fen` borrows nothing. A copy waits `shelf_days` on the pick-up shelf. What a
    reader had out is forgotten `history_days` after it came back, unless they keep their history.
    """

    levels: tuple[DepositLevel, ...] = (DepositLevel(0, 2), DepositLevel(10_000, 5))
    loan_days: int = 30
    renewals: int = 1
    fine_fen: int = 10
    fine_cap_fen: int = 2_000
    blocked_from_fen: int = 5_000
    shelf_days: int = 5
    holds: int = 3
    history_days: int = 14

    def books(self, deposit_fen: int) -> int:
        """Return how many books at a time a deposit stands for."""
        fitting = [one.books for one in self.levels if one.deposit_fen <= deposit_fen]
        return max(fitting, default=0)

    @property
    def sound(self) -> bool:
        """Whether these can be terms."""
        counts = (self.renewals, self.fine_fen, self.fine_cap_fen, self.holds, self.history_days)
        days = (self.loan_days, self.shelf_days, self.blocked_from_fen)
        steps = [step for one in self.levels for step in (one.deposit_fen, one.books)]
        figures = (*counts, *days, *steps)
        return (
            1 <= len(self.levels) <= MOST_LEVELS
            and min(figures) >= 0
            and min(days) >= 1
            and max(self.loan_days, self.shelf_days, self.history_days) <= MOST_DAYS
            and max(self.renewals, self.holds) <= MOST_TIMES
            and max(figures) <= MOST_FEN
        )


@dataclass(frozen=True, slots=True)
class PatronFacts:
    """What of a reader decides; `overdue`: something they have out is."""

    open_loans: int
    open_holds: int
    owed_fen: int
    deposit_fen: int
    overdue: bool
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class LoanFacts:
    """What of an open loan decides; `wanted`: somebody waits for its title."""

    due_at: datetime
    renewals: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class Route:
    """Where a copy in hand goes: its state, where to where it travels, whether for a hold."""

    state: CopyState
    to: str | None = None
    for_hold: bool = False


@dataclass(frozen=True, slots=True)
class OfflineDeed:
    """A machine did it without asking, `at` then ("no block"): it is recorded, not judged."""

    at: datetime
    due_at: datetime | None = field(default=None)


def blocked(patron: PatronFacts, policy: LendingPolicy) -> Refusal | None:
    """Return why a reader is blocked, or None; it ends with the return or the payment itself."""
    if patron.leaving:
        return no.LEAVING
    if patron.overdue:
        return no.OVERDUE
    if patron.owed_fen >= policy.blocked_from_fen:
        return no.owes(patron.owed_fen)
    return None


def refusal_to_lend(patron: PatronFacts, policy: LendingPolicy) -> Refusal | None:
    """Return why a reader gets no further book, or None."""
    limit = policy.books(patron.deposit_fen)
    full = no.too_many(limit) if patron.open_loans >= limit else None
    return blocked(patron, policy) or full


def refusal_to_hold(patron: PatronFacts, policy: LendingPolicy) -> Refusal | None:
    """Return why a reader places no further hold, or None."""
    full = no.too_many_holds(policy.holds) if patron.open_holds >= policy.holds else None
    return blocked(patron, policy) or full


def refusal_to_renew(loan: LoanFacts, patron: PatronFacts, policy: LendingPolicy) -> Refusal | None:
    """Return why a loan is not renewed, or None."""
    refused = blocked(patron, policy)
    if refused is not None:
        return refused
    if loan.wanted:
        return no.WANTED
    return no.RENEWED_OUT if loan.renewals >= policy.renewals else None


def due_from(day: date, policy: LendingPolicy) -> datetime:
    """Return the first instant at which what is lent on a local day is late."""
    after = day + timedelta(days=policy.loan_days + 1)
    return datetime.combine(after, time(), LOCAL_ZONE)


def last_day(due_at: datetime) -> date:
    """Return the local day on which a loan may still be returned."""
    return local_day(due_at - timedelta(seconds=1))


def renewed_due(due_at: datetime, policy: LendingPolicy) -> datetime:
    """Return the due instant after a renewal: it counts from the one before."""
    return due_from(last_day(due_at), policy)


def overdue_fine(due_at: datetime, returned_at: datetime, policy: LendingPolicy) -> int:
    """Return the overdue fee in fen: for each local day begun after the due day, capped."""
    late = (local_day(returned_at) - last_day(due_at)).days
    return min(max(late, 0) * policy.fine_fen, policy.fine_cap_fen)


def offline_due(deed: OfflineDeed, policy: LendingPolicy) -> datetime:
    """Return when what a machine lent offline is due: as it told the reader, within the terms."""
    usual = due_from(local_day(deed.at), policy)
    return deed.due_at if deed.due_at is not None and deed.at < deed.due_at < usual else usual


def route(at: str, home: str, pickup: str | None, *, home_lends: bool) -> Route:
    """Return where a copy in hand at a library goes, with the pick-up of the hold it is for."""
    if pickup is not None:
        here = pickup == at
        return Route(CopyState.ON_SHELF if here else CopyState.IN_TRANSIT, pickup, for_hold=True)
    if at != home:
        return Route(CopyState.IN_TRANSIT, home)
    return Route(CopyState.AVAILABLE if home_lends else CopyState.WITHDRAWN)


def is_reference(text: str) -> bool:
    """Tell whether a text can be a payment's reference."""
    return _REFERENCE.fullmatch(text) is not None


def is_barcode(text: str) -> bool:
    """Tell whether a text can be a copy's barcode."""
    return _BARCODE.fullmatch(text) is not None


def is_library_code(text: str) -> bool:
    """Tell whether a text can name a library."""
    return _LIBRARY.fullmatch(text) is not None


def grams(text: str) -> list[str]:
    """Return what a text is found by: words of letters, and hanzi two by two."""
    found: dict[str, None] = {}
    for run in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if run[0] < "\u3400" or len(run) == 1:
            found[run] = None
        else:
            found.update(dict.fromkeys(run[n : n + 2] for n in range(len(run) - 1)))
    return list(found)


@dataclass(frozen=True, slots=True)
class BookRow:
    """A row of a library's list: a copy, and what it is one of.

    `record` is the number of the bibliographic record, where the list has such numbers.
    """

    barcode: str
    replacement_fen: int
    name: str
    author: str = ""
    publisher: str = ""
    year: int | None = None
    isbn: str = ""
    class_number: str = ""
    record: str | None = None


def book_fault(row: BookRow) -> Refusal | None:
    """Return what is wrong with a row."""
    if not is_barcode(row.barcode):
        return no.BARCODE_FORM
    if not 0 <= row.replacement_fen <= MOST_FEN:
        return no.PRICE_FORM
    texts = (row.name, row.author, row.publisher, row.class_number)
    printable = all(len(one) <= LONGEST_FIELD and one.isprintable() for one in texts)
    if not printable or not row.name.strip() or not grams(row.name):
        return no.TITLE_FORM
    if row.isbn and not is_isbn(row.isbn):
        return no.ISBN_FORM
    if row.year is not None and not 0 <= row.year <= 9999:
        return no.TITLE_FORM
    return None if row.record is None or is_identifier(row.record) else no.TITLE_FORM


def title_code(row: BookRow) -> str:
    """Return what the network calls a row's title: its record, or always the same for the same."""
    if row.record is not None:
        return row.record
    named = "\0".join((row.name, row.author, row.publisher, str(row.year), row.isbn))
    return f"t_{hashlib.sha256(named.encode()).hexdigest()[:24]}"


def is_isbn(text: str) -> bool:
    """Tell whether a text is an ISBN, of 13 digits or the older 10, with the right check digit."""
    digits = text.replace("-", "")
    if len(text) > _LONGEST_ISBN or not _ISBN.fullmatch(digits):
        return False
    values = [10 if one == "X" else int(one) for one in digits]
    if len(values) == len("9787020002207"):
        return sum(value * (1 + 2 * (n % 2)) for n, value in enumerate(values)) % 10 == 0
    return sum(value * (10 - n) for n, value in enumerate(values)) % 11 == 0


def reader_number(digits: str) -> str:
    """Return a reader number 读者证号: 12 digits and their Luhn check digit."""
    return digits + str(-_luhn(digits + "0") % 10)


def is_reader_number(text: str) -> bool:
    """Tell whether a text is a well-formed reader number."""
    return len(text) == 13 and text.isascii() and text.isdigit() and _luhn(text) % 10 == 0


def _luhn(digits: str) -> int:
    doubled = (int(one) * (1 + n % 2) for n, one in enumerate(reversed(digits)))
    return sum(one // 10 + one % 10 for one in doubled)
