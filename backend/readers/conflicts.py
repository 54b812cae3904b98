"""The conflict report 冲突报告: always the whole of what the scans say, however they came in.

A subject is looked at anew in a transaction that first touches its conflict: of two uploads that
concern it, the store lets one wait for what the other wrote, so that the last one sees both.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from backend.foundation.audit import in_one_write
from backend.foundation.entitlements import EntryCounter, EntryTerms, TermsTeller
from backend.foundation.logs import FIELDS
from backend.foundation.mongo import Session, UpdateOne
from backend.readers.conflict_rules import (
    OF_DAYS,
    ConflictKind,
    ConflictState,
    GateEntry,
    Rows,
    Subject,
    rows_of,
)
from backend.readers.documents import Scan, ScanConflict
from backend.readers.passback_rules import HolderDay, PassbackRule
from backend.readers.rules import ScanFlag
from backend.venues.service import VenueFacts, Venues
from shared.admission.evidence import Medium
from shared.admission.rules import AdmissionRules
from shared.clock import LOCAL_ZONE, Clock
from shared.identity.age import local_day

_FIELDS = {
    "venue_number": 1,
    "venue_name": 1,
    "lane": 1,
    "lane_name": 1,
    "terminal_id": 1,
    "scanned_at": 1,
    "entered": 1,
    "flags": 1,
    "counted_flags": 1,
    "code_use": 1,
    "counted_on": 1,
    "left": 1,
    "visitor": 1,
    "override_reason": 1,
    "medium": 1,
}
_GATE = {"_id": 0, "code_use": 1, "venue_number": 1, "lane": 1}
_log = logging.getLogger("yikatong.conflicts")
Row = Mapping[str, Any]


class ConflictFinder:
    """Keeps conflicts in step with scans."""

    def __init__(self, counters: Sequence[EntryCounter], venues: Venues, clock: Clock) -> None:
        self._tellers = [one for one in counters if isinstance(one, TermsTeller)]
        self._judges_all = len(self._tellers) == len(counters)
        self._venues = venues
        self._clock = clock

    async def look_at_codes(self, uses: Collection[bytes]) -> None:
        """Look at showings of codes: of two uploads, the later one sees both."""
        if not uses:
            return
        # A plain read, whole in one answer: grouping costs the store three times as much.
        found = Scan.get_pymongo_collection().find(
            {"code_use": {"$in": list(set(uses))}}, _GATE, batch_size=2 * len(uses) + 1
        )
        gates: dict[bytes, tuple[int, int]] = {}
        several: dict[bytes, None] = {}
        async for scan in found:
            use, gate = scan["code_use"], (scan["venue_number"], scan["lane"])
            if gates.setdefault(use, gate) != gate:
                several[use] = None
        await self.look_at(map(same_code, several))

    async def look_at_passages(self, venue: VenueFacts, scans: Iterable[Row]) -> None:
        """Look at days on which somebody came in at two readers, where the venue refuses that.

        Paper lets in so often a day and no more, whatever else the venue asks.
        """
        days = {day for scan in scans if scan["persons"] and (day := HolderDay.of_scan(scan))}
        if not days:
            return
        on_paper = await _entered(days, venue.number, medium=Medium.PAPER)
        paper = {day for day in days if (day.visitor, day.day) in on_paper}
        passback = days if PassbackRule.of(venue.rules.all_conditions()) else set[HolderDay]()
        asked = passback | paper
        entered = await _entered(asked, venue.number) if asked else {}
        await self.look_at(
            Subject(kind, day.name)
            for day in sorted(asked, key=lambda one: one.name)
            if len(entered.get((day.visitor, day.day), ())) > 1
            for kind, some in ((ConflictKind.PASSBACK, passback), (ConflictKind.PAPER_DAY, paper))
            if day in some
        )

    async def look_at(self, subjects: Iterable[Subject]) -> None:
        """Bring the conflicts of `subjects` in step with their scans."""
        some = list(dict.fromkeys(subjects))
        if some:
            found = await in_one_write(lambda session: self._look_at(some, session))
            if found:
                _log.warning("scans are in conflict", extra={FIELDS: {"conflicts": found}})

    async def _look_at(self, subjects: Sequence[Subject], session: Session) -> int:
        known = await self._touched(subjects, session)
        by_subject = await _entries(subjects, session)
        references = [one.name for one in subjects if one.kind is ConflictKind.ENTITLEMENT]
        terms: dict[str, EntryTerms] = {}
        for teller in self._tellers:
            terms |= await teller.terms(session, references)
        rules = await self._rules(subjects)
        rows = {
            one: rows_of(
                one,
                [_gate_entry(scan) for scan in by_subject[one] if _matters(one, scan)],
                terms.get(one.name),
                judged=self._judges_all or one.name in terms,
                **_refused(rules.get(one)),
            )
            for one in subjects
        }
        await self._write(rows, known, session)
        await _flag(rows, by_subject, session)
        return sum(map(bool, rows.values()))

    async def _rules(self, subjects: Sequence[Subject]) -> Mapping[Subject, AdmissionRules]:
        """Return what the venues of days ask now."""
        venues = {one: HolderDay.of_name(one.name).venue for one in subjects if one.kind in OF_DAYS}
        rules: dict[int, AdmissionRules] = {}
        for number in set(venues.values()):  # Seldom more than the one that uploads.
            venue = await self._venues.facts(number)
            if venue is not None:
                rules[number] = venue.rules
        return {one: rules[number] for one, number in venues.items() if number in rules}

    async def _touched(self, subjects: Sequence[Subject], session: Session) -> dict[str, Row]:
        conflicts = ScanConflict.get_pymongo_collection()
        touches = [
            UpdateOne({"_id": one.conflict_id}, {"$inc": {"revision": 1}}, upsert=True)
            for one in subjects
        ]
        await conflicts.bulk_write(touches, ordered=False, session=session)
        found = conflicts.find({"_id": {"$in": [one.conflict_id for one in subjects]}},
                               {"rows": 1}, session=session)  # fmt: skip
        return {row["_id"]: row async for row in found}

    async def _write(
        self, rows: Mapping[Subject, Rows], known: Mapping[str, Row], session: Session
    ) -> None:
        conflicts, now = ScanConflict.get_pymongo_collection(), self._clock.now()
        changes = [
            UpdateOne({"_id": one.conflict_id}, _changed(one, some, known, now))
            for one, some in rows.items()
            if some and known[one.conflict_id].get("rows") != some
        ]
        if changes:
            await conflicts.bulk_write(changes, ordered=False, session=session)
        resolved = [one.conflict_id for one, some in rows.items() if not some]
        if resolved:
            await conflicts.delete_many({"_id": {"$in": resolved}}, session=session)


def _refused(rules: AdmissionRules | None) -> dict[str, Any]:
    """Return what a venue refuses of a second entry, by the names that `rows_of` has for it."""
    if rules is None:
        return {}
    paper = 0 if rules.challenge else rules.paper_entries
    return {"passback": PassbackRule.of(rules.all_conditions()), "paper_entries": paper}


def same_code(code_use: bytes) -> Subject:
    """Return the subject of one showing of a code."""
    return Subject(ConflictKind.SAME_CODE, code_use.hex())


def entitlement(reference: str) -> Subject:
    """Return the subject of a booking or pass."""
    return Subject(ConflictKind.ENTITLEMENT, reference)


def stopped_card(scan_id: str) -> Subject:
    """Return the subject of a scan of a card that no longer counted."""
    return Subject(ConflictKind.STOPPED_CARD, scan_id)


def is_stopped(scan: Row) -> bool:
    """Tell whether a stored scan let in a card that no longer counted."""
    return ScanFlag.CARD_STOPPED in scan["flags"]


def subjects_of(scan: Row) -> list[Subject]:
    """Return what a stored scan may be in conflict about."""
    subjects = [entitlement(one) for one in scan.get("counted_on", ())]
    if "code_use" in scan:
        subjects.append(same_code(bytes(scan["code_use"])))
    if (day := HolderDay.of_scan(scan)) is not None:
        subjects += [Subject(kind, day.name) for kind in sorted(OF_DAYS)]
    return [*subjects, stopped_card(scan["_id"])] if is_stopped(scan) else subjects


def _changed(
    subject: Subject, rows: Rows, known: Mapping[str, Row], now: datetime
) -> dict[str, Any]:
    """Return the change to a conflict; what somebody looked at before is another one by now."""
    first = "rows" not in known[subject.conflict_id]
    return {
        "$set": {
            "kind": subject.kind.value,
            "subject": subject.stored,
            "state": ConflictState.OPEN.value,
            "rows": rows,
            "venues": sorted({row["venue"] for row in rows}),
            "at": rows[-1]["at"],
            **({"found_at": now} if first else {}),
        },
        "$unset": {"acknowledged_by": "", "acknowledged_at": "", "note": ""},
    }


async def _entries(
    subjects: Sequence[Subject], session: Session
) -> Mapping[Subject, Sequence[Row]]:
    """Return the scans about each subject, in one read."""
    named: dict[ConflictKind, list[str]] = {kind: [] for kind in ConflictKind}
    for one in subjects:
        named[one.kind].append(one.name)
    uses = [bytes.fromhex(one) for one in named[ConflictKind.SAME_CODE]]
    days = dict.fromkeys(name for kind in sorted(OF_DAYS) for name in named[kind])
    asked = [
        {"code_use": {"$in": uses}},
        {"counted_on": {"$in": named[ConflictKind.ENTITLEMENT]}},
        {"_id": {"$in": named[ConflictKind.STOPPED_CARD]}},
        *map(_of_day, map(HolderDay.of_name, days)),
    ]
    found = Scan.get_pymongo_collection().find({"$or": asked}, _FIELDS, session=session)
    by_subject: dict[Subject, list[Row]] = {one: [] for one in subjects}
    async for scan in found:
        for one in subjects_of(scan):
            if one in by_subject:
                by_subject[one].append(scan)
    return by_subject


def _of_day(day: HolderDay) -> dict[str, Any]:
    around = _between(day.day, day.day)
    return {"visitor": day.visitor, "scanned_at": around, "venue_number": day.venue}


def _between(first: date, last: date) -> dict[str, datetime]:
    start, end = (datetime.combine(day, time(), LOCAL_ZONE) for day in (first, last))
    return {"$gte": start, "$lt": end + timedelta(days=1)}


async def _entered(
    days: Collection[HolderDay], venue: int, *, medium: Medium | None = None
) -> dict[tuple[str, date], set[str]]:
    """Return at which readers visitors came in, by the day; with one medium alone if it is said."""
    found: dict[tuple[str, date], set[str]] = {}
    first, last = (end(day.day for day in days) for end in (min, max))
    wanted: dict[str, Any] = {
        "visitor": {"$in": sorted({day.visitor for day in days})},
        "scanned_at": _between(first, last),
        "venue_number": venue,
        "entered": {"$gt": 0},
    }
    if medium is not None:
        wanted["medium"] = medium.value
    fields = {"visitor": 1, "scanned_at": 1, "terminal_id": 1}
    async for scan in Scan.get_pymongo_collection().find(wanted, fields):
        day = scan["visitor"], local_day(scan["scanned_at"])
        found.setdefault(day, set()).add(scan["terminal_id"])
    return found


def _matters(subject: Subject, scan: Row) -> bool:
    """Tell whether a live scan has a say: an entry, and about somebody's day their exits too."""
    return bool(scan.get("entered") or (subject.kind is ConflictKind.PASSBACK and scan.get("left")))


async def _flag(
    rows: Mapping[Subject, Rows], scans: Mapping[Subject, Sequence[Row]], session: Session
) -> None:
    """Let scans of showings that two lanes admitted say so, and the others not."""
    showings = [one for one in rows if one.kind is ConflictKind.SAME_CODE]
    at_two = {row["scan_id"] for one in showings for row in rows[one]}
    changes = []
    for scan in (scan for one in showings for scan in scans[one]):
        two = scan["_id"] in at_two
        if two is not (ScanFlag.TWO_GATES in scan["flags"]):
            change = "$addToSet" if two else "$pull"
            changes.append(
                UpdateOne({"_id": scan["_id"]}, {change: {"flags": ScanFlag.TWO_GATES.value}})
            )
    if changes:
        await Scan.get_pymongo_collection().bulk_write(changes, ordered=False, session=session)


def _gate_entry(scan: Row) -> GateEntry:
    return GateEntry(
        scan_id=scan["_id"],
        venue=scan["venue_number"],
        venue_name=scan["venue_name"],
        lane=scan["lane"],
        lane_name=scan["lane_name"],
        terminal_id=scan["terminal_id"],
        at=scan["scanned_at"],
        persons=scan.get("entered") or scan["left"],
        flags=frozenset(scan["flags"]),
        counted_flags=frozenset(scan.get("counted_flags", ())),
        out="left" in scan,
        paper=scan["medium"] == Medium.PAPER,
    )
