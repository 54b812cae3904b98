"""What gates admitted that does not go together: found from the scans alone, in no order of upload.

Each function is given all live entries about one subject and returns the rows of its conflict, in
the order in which the entries happened, or none where there is no conflict.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from backend.foundation.entitlements import Entry, EntryFlag, EntryTerms, odd_entries
from backend.foundation.refusals import refusal
from backend.readers.passback_rules import Passage, PassbackRule, not_together
from backend.readers.rules import ScanFlag

MAX_ROWS = 100
"""Rows in one conflict at most, the first that happened; nobody reads more."""

CONFLICT_UNKNOWN = refusal(
    "scan_conflict_unknown",
    ("本馆没有这条冲突记录。", "Your venue has no such conflict."),
    ("请从列表中重新选择。", "Choose it from the list again."),
)


class ConflictKind(StrEnum):
    """What a conflict is about."""

    SAME_CODE = "SAME_CODE"  # one showing of a code, let in at two lanes
    ENTITLEMENT = "ENTITLEMENT"  # a booking or pass that does not cover who came in on it
    STOPPED_CARD = "STOPPED_CARD"  # let in after the card was suspended, lost or ended
    PASSBACK = "PASSBACK"  # let in again at another reader, against the venue's anti-passback
    PAPER_DAY = "PAPER_DAY"  # let in on paper more often in a day than the venue lets paper in


OF_DAYS = frozenset({ConflictKind.PASSBACK, ConflictKind.PAPER_DAY})
"""What is about somebody's day at a venue (`HolderDay`)."""


class ConflictState(StrEnum):
    """Whether somebody has looked at it, as it is now."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a conflict is about: a showing in hex, an entitlement's reference, a scan's id, a day.

    A day, of anti-passback and of paper, names a visitor, and is stored as its digest alone.
    """

    kind: ConflictKind
    name: str

    @property
    def conflict_id(self) -> str:
        """The id of its conflict, if it comes to one."""
        return f"cfl_{self._digest[:40]}"

    @property
    def stored(self) -> str:
        """Its name as it is stored."""
        return self._digest if self.kind in OF_DAYS else self.name

    @property
    def _digest(self) -> str:
        return hashlib.sha256(f"{self.kind.value}\0{self.name}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class GateEntry:
    """A live entry: at which gate (venue, lane, terminal), when by its clock, how many.

    An exit, `out`, stands among them where it matters, and is no row.
    """

    scan_id: str
    venue: int
    venue_name: dict[str, str]
    lane: int
    lane_name: dict[str, str]
    terminal_id: str
    at: datetime
    persons: int
    flags: frozenset[str]
    counted_flags: frozenset[str] = frozenset()
    out: bool = False
    paper: bool = False

    def row(self, flags: Iterable[str]) -> dict[str, Any]:
        """Return it as a row of a conflict."""
        return {
            "scan_id": self.scan_id,
            "venue": self.venue,
            "venue_name": self.venue_name,
            "lane": self.lane,
            "lane_name": self.lane_name,
            "terminal_id": self.terminal_id,
            "at": self.at,
            "persons": self.persons,
            "flags": sorted(map(str, flags)),
        }


Rows = list[dict[str, Any]]


def rows_of(
    subject: Subject,
    entries: Collection[GateEntry],
    terms: EntryTerms | None,
    *,
    judged: bool,
    passback: PassbackRule | None = None,
    paper_entries: int | None = None,
) -> Rows:
    """Return the rows of a subject's conflict.

    Args:
        subject: what it is about.
        entries: all live entries about it.
        terms: those of the entitlement, if it is one and known.
        judged: whether `terms` decide; else what the counter said of each entry does.
        passback: what the venue refuses now, if it is about that.
        paper_entries: how often a day the venue lets somebody in on paper now, if it is about that.
    """
    in_order = sorted(entries, key=lambda one: (one.at, one.scan_id))
    if subject.kind is ConflictKind.SAME_CODE:
        odd = _same_code(in_order)
    elif subject.kind is ConflictKind.STOPPED_CARD:
        odd = {one.scan_id: one.flags & {ScanFlag.CARD_STOPPED} for one in in_order}
    elif subject.kind is ConflictKind.PASSBACK:
        odd = _passback(in_order, passback)
    elif subject.kind is ConflictKind.PAPER_DAY:
        odd = _paper(in_order, paper_entries)
    else:
        odd = _entitlement(subject, in_order, terms, judged=judged)
    if not any(odd.values()):
        return []
    rows = [one.row(odd.get(one.scan_id, ())) for one in in_order if not one.out]
    return rows[:MAX_ROWS]


def _same_code(entries: Collection[GateEntry]) -> dict[str, frozenset[str]]:
    gates = {(one.venue, one.lane) for one in entries}
    return {one.scan_id: frozenset({ScanFlag.TWO_GATES}) for one in entries if len(gates) > 1}


def _passback(
    entries: Collection[GateEntry], rule: PassbackRule | None
) -> dict[str, frozenset[str]]:
    passages = [Passage(one.scan_id, one.terminal_id, one.at, one.out) for one in entries]
    odd = not_together(passages, rule)
    return {scan_id: frozenset({ScanFlag.PASSBACK}) for scan_id in odd}


def _paper(entries: Collection[GateEntry], most: int | None) -> dict[str, frozenset[str]]:
    """Flag what was let in on paper after all entries of the day, which its gate did not know of.

    A gate that knew of every entry before let somebody in by what its rule was then.
    """
    odd, terminals = dict[str, frozenset[str]](), set[str]()
    for before, one in enumerate(entries):
        beyond = most is not None and before >= most
        if one.paper and beyond and terminals - {one.terminal_id}:
            odd[one.scan_id] = frozenset({EntryFlag.OVER_USED})
        terminals.add(one.terminal_id)
    return odd


def _entitlement(
    subject: Subject, entries: Collection[GateEntry], terms: EntryTerms | None, *, judged: bool
) -> dict[str, frozenset[str]]:
    if not judged:
        return {one.scan_id: one.counted_flags for one in entries}
    counted = [Entry(subject.name, one.scan_id, one.persons, one.at) for one in entries]
    return {scan: frozenset(map(str, odd)) for scan, odd in odd_entries(counted, terms).items()}
