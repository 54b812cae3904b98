"""What follows from a booked scan: annulments, uses of bookings and passes, conflicts; each once.

An entry that is only to be counted, and nothing is odd about, is stored and counted in one
transaction. Any other scan that something follows from is stored `due` and stays so until all of
it is done. Every step can be done again: a process that dies in between leaves the rest to the
reader's next try or to the sweep, whichever comes first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.foundation.audit import Organisation, in_one_write
from backend.foundation.entitlements import (
    BulkEntryCounter,
    Entry,
    EntryCounter,
    EntryFlag,
    TermsTeller,
)
from backend.foundation.kept_running import attempt, batches, rounds
from backend.foundation.mongo import BulkWriteError, Session, UpdateOne
from backend.mandates.showings import Showing, note_showing
from backend.readers.conflict_rules import Subject
from backend.readers.conflicts import (
    ConflictFinder,
    entitlement,
    is_stopped,
    stopped_card,
    subjects_of,
)
from backend.readers.documents import Scan
from backend.readers.rules import Passage, ScanFlag, annuls
from shared.clock import Clock
from shared.localized_text import LocalizedText

SECONDS = 5.0
LEFT_FOR = timedelta(seconds=30)
"""How long what is due is left to the upload that brought it."""
AT_ONCE = 500
_DUPLICATE_KEY = 11000
_FIELDS = {
    "terminal_id": 1,
    "scanned_at": 1,
    "persons": 1,
    "direction": 1,
    "counted_on": 1,
    "annuls": 1,
    "annulled_by": 1,
    "code_use": 1,
    "flags": 1,
    "mandate": 1,
    "shown_by": 1,
    "visitor": 1,
    "venue_number": 1,
    "venue_name": 1,
}
Row = Mapping[str, Any]


class Settling:
    """Does what follows from scans."""

    def __init__(
        self, counters: Sequence[EntryCounter], conflicts: ConflictFinder, clock: Clock
    ) -> None:
        self._counters = counters
        self._conflicts = conflicts
        self._clock = clock

    async def book(self, scans: Sequence[Row]) -> Sequence[Row] | None:
        """Insert new scans and count the ordinary entries among them, all of it or nothing.

        An entry that nothing is odd about is done with, and costs the store one write and its
        booking's. Whatever else follows from a scan it is inserted `due` for.

        Returns:
            The scans as they are stored, or None where one was by then.
        """

        async def act(session: Session) -> Sequence[Row]:
            entries = [_entry(scan, ref) for scan in scans for ref in _only_counted(scan)]
            odd, suspicious = await self._flags(entries, session)
            named = frozenset(suspicious)
            left = {one.scan_id for one in entries if one.reference in named or odd[one.scan_id]}
            done = odd.keys() - left
            stored = [_done_with(one) if one["_id"] in done else one for one in scans]
            await Scan.get_pymongo_collection().insert_many(stored, session=session)
            return stored

        try:
            return await in_one_write(act)
        except BulkWriteError as error:
            if any(one["code"] != _DUPLICATE_KEY for one in error.details["writeErrors"]):
                raise
            return None

    async def settle(self, scan_ids: Collection[str]) -> None:
        """Do what follows from these scans, as far as it is not done."""
        if not scan_ids:
            return
        settled = await in_one_write(lambda session: self._count(scan_ids, session))
        await self._conflicts.look_at(settled.subjects)
        scans = settled.scans
        # What annuls a scan that is not here yet stays due: the two may come in any order.
        done = [one for one, scan in scans.items() if scan.get("annuls", one) in scans]
        await Scan.get_pymongo_collection().update_many(
            {"_id": {"$in": done}, "due": True}, {"$unset": {"due": ""}}
        )

    async def sweep(self) -> int:
        """Settle what an upload left due; tell how many scans."""
        late = {"due": True, "received_at": {"$lt": self._clock.now() - LEFT_FOR}}
        found = Scan.get_pymongo_collection().find(late, {"_id": 1}, batch_size=AT_ONCE)
        done = 0
        async for batch in batches(found.sort("received_at", 1), AT_ONCE):
            done += await self._settled([scan["_id"] for scan in batch])
        return done

    async def _settled(self, ids: Sequence[str]) -> int:
        """Settle some scans; where one of them breaks it, each alone."""

        async def settle(some: Sequence[str]) -> int:
            await self.settle(some)
            return len(some)

        done = await attempt(settle, ids)
        if done is None and len(ids) > 1:
            return sum([await attempt(settle, [one]) or 0 for one in ids])
        return done or 0

    async def keep_settled(self) -> None:
        """Sweep for ever; what fails is tried again."""
        await rounds(self.sweep, SECONDS)

    async def _count(self, scan_ids: Collection[str], session: Session) -> "_Settled":
        """Apply annulments and count entries."""
        scans = await _with_ties(scan_ids, session)
        annulled = _annulled(scans.values())
        counted = [scan for scan in scans.values() if scan.get("counted_on") and _enters(scan)]
        entries = [
            _entry(scan, reference, came=scan["_id"] not in annulled)
            for scan in counted
            for reference in scan["counted_on"]
        ]
        odd, suspicious = await self._flags(entries, session)
        changes = [_annulment(scan_id, by) for scan_id, by in annulled.items()]
        changes += _refused(scans, annulled)
        changes += [
            UpdateOne({"_id": one}, {"$set": {"counted_flags": sorted(flags)}})
            for one, flags in odd.items()
            if flags
        ]
        collection = Scan.get_pymongo_collection()
        if changes:
            await collection.bulk_write(changes, ordered=True, session=session)
        if counted:
            # Odd or not, the scan is written: an annulment at the same moment has to wait for it.
            all_of_them = {"_id": {"$in": [scan["_id"] for scan in counted]}}
            await collection.update_many(all_of_them, {"$inc": {"counted": 1}}, session=session)
        for scan_id in scan_ids:
            if "mandate" in scans.get(scan_id, {}):
                await note_showing(_showing(scans[scan_id]), self._clock.now(), session)
        subjects = [one for scan_id in annulled for one in subjects_of(scans[scan_id])]
        subjects += [entitlement(reference) for reference in suspicious]
        subjects += [stopped_card(one) for one, scan in scans.items() if is_stopped(scan)]
        return _Settled(scans, subjects)

    async def _flags(
        self, entries: Sequence[Entry], session: Session
    ) -> tuple[dict[str, set[str]], list[str]]:
        """Count entries with whichever counter knows them.

        Returns:
            By scan what those counters said that do not tell their terms, and the references that
            anything was said about.
        """
        told: dict[str, set[str]] = {entry.scan_id: set() for entry in entries}
        suspicious, left = list[str](), list(entries)
        for counter in self._counters:
            judged = isinstance(counter, TermsTeller)  # by all entries together, in the report
            counted = await _counted(counter, left, session)
            for entry, flags in counted.items():
                if flags and not judged:
                    told[entry.scan_id] |= {flag.value for flag in flags}
            suspicious += [entry.reference for entry, flags in counted.items() if flags]
            left = [entry for entry in left if entry not in counted]
        for entry in left:
            told[entry.scan_id].add(EntryFlag.ENTITLEMENT_UNKNOWN.value)
        return told, [*suspicious, *(entry.reference for entry in left)]


@dataclass(frozen=True, slots=True)
class _Settled:
    """What was settled, with what it is tied to, and what there may be a conflict about."""

    scans: Mapping[str, Row]
    subjects: Sequence[Subject]


async def _counted(
    counter: EntryCounter, entries: Sequence[Entry], session: Session
) -> Mapping[Entry, frozenset[EntryFlag]]:
    if isinstance(counter, BulkEntryCounter):
        return await counter.count_all(session, entries)
    counted: dict[Entry, frozenset[EntryFlag]] = {}
    for one in entries:
        flags = await counter.count(session, one.reference, one.persons, one.at, one.scan_id)
        if flags is not None:
            counted[one] = flags
    return counted


async def tied(scan_ids: Collection[str]) -> list[str]:
    """Return which of these scans are annulled by one that came before them."""
    if not scan_ids:
        return []
    found = Scan.get_pymongo_collection().find({"annuls": {"$in": list(scan_ids)}}, {"annuls": 1})
    return [scan["annuls"] async for scan in found]


async def _with_ties(scan_ids: Collection[str], session: Session) -> dict[str, Row]:
    """Return scans with what they annul and what annuls those."""
    scans = Scan.get_pymongo_collection()
    found = scans.find({"_id": {"$in": list(scan_ids)}}, _FIELDS, session=session)
    rows: dict[str, Row] = {scan["_id"]: scan async for scan in found}
    targets = [scan["annuls"] for scan in rows.values() if "annuls" in scan]
    asked = [{"_id": {"$in": targets}}, {"annuls": {"$in": [*rows, *targets]}}]
    async for scan in scans.find({"$or": asked}, _FIELDS, session=session):
        rows[scan["_id"]] = scan
    return rows


def _annulled(scans: Iterable[Row]) -> dict[str, str]:
    """Return what is annulled by what; of several that could, the first that happened."""
    rows = {scan["_id"]: scan for scan in scans}
    found: dict[str, str] = {}
    for scan in sorted(rows.values(), key=lambda one: (one["scanned_at"], one["_id"])):
        target = rows.get(scan.get("annuls", ""))
        if target is not None and annuls(_passage(scan), _passage(target)):
            found.setdefault(target["_id"], scan["_id"])
    return found


def _refused(scans: Mapping[str, Row], annulled: Mapping[str, str]) -> list[UpdateOne]:
    """Flag annulments of scans that are here and stay."""
    return [
        UpdateOne({"_id": scan["_id"]}, {"$addToSet": {"flags": ScanFlag.ANNULMENT_REFUSED.value}})
        for scan in scans.values()
        if scan.get("annuls") in scans and scan["annuls"] not in annulled
    ]


def _annulment(scan_id: str, by: str) -> UpdateOne:
    return UpdateOne(
        {"_id": scan_id}, {"$set": {"annulled_by": by}, "$unset": {"entered": "", "left": ""}}
    )


def _passage(scan: Row) -> Passage:
    at: datetime = scan["scanned_at"]
    return Passage(scan["_id"], scan["terminal_id"], at, scan.get("persons", 0))


def _showing(scan: Row) -> Showing:
    venue = Organisation(f"venue:{scan['venue_number']}", LocalizedText(**scan["venue_name"]))
    return Showing(
        scan["_id"], scan["mandate"], scan["visitor"], scan["shown_by"], venue, scan["scanned_at"]
    )


def _entry(scan: Row, reference: str, *, came: bool = True) -> Entry:
    return Entry(reference, scan["_id"], scan["persons"] if came else 0, scan["scanned_at"])


def _only_counted(scan: Row) -> Sequence[str]:
    """Return what a new scan is counted on, if nothing else follows from it."""
    more = "annuls" in scan or "mandate" in scan or is_stopped(scan)
    return () if more or not _enters(scan) else scan.get("counted_on", ())


def _done_with(scan: Row) -> Row:
    return {name: value for name, value in scan.items() if name != "due"} | {"counted": 1}


def _enters(scan: Row) -> bool:
    return scan.get("direction") == "in" and scan.get("persons", 0) > 0
