"""The journal's file: opening it with its keys, the end of its chain, journals of before."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from reader_service.journal_rows import (
    COLUMNS,
    INSERT,
    SCHEMA,
    Chain,
    FaultKind,
    Keys,
    Row,
    made_row,
)
from reader_service.storage_keys import CREDENTIAL, KeyNotMade, KeyStore, KeysUnusable, StorageKey
from shared.ecode.reasons import Reason
from shared.wire.scans import InvalidScan, ScanRecord

_SCHEMA = f"""
{SCHEMA}
CREATE TABLE IF NOT EXISTS faults (
    position INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    PRIMARY KEY (position, kind)
);
CREATE TABLE IF NOT EXISTS carried (
    request  TEXT PRIMARY KEY,  -- an upload's name
    digest   TEXT NOT NULL,     -- what its receipt must say was taken
    made_at  INTEGER NOT NULL   -- unix milliseconds
);
"""
SELECT = f"SELECT {COLUMNS} FROM records "  # noqa: S608 - own names
NOTE = (
    "UPDATE records SET outcome = ?, code = ?, booked_at = ?, outcome_seal = ? WHERE position = ?"
)

BY_HOUR = """
SELECT (scanned_at - :since) / 3600000 AS hour, sum(came), sum(went), sum(refused)
FROM records
WHERE scanned_at >= :since AND scanned_at < :since + 86400000 AND annuls IS NULL
    AND scan_id NOT IN (
        SELECT annuls FROM records WHERE scanned_at >= :since AND annuls IS NOT NULL
    )
GROUP BY hour ORDER BY hour
"""


class JournalFull(Exception):
    """The file cannot be written, or not even read: full, read-only or broken storage."""

    reason = Reason.JOURNAL_FULL


class JournalLocked(JournalFull):
    """The key that this journal was written with is not here; nothing of it is touched."""

    reason = Reason.JOURNAL_LOCKED


JOURNAL_FAULTS = frozenset({JournalFull.reason, JournalLocked.reason})
"""Why nothing can be recorded, so that nothing may be opened."""


@dataclass(slots=True)
class OpenJournal:
    """The file, and the keys of its rows."""

    connection: sqlite3.Connection
    keys: Keys = field(repr=False)
    current: StorageKey = field(repr=False)


def open_journal(path: Path, store: KeyStore) -> OpenJournal:
    """Open a journal, or begin one; what a journal of before holds in the clear is moved over.

    Raises:
        JournalLocked: it was written with a key that is not here.
        sqlite3.DatabaseError: it cannot be used.
    """
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.executescript(_SCHEMA)
        keys = _keys(connection, store)
        opened = OpenJournal(connection, keys, next(iter(keys.values())))
        _see_to_the_end(opened)
        _move_over(opened)
    except BaseException:
        connection.close()
        raise
    return opened


def set_aside(path: Path, store: KeyStore, now: datetime) -> Path | None:
    """Keep a journal that cannot be opened under another name, so that a new one can begin.

    Returns:
        The name, None where it can be opened and stays.

    Raises:
        KeyNotMade: there is no usable key for a new one, and none can be made from here.
        OSError: the files cannot be renamed.
    """
    try:
        open_journal(path, store).connection.close()
    except JournalLocked:
        pass
    else:
        return None
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    try:
        usable = bool(store.keys())
    except KeysUnusable:
        usable = False
        store.put_aside(f"{CREDENTIAL}.{stamp}")
    if not usable:
        store.make()
    for end in ("-wal", "-shm", ""):
        file = path.with_name(path.name + end)
        if file.exists():
            file.rename(file.with_name(f"{path.stem}.{stamp}{path.suffix}{end}"))
    return path.with_name(f"{path.stem}.{stamp}{path.suffix}")


def kept_chain(connection: sqlite3.Connection, keys: Keys) -> Chain | None:
    """Return where the rows begin and end, None where nothing that this reader wrote says so."""
    query = "SELECT base, base_link, head, head_link, key_id, seal FROM chain"
    found = connection.execute(query).fetchone()
    if found is None:
        return None
    chain, key = Chain(*found[:4]), keys.get(found[4])
    return chain if key is not None and chain.made_seal(key) == found[5] else None


def keep_chain(opened: OpenJournal, chain: Chain) -> None:
    """Write down where the rows begin and end."""
    key = opened.current
    values = (1, *astuple(chain), key.key_id, chain.made_seal(key))
    opened.connection.execute("INSERT OR REPLACE INTO chain VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def stored(rows: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    """Return rows as they were selected."""
    return (Row(*row) for row in rows)


def note(opened: OpenJournal, row: Row, outcome: str, code: str | None, at: int) -> None:
    """Write down what became of a row."""
    noted = replace(row, outcome=outcome, code=code, booked_at=at)
    values = (outcome, code, at, noted.made_seal(opened.current), row.position)
    opened.connection.execute(NOTE, values)


def _keys(connection: sqlite3.Connection, store: KeyStore) -> Keys:
    last = "SELECT key_id FROM records ORDER BY position DESC LIMIT 1"
    written = connection.execute("SELECT key_id FROM chain").fetchall()
    written += connection.execute(last).fetchall()
    try:
        keys = store.keys()
        if not keys and not written:
            made = store.make()
            keys = {made.key_id: made}
    except (KeysUnusable, KeyNotMade) as error:
        raise JournalLocked from error
    except OSError as error:
        raise JournalFull from error
    if not keys or any(key_id not in keys for (key_id,) in written):
        raise JournalLocked
    return keys


def _see_to_the_end(opened: OpenJournal) -> None:
    """Name a word about the end that is gone, changed or of before; go on after the last row."""
    connection = opened.connection
    kept = kept_chain(connection, opened.keys)
    last = connection.execute(SELECT + "ORDER BY position DESC LIMIT 1").fetchall()
    rows = list(stored(last))
    if kept is not None and all(row.position <= kept.head for row in rows):
        return
    first = connection.execute("SELECT min(position) FROM records").fetchone()[0]
    told = connection.execute("SELECT count(*) FROM chain").fetchone()[0]
    if not rows and not told:
        return
    chain = kept or Chain()
    for row in rows:
        begins = chain if kept else Chain(first - 1)
        chain = replace(begins, head=row.position, head_link=row.link)
    with connection:
        keep_chain(opened, chain)
        fault = (chain.head, FaultKind.END_CHANGED.value)
        connection.execute("INSERT OR IGNORE INTO faults VALUES (?, ?)", fault)


def _move_over(opened: OpenJournal) -> None:
    """Seal and link what a journal of before holds in the clear, and wipe that."""
    connection = opened.connection
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'scans'"
    if connection.execute(query).fetchone() is None:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        chain = kept_chain(connection, opened.keys) or Chain()
        before = "SELECT scan, outcome, code, booked_at FROM scans ORDER BY position"
        for text, outcome, code, at in connection.execute(before).fetchall():
            try:
                scan = ScanRecord.of_wire(json.loads(text))
            except (ValueError, InvalidScan):
                continue  # No reader wrote that, and no backend would book it.
            row = made_row(scan, chain.head + 1, chain.head_link, opened.current)
            connection.execute(INSERT, astuple(row))
            if outcome is not None:
                note(opened, row, outcome, code, at)
            chain = replace(chain, head=row.position, head_link=row.link)
        keep_chain(opened, chain)
        connection.execute("DROP TABLE scans")
    # Zeroed pages may still stand before in the write-ahead log.
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
