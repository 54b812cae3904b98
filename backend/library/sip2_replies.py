"""What the network says, as SIP2 messages: statuses, fields and codes of the document; pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from backend.foundation.refusals import Refusal
from backend.library.account import ReaderAccount
from backend.library.loans import LoanView
from backend.library.returning import Returned
from backend.library.rules import CopyState, HoldState
from backend.library.sip2_codec import Message, instant, plain
from shared.localized_text import LocalizedText

CHINESE = frozenset({"000", "019", "   "})
"""Languages that are answered in Chinese; unknown is."""
SUPPORTED = "YYYNYYYYYYYNNNYN"
"""BX: of sixteen requests in the document's order, those that are answered."""
CURRENCY = "CNY"
_MOST_BYTES = 255
_DENIED = "YYYY" + " " * 10
_CIRCULATION = {
    CopyState.AVAILABLE: "03",
    CopyState.ON_LOAN: "04",
    CopyState.ON_SHELF: "08",
    CopyState.REQUESTED: "08",
    CopyState.IN_TRANSIT: "10",
    CopyState.LOST: "12",
    CopyState.WITHDRAWN: "01",
}
Fields = list[tuple[str, str]]


def short(text: str) -> str:
    """Return a text as a value holds it: plain, and no longer than the document's 255."""
    return plain(text).encode()[:_MOST_BYTES].decode(errors="ignore")


def words(text: LocalizedText, language: str) -> str:
    """Return a text in the reader's language."""
    return text.zh if language in CHINESE else text.en


def screen(refused: Refusal | None, language: str) -> Fields:
    """Return what the machine shows of a refusal: why, and what to do."""
    if refused is None:
        return []
    shown = (refused.text, refused.next_step)
    return [("AF", short(words(one, language))) for one in shown]


def yuan(fen: int) -> str:
    """Return an amount of money as the document writes it."""
    return f"{fen // 100}.{fen % 100:02}"


def acs_status(library: str, name: str, now: datetime) -> Message:
    """Return that the network is here: 100 tenths of a second to wait, three tries."""
    fixed = ("Y", "Y", "Y", "Y", "N", "Y", "100", "003", instant(now), "2.00")
    fields = (("AO", library), ("AM", short(name)), ("BX", SUPPORTED))
    return Message("98", fixed, fields)


def patron_status(account: ReaderAccount | Refusal) -> str:
    """Return the fourteen places that say what a reader may not do; a blank is a yes."""
    if isinstance(account, Refusal):
        return _DENIED
    facts, places = account.facts, [" "] * 14
    if account.blocked is not None:
        places[:4] = "YYYY"
    places[5] = _flag(facts.open_loans >= account.limit)
    places[0] = "Y" if places[5] == "Y" else places[0]
    places[6] = _flag(facts.overdue)
    places[10] = _flag(account.blocked is not None and account.blocked.code == "library_owes")
    return "".join(places)


def about_patron(
    account: ReaderAccount | Refusal, library: str, shown: str, name: str, language: str
) -> Fields:
    """Return the fields that 24 and 64 share; the name is masked."""
    known = not isinstance(account, Refusal)
    fields = [("AO", library), ("AA", short(shown)), ("AE", short(name))]
    fields.append(("BL", "Y" if known else "N"))
    if isinstance(account, Refusal):
        return fields + screen(account, language)
    fields += [("BH", CURRENCY), ("BV", yuan(account.facts.owed_fen))]
    return fields + screen(account.blocked, language)


def counts(account: ReaderAccount | Refusal, now: datetime) -> tuple[str, ...]:
    """Return the six counts of 64: holds ready, overdue, charged, fines, recalls, holds waiting."""
    if isinstance(account, Refusal):
        return ("0000",) * 6
    lists = _lists(account, now)
    return tuple(f"{min(len(one), 9999):04}" for one in lists)


def summary(
    account: ReaderAccount | Refusal, asked: str, start: str, end: str, now: datetime
) -> Fields:
    """Return the list that 63 asks for, if it does, from its `start`-th to its `end`-th."""
    if isinstance(account, Refusal) or "Y" not in asked[:6]:
        return []
    which = asked.index("Y")
    listed = _lists(account, now)[which]
    first = int(start) if start.isascii() and start.isdigit() and len(start) < 5 else 1
    last = int(end) if end.isascii() and end.isdigit() and len(end) < 5 else len(listed)
    name = ("AS", "AT", "AU", "AV", "BU", "CD")[which]
    return [(name, short(one)) for one in listed[max(first, 1) - 1 : last]]


def limits(account: ReaderAccount | Refusal) -> Fields:
    """Return how many a reader may have out."""
    return [] if isinstance(account, Refusal) else [("CB", f"{account.limit:04}")]


def lent(
    code: str, loan: LoanView | Refusal, about: Fields, language: str, now: datetime
) -> Message:
    """Return 12 or 30: lent or renewed until the end of its last day, or why not."""
    if isinstance(loan, Refusal):
        fields = [*about, ("AJ", ""), ("AH", ""), *screen(loan, language)]
        return Message(code, ("0", "N", "U", "N", instant(now)), tuple(fields))
    renewed = "Y" if code == "30" else "N"
    desensitize = "Y" if code == "12" else "N"
    fields = [*about, ("AJ", short(loan.name)), ("AH", due(loan.due_at)), ("CK", "001")]
    return Message(code, ("1", renewed, "U", desensitize, instant(now)), tuple(fields))


def due(due_at: datetime) -> str:
    """Return a due date as the document writes it: the last second that is in time."""
    return instant(due_at - timedelta(seconds=1))


def taken_back(
    back: Returned | Refusal, library: str, item: str, language: str, now: datetime
) -> Message:
    """Return 10: where the copy goes, with the alert that the machine sorts by."""
    about = [("AO", library), ("AB", short(item))]
    if isinstance(back, Refusal):
        fields = [*about, ("AQ", ""), *screen(back, language)]
        return Message("10", ("0", "N", "U", "Y", instant(now)), tuple(fields))
    alert = _alert(back)
    fields = [*about, ("AQ", back.home), ("AJ", short(back.name))]
    if alert is not None:
        fields += [("CV", alert), ("CT", back.to or library)]
    fixed = ("1", "Y", "U", "N" if alert is None else "Y", instant(now))
    return Message("10", fixed, tuple(fields))


def item_status(state: CopyState | None) -> str:
    """Return a copy's circulation status; nobody's is "other"."""
    return "01" if state is None else _CIRCULATION[state]


def _alert(back: Returned) -> str | None:
    if back.state is CopyState.ON_SHELF:
        return "01"
    if back.state is CopyState.IN_TRANSIT:
        return "04" if back.to == back.home else "02"
    return None if back.state is CopyState.AVAILABLE else "99"


def _lists(account: ReaderAccount, now: datetime) -> Sequence[Sequence[str]]:
    ready = [one for one in account.holds if one.state is HoldState.READY]
    waiting = [one for one in account.holds if one.state is not HoldState.READY]
    return (
        [one.copy_id or one.title for one in ready],
        _barcodes(loan for loan in account.loans if loan.due_at <= now),
        _barcodes(account.loans),
        [f"{one.kind.value} {yuan(one.fen - one.paid_fen)}" for one in account.fines],
        [],
        [one.name for one in waiting],
    )


def _barcodes(loans: Iterable[LoanView]) -> list[str]:
    return [one.copy_id for one in loans]


def _flag(raised: bool) -> str:
    return "Y" if raised else " "
