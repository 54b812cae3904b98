"""The journal: every answer a lane gave, durable before a gate opens, kept until it is booked.

SQLite in WAL mode with ``synchronous=FULL``: a commit returns when the row is on the disk. A row
leaves the state "unsent" only by the backend's receipt.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from shared.wire.flow import HourFlow
from shared.wire.scans import ScanReceipt, ScanRecord

_SCHEMA = """
CREATE TABLE IF NOT EXISTS scans (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    scan_id    TEXT NOT NULL UNIQUE,
    scanned_at INTEGER NOT NULL,  -- unix milliseconds
    scan       TEXT NOT NULL,     -- as it goes over the wire
    outcome    TEXT,              -- the receipt's; NULL is unsent
    code       TEXT,              -- why the backend rejected it
    booked_at  INTEGER            -- unix milliseconds of the receipt
);
CREATE INDEX IF NOT EXISTS unsent ON scans (position) WHERE outcome IS NULL;
CREATE INDEX IF NOT EXISTS by_time ON scans (scanned_at);
"""

_BY_HOUR = """
WITH passed AS (
    SELECT
        (scanned_at - :since) / 3600000 AS hour,
        scan ->> '$.direction' AS direction,
        scan ->> '$.verdict' AS verdict,
        coalesce(scan ->> '$.admits', scan ->> '$.party', 1) AS persons
    FROM scans
    WHERE scanned_at >= :since AND scanned_at < :since + 86400000
        AND scan ->> '$.annuls' IS NULL
        AND scan_id NOT IN (
            SELECT scan ->> '$.annuls' FROM scans
            WHERE scanned_at >= :since AND scan ->> '$.annuls' IS NOT NULL
        )
)
SELECT
    hour,
    sum(iif(verdict IN ('admit', 'look') AND coalesce(direction, 'in') = 'in', persons, 0)),
    sum(iif(verdict IN ('admit', 'look') AND direction = 'out', persons, 0)),
    sum(verdict = 'refuse')
FROM passed GROUP BY hour ORDER BY hour
"""


class JournalFull(Exception):
    """The file cannot be written, or not even read: full, read-only or broken storage."""


class Journal:
    """The scans of all lanes of a process; may be used from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def append(self, *scans: ScanRecord) -> None:
        """Add scans, all or none; they are on the disk when this returns.

        Raises:
            JournalFull: they are not.
        """
        rows = [(s.scan_id, s.scanned_at, json.dumps(s.to_wire())) for s in scans]
        with self._lock:
            try:
                with self._open() as connection:
                    connection.executemany(
                        "INSERT INTO scans (scan_id, scanned_at, scan) VALUES (?, ?, ?)", rows
                    )
            except sqlite3.DatabaseError as error:
                # A connection that met an I/O error may keep it; the next scan opens a new one.
                self._close()
                raise JournalFull from error

    def unsent(self, limit: int) -> list[ScanRecord]:
        """Return the oldest scans without a receipt."""
        query = "SELECT scan FROM scans WHERE outcome IS NULL ORDER BY position LIMIT ?"
        return _scans(self._rows(query, limit))

    def count_unsent(self) -> int:
        """Return how many scans have no receipt yet."""
        [(count,)] = self._rows("SELECT count(*) FROM scans WHERE outcome IS NULL")
        return int(str(count))

    def since(self, instant: datetime) -> list[ScanRecord]:
        """Return the scans from `instant` on, oldest first."""
        query = "SELECT scan FROM scans WHERE scanned_at >= ? ORDER BY position"
        return _scans(self._rows(query, int(instant.timestamp() * 1000)))

    def counting_since(self, instant: datetime) -> list[ScanRecord]:
        """Return the scans from `instant` on that use a booking or pass, or annul one; in order."""
        query = (
            "SELECT scan FROM scans WHERE scanned_at >= ?"
            " AND (json_array_length(scan, '$.counted_on') > 0"
            " OR json_extract(scan, '$.annuls') IS NOT NULL) ORDER BY position"
        )
        return _scans(self._rows(query, int(instant.timestamp() * 1000)))

    def find(self, scan_id: str) -> ScanRecord | None:
        """Return one scan."""
        query = "SELECT scan FROM scans WHERE scan_id = ?"
        return next(iter(_scans(self._rows(query, scan_id))), None)

    def is_annulled(self, scan_id: str) -> bool:
        """Tell whether a later scan annuls this one."""
        return self._followed(scan_id, "$.annuls")

    def is_overridden(self, scan_id: str) -> bool:
        """Tell whether staff let somebody through by hand against this one."""
        return self._followed(scan_id, "$.detail.over")

    def _followed(self, scan_id: str, path: str) -> bool:
        query = (
            "SELECT 1 FROM scans WHERE scanned_at >="
            " (SELECT scanned_at FROM scans WHERE scan_id = ?)"
            " AND json_extract(scan, ?) = ? LIMIT 1"
        )
        return bool(self._rows(query, scan_id, path, scan_id))

    def by_hour(self, since: datetime) -> list[HourFlow]:
        """Return who came, went and was refused in each hour from `since`, a midnight, on."""
        rows = self._rows(_BY_HOUR, since=int(since.timestamp() * 1000))
        return [HourFlow(*(int(str(part)) for part in row)) for row in rows]

    def booked(self, scan_ids: Sequence[str]) -> dict[str, datetime]:
        """Return when the backend's receipt of scans came, for those that it has."""
        marks = ", ".join("?" * len(scan_ids))
        query = (
            "SELECT scan_id, booked_at FROM scans"  # noqa: S608 - only question marks are put in
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
        at = int(now.timestamp() * 1000)
        rows = [(r.outcome.value, r.code, at, r.scan_id) for r in receipts]
        update = (
            "UPDATE scans SET outcome = ?, code = ?, booked_at = ?"
            " WHERE scan_id = ? AND outcome IS NULL"
        )
        with self._lock:
            try:
                with self._open() as connection:
                    connection.executemany(update, rows)
            except sqlite3.DatabaseError as error:
                self._close()
                raise JournalFull from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _rows(self, query: str, *values: int | str, **named: int) -> Sequence[tuple[object, ...]]:
        with self._lock:
            try:
                with closing(self._open().execute(query, named or values)) as cursor:
                    return cursor.fetchall()
            except sqlite3.DatabaseError as error:
                self._close()
                raise JournalFull from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _scans(rows: Iterable[tuple[object, ...]]) -> list[ScanRecord]:
    return [ScanRecord.of_wire(json.loads(str(text))) for (text,) in rows]
