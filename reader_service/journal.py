"""The journal: every answer a lane gave, durable before a gate opens, kept until it is booked.

SQLite in WAL mode with ``synchronous=FULL``: a commit returns when the row is on the disk. Lanes
that come while a commit is under way share the next one. Rows are sealed and linked (see
`journal_rows`); one leaves the state "unsent" only by the backend's receipt, and is pruned only
with it. What cannot be opened is kept aside, never sent and never pruned.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reader_service.group_commit import GroupCommit
from reader_service.journal_file import (
    BY_HOUR,
    JOURNAL_FAULTS,
    NOTE,
    SELECT,
    JournalFull,
    JournalLocked,
    OpenJournal,
    keep_chain,
    kept_chain,
    note,
    open_journal,
    stored,
)
from reader_service.journal_rows import (
    INSERT,
    UNREADABLE,
    Chain,
    FaultKind,
    JournalFault,
    Row,
    check_rows,
    made_row,
)
from reader_service.storage_keys import CREDENTIAL, FileKeyStore, KeyStore, Unreadable
from shared.wire.flow import HourFlow
from shared.wire.scan_receipt import MOST_FAULTS, JournalReport
from shared.wire.scans import ReceiptOutcome, ScanReceipt, ScanRecord

__all__ = ["JOURNAL_FAULTS", "Journal", "JournalFull", "JournalLocked"]

_RECEIPTED = frozenset(outcome.value for outcome in ReceiptOutcome)
_PRUNED_AT_ONCE = 1000
CARRIED_KEPT = timedelta(days=180)
"""How long an upload that left by hand is remembered: longer than its receipt is good."""


class Journal:
    """The scans of all lanes of a process; may be used from any thread."""

    def __init__(self, path: Path, store: KeyStore | None = None) -> None:
        """Prepare; without a `store` the key is in a file beside the journal."""
        self._path = path
        self._store = store or FileKeyStore(path.parent / CREDENTIAL)
        self._lock = threading.Lock()
        self._commits = GroupCommit(self._write, self._lock)
        self._opened: OpenJournal | None = None

    @property
    def lock(self) -> threading.Lock:
        """Held while the disk is waited for."""
        return self._lock

    def append(self, *scans: ScanRecord) -> None:
        """Add scans, all or none; they are on the disk when this returns.

        Raises:
            JournalFull: they are not.
        """
        self._commits.append(scans)

    def _write(self, scans: Sequence[ScanRecord]) -> None:
        with self._transaction() as (opened, kept):
            chain, rows = kept, list[Row]()
            for scan in scans:
                row = made_row(scan, chain.head + 1, chain.head_link, opened.current)
                chain = replace(chain, head=row.position, head_link=row.link)
                rows.append(row)
            opened.connection.executemany(INSERT, [astuple(row) for row in rows])
            keep_chain(opened, chain)

    def unsent(self, limit: int) -> list[ScanRecord]:
        """Return the oldest scans without a receipt."""
        return [scan for _, scan in self.unsent_rows(limit)]

    def unsent_rows(self, limit: int, after: int = 0) -> list[tuple[int, ScanRecord]]:
        """Return the oldest scans without a receipt behind number `after`, each with its number.

        One that cannot be opened is kept aside from now on.
        """
        while True:
            found: list[tuple[int, ScanRecord]] = []
            shut: list[Row] = []
            with self._reading() as opened:
                query = SELECT + (
                    "WHERE outcome IS NULL AND position > ? ORDER BY position LIMIT ?"
                )
                for row in stored(opened.connection.execute(query, (after, limit))):
                    try:
                        found.append((row.position, row.opened(opened.keys)))
                    except Unreadable:
                        shut.append(row)
            if not shut:
                return found
            with self._writing() as (opened, _):
                for row in shut:
                    note(opened, row, UNREADABLE, None, 0)
                    _name(opened, [JournalFault(row.position, FaultKind.UNREADABLE)])

    def count_unsent(self) -> int:
        """Return how many scans have no receipt yet."""
        [(count,)] = self._rows("SELECT count(*) FROM records WHERE outcome IS NULL")
        return int(str(count))

    def count_aside(self) -> int:
        """Return how many rows could not be opened and are kept aside."""
        [(count,)] = self._rows("SELECT count(*) FROM records WHERE outcome = ?", UNREADABLE)
        return int(str(count))

    def since(self, instant: datetime) -> list[ScanRecord]:
        """Return the scans from `instant` on, oldest first."""
        return self._scans("WHERE scanned_at >= ? ORDER BY position", _milliseconds(instant))

    def counting_since(self, instant: datetime) -> list[ScanRecord]:
        """Return the scans from `instant` on that use a booking or pass, or annul one; in order."""
        condition = "WHERE scanned_at >= ? AND counts = 1 ORDER BY position"
        return self._scans(condition, _milliseconds(instant))

    def find(self, scan_id: str) -> ScanRecord | None:
        """Return one scan."""
        return next(iter(self._scans("WHERE scan_id = ?", scan_id)), None)

    def is_annulled(self, scan_id: str) -> bool:
        """Tell whether a later scan annuls this one."""
        return bool(self._rows("SELECT 1 FROM records WHERE annuls = ? LIMIT 1", scan_id))

    def is_overridden(self, scan_id: str) -> bool:
        """Tell whether staff let somebody through by hand against this one."""
        return bool(self._rows("SELECT 1 FROM records WHERE overrides = ? LIMIT 1", scan_id))

    def by_hour(self, since: datetime) -> list[HourFlow]:
        """Return who came, went and was refused in each hour from `since`, a midnight, on."""
        rows = self._rows(BY_HOUR, since=_milliseconds(since))
        return [HourFlow(*(int(str(part)) for part in row)) for row in rows]

    def booked(self, scan_ids: Sequence[str]) -> dict[str, datetime]:
        """Return when the backend's receipt of scans came, for those that it has."""
        marks = ", ".join("?" * len(scan_ids))
        query = (
            "SELECT scan_id, booked_at FROM records"  # noqa: S608 - only question marks are put in
            f" WHERE outcome IN ('recorded', 'duplicate') AND scan_id IN ({marks})"
        )
        rows = self._rows(query, *scan_ids)
        return {
            str(scan_id): datetime.fromtimestamp(int(str(at)) / 1000, UTC) for scan_id, at in rows
        }

    def book(self, receipts: Iterable[ScanReceipt], now: datetime) -> None:
        """Note the backend's receipts; one for an unknown scan changes nothing.

        Raises:
            JournalFull: they could not be noted; the scans will be sent again.
        """
        at = _milliseconds(now)
        with self._writing() as (opened, _):
            query = SELECT + "WHERE scan_id = ? AND outcome IS NULL"
            for receipt in receipts:
                found = opened.connection.execute(query, (receipt.scan_id,)).fetchall()
                for row in stored(found):
                    note(opened, row, receipt.outcome.value, receipt.code, at)

    def note_carried(self, digests: Mapping[str, str], now: datetime) -> None:
        """Remember uploads that leave by hand: the digest that each one's receipt must have.

        Raises:
            JournalFull: they could not be noted; no receipt for them would be believed.
        """
        rows = [(request, digest, _milliseconds(now)) for request, digest in digests.items()]
        with self._writing() as (opened, _):
            opened.connection.executemany("INSERT INTO carried VALUES (?, ?, ?)", rows)
            outdated = (_milliseconds(now - CARRIED_KEPT),)
            opened.connection.execute("DELETE FROM carried WHERE made_at < ?", outdated)

    def carried(self, request: str) -> str | None:
        """Return the digest of an upload that left by hand, None where none of that name did."""
        rows = self._rows("SELECT digest FROM carried WHERE request = ?", request)
        return str(rows[0][0]) if rows else None

    def prune(self, before: datetime) -> int:
        """Delete the oldest rows that have their receipt and are from before an instant.

        It stops at the first that has none, or that is not as this reader wrote it.

        Returns:
            How many went: some at a time, so that lanes need not wait for it.
        """
        with self._writing() as (opened, kept):
            chain, pruned = kept, 0
            query = SELECT + "WHERE position > ? ORDER BY position LIMIT ?"
            values = chain.base, _PRUNED_AT_ONCE
            for row in stored(opened.connection.execute(query, values).fetchall()):
                next_base = replace(chain, base=row.position, base_link=row.link)
                receipted = row.outcome in _RECEIPTED and row.scanned_at < _milliseconds(before)
                if not receipted or any(check_rows([row], _until(chain, row), opened.keys)):
                    break
                chain, pruned = next_base, pruned + 1
            if pruned:
                statement = "DELETE FROM records WHERE position <= ?"
                opened.connection.execute(statement, (chain.base,))
                keep_chain(opened, chain)
        return pruned

    def check(self) -> list[JournalFault]:
        """Look at every row and link and return all that was ever not as this reader wrote it.

        A receipt that this reader did not note is forgotten, so that its scan is sent again. Scans
        go on meanwhile.

        Raises:
            JournalFull: the journal cannot be read.
        """
        with self._reading() as opened:
            keys = opened.keys
        try:
            with closing(sqlite3.connect(self._path)) as reading:
                reading.execute("BEGIN")
                chain = kept_chain(reading, keys)
                rows = stored(reading.execute(SELECT + "ORDER BY position"))
                found = list(check_rows(rows, chain, keys)) if chain else []
        except sqlite3.DatabaseError as error:
            raise JournalFull from error
        with self._writing() as (opened, _):
            _name(opened, found)
            for fault in found:
                if fault.kind is FaultKind.RECEIPT_CHANGED:
                    opened.connection.execute(NOTE, (None, None, None, None, fault.position))
        return self.faults()

    def faults(self) -> list[JournalFault]:
        """Return what was ever found to be wrong with this journal."""
        rows = self._rows("SELECT position, kind FROM faults ORDER BY position, kind")
        return [JournalFault(int(str(at)), FaultKind(str(kind))) for at, kind in rows]

    def report(self) -> JournalReport:
        """Return how the journal stands, as the backend is told."""
        [(last,)] = self._rows("SELECT coalesce(max(head), 0) FROM chain")
        faults = [(fault.position, fault.kind.value) for fault in self.faults()]
        return JournalReport(int(str(last)), tuple(faults[:MOST_FAULTS]), self.count_aside())

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _scans(self, condition: str, *values: int | str) -> list[ScanRecord]:
        """Return the scans of rows; one that cannot be opened is left out."""
        found: list[ScanRecord] = []
        with self._reading() as opened:
            for row in stored(opened.connection.execute(SELECT + condition, values)):
                try:
                    found.append(row.opened(opened.keys))
                except Unreadable:
                    continue
        return found

    def _rows(self, query: str, *values: int | str, **named: int) -> Sequence[tuple[object, ...]]:
        with (
            self._reading() as opened,
            closing(opened.connection.execute(query, named or values)) as cursor,
        ):
            return cursor.fetchall()

    @contextmanager
    def _reading(self) -> Iterator[OpenJournal]:
        with self._lock, self._open() as opened:
            yield opened

    @contextmanager
    def _writing(self) -> Iterator[tuple[OpenJournal, Chain]]:
        with self._lock, self._transaction() as found:
            yield found

    @contextmanager
    def _transaction(self) -> Iterator[tuple[OpenJournal, Chain]]:
        with self._open() as opened, opened.connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield opened, kept_chain(connection, opened.keys) or Chain()

    @contextmanager
    def _open(self) -> Iterator[OpenJournal]:
        try:
            if self._opened is None:
                self._opened = open_journal(self._path, self._store)
            yield self._opened
        except sqlite3.DatabaseError as error:
            # A connection that met an I/O error may keep it; the next scan opens a new one.
            self._close()
            raise JournalFull from error

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.connection.close()
            self._opened = None


def _name(opened: OpenJournal, faults: Iterable[JournalFault]) -> None:
    named = [(one.position, one.kind.value) for one in faults]
    opened.connection.executemany("INSERT OR IGNORE INTO faults VALUES (?, ?)", named)


def _until(chain: Chain, row: Row) -> Chain:
    """Return the chain as if it ended with a row."""
    return replace(chain, head=row.position, head_link=row.link)


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
