"""A row of the journal: sealed, and linked to the one before it.

In the clear stands only what counting needs and says of nobody who they are. It is bound to the
sealed scan, and all of it to the row before by a link that nobody makes without the reader's key:
a row that was changed, taken out or put elsewhere breaks it there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reader_service.storage_keys import ALGORITHM, KEY_ID_BYTES, StorageKey, Unreadable
from shared.admission.answer import Verdict
from shared.wire.scans import Direction, InvalidScan, ScanRecord

BEFORE_ALL = bytes(32)
"""What the first row of a journal is linked to."""
UNREADABLE = "unreadable"
"""Stands where a receipt's outcome would: the row is kept, and not sent."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    position     INTEGER PRIMARY KEY,
    scan_id      TEXT NOT NULL UNIQUE,
    scanned_at   INTEGER NOT NULL,  -- unix milliseconds
    came         INTEGER NOT NULL,  -- persons
    went         INTEGER NOT NULL,
    refused      INTEGER NOT NULL,
    annuls       TEXT,              -- a scan_id
    overrides    TEXT,              -- a scan_id
    counts       INTEGER NOT NULL,  -- 1: it uses a booking or pass, or annuls
    key_id       BLOB NOT NULL,
    algorithm    TEXT NOT NULL,
    sealed       BLOB NOT NULL,     -- nonce, then position and scan
    link         BLOB NOT NULL,
    outcome      TEXT,              -- the receipt's; NULL is unsent
    code         TEXT,              -- why the backend rejected it
    booked_at    INTEGER,           -- unix milliseconds of the receipt
    outcome_seal BLOB               -- key id and link over the receipt's words
);
CREATE INDEX IF NOT EXISTS unsent_records ON records (position) WHERE outcome IS NULL;
CREATE INDEX IF NOT EXISTS records_by_time ON records (scanned_at);
CREATE INDEX IF NOT EXISTS annulments ON records (annuls) WHERE annuls IS NOT NULL;
CREATE INDEX IF NOT EXISTS overrides ON records (overrides) WHERE overrides IS NOT NULL;
CREATE TABLE IF NOT EXISTS chain (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    base     INTEGER NOT NULL,  -- the last position that was pruned, 0 for none
    base_link BLOB NOT NULL,
    head     INTEGER NOT NULL,  -- the last position
    head_link BLOB NOT NULL,
    key_id   BLOB NOT NULL,
    seal     BLOB NOT NULL
);
"""
COLUMNS = (
    "position, scan_id, scanned_at, came, went, refused, annuls, overrides, counts, key_id,"
    " algorithm, sealed, link, outcome, code, booked_at, outcome_seal"
)
INSERT = f"INSERT INTO records ({COLUMNS}) VALUES ({', '.join('?' * 17)})"  # noqa: S608 - own names
Keys = Mapping[bytes, StorageKey]


class FaultKind(StrEnum):
    """What is wrong with a row, or with the chain of them."""

    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "moved"
    RECEIPT_CHANGED = "receipt_changed"
    UNREADABLE = "unreadable"
    END_CHANGED = "end_changed"


@dataclass(frozen=True, slots=True)
class JournalFault:
    """One place where the journal is not what this reader wrote."""

    position: int
    kind: FaultKind


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is stored."""

    position: int
    scan_id: str
    scanned_at: int
    came: int
    went: int
    refused: int
    annuls: str | None
    overrides: str | None
    counts: int
    key_id: bytes
    algorithm: str
    sealed: bytes
    link: bytes = b""
    outcome: str | None = None
    code: str | None = None
    booked_at: int | None = None
    outcome_seal: bytes | None = None

    def opened(self, keys: Keys) -> ScanRecord:
        """Return the scan.

        Raises:
            Unreadable: its key is not here, it was changed, or it belongs to another position.
        """
        position, scan = self.content(keys)
        if position != self.position:
            raise Unreadable
        return scan

    def content(self, keys: Keys) -> tuple[int, ScanRecord]:
        """Return what is sealed: the position that it was written for, and the scan."""
        key = keys.get(self.key_id)
        if key is None or self.algorithm != ALGORITHM:
            raise Unreadable
        plain = key.open(self.sealed, self._facts())
        try:
            return int.from_bytes(plain[:8]), ScanRecord.of_wire(json.loads(plain[8:]))
        except (ValueError, InvalidScan) as error:
            raise Unreadable from error

    def made_link(self, key: StorageKey, before: bytes) -> bytes:
        """Return the link that this row must have after `before`."""
        return key.link(b"row", before, self.position.to_bytes(8), self._facts(), self.sealed)

    def made_seal(self, key: StorageKey) -> bytes:
        """Return what shows that this reader wrote down the receipt."""
        told = json.dumps([self.outcome, self.code, self.booked_at]).encode()
        return key.key_id + key.link(b"receipt", self.link, told)

    def receipt_stands(self, keys: Keys) -> bool:
        """Tell whether outcome, code and time are what this reader wrote, or there is none."""
        if self.outcome is None:
            return True
        seal = self.outcome_seal or b""
        key = keys.get(seal[:KEY_ID_BYTES])
        return key is not None and self.made_seal(key) == seal

    def _facts(self) -> bytes:
        facts: list[Any] = [self.scan_id, self.scanned_at, self.came, self.went, self.refused]
        facts += [self.annuls, self.overrides, self.counts, self.key_id.hex(), self.algorithm]
        return json.dumps(facts).encode()


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the rows begin and end."""

    base: int = 0
    base_link: bytes = BEFORE_ALL
    head: int = 0
    head_link: bytes = BEFORE_ALL

    def made_seal(self, key: StorageKey) -> bytes:
        """Return what shows that this reader wrote it."""
        places = self.base.to_bytes(8), self.base_link, self.head.to_bytes(8), self.head_link
        return key.link(b"chain", *places)


def made_row(scan: ScanRecord, position: int, before: bytes, key: StorageKey) -> Row:
    """Return the row of a scan."""
    counted = scan.annuls is None
    over = scan.detail.get("over")
    fields: dict[str, Any] = {
        "position": position,
        "scan_id": scan.scan_id,
        "scanned_at": scan.scanned_at,
        "came": scan.persons if scan.direction is Direction.IN else 0,
        "went": scan.persons if scan.direction is Direction.OUT else 0,
        "refused": int(counted and scan.verdict is Verdict.REFUSE),
        "annuls": scan.annuls,
        "overrides": over if isinstance(over, str) else None,
        "counts": int(bool(scan.counted_on) or not counted),
        "key_id": key.key_id,
        "algorithm": ALGORITHM,
    }
    bound = Row(**fields, sealed=b"")._facts()
    plain = position.to_bytes(8) + json.dumps(scan.to_wire()).encode()
    row = Row(**fields, sealed=key.seal(plain, bound))
    return Row(**fields, sealed=row.sealed, link=row.made_link(key, before))


def check_rows(rows: Iterable[Row], chain: Chain, keys: Keys) -> Iterator[JournalFault]:
    """Name every place where rows, in their order, are not what this reader wrote."""
    position, before = chain.base, chain.base_link
    for row in rows:
        for missing in range(position + 1, min(row.position, position + 101)):
            yield JournalFault(missing, FaultKind.REMOVED)
        key = keys.get(row.key_id)
        gap = row.position != position + 1
        if key is None:
            yield JournalFault(row.position, FaultKind.UNREADABLE)
        elif not (_readable(row, keys) if gap else row.made_link(key, before) == row.link):
            yield JournalFault(row.position, _kind(row, keys))
        if not row.receipt_stands(keys):
            yield JournalFault(row.position, FaultKind.RECEIPT_CHANGED)
        position, before = row.position, row.link
    for missing in range(position + 1, min(chain.head + 1, position + 101)):
        yield JournalFault(missing, FaultKind.REMOVED)
    if position > chain.head or (position == chain.head and before != chain.head_link):
        yield JournalFault(position, FaultKind.END_CHANGED)


def _kind(row: Row, keys: Keys) -> FaultKind:
    try:
        position, _ = row.content(keys)
    except Unreadable:
        return FaultKind.CHANGED
    return FaultKind.CHANGED if position == row.position else FaultKind.MOVED


def _readable(row: Row, keys: Keys) -> bool:
    try:
        row.opened(keys)
    except Unreadable:
        return False
    return True
