"""The venue's offline set on this reader: sealed on the disk, opened by what is shown.

Kept as the signed bytes that came, a whole set and the deltas after it, and verified again when
they are read back. The key for physical cards stays in memory: after a restart they are known again
with the next contact.
"""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from reader_service.storage_keys import Sealing, Unreadable
from shared.ecode.certificate import CertificateClaims
from shared.trust.trust_list import Untrusted
from shared.wire.offline_set import (
    Holdings,
    OfflineSet,
    RecordKey,
    applied,
    card_secret,
    open_record,
    phone_secret,
    record_key,
)

_log = logging.getLogger(__name__)

MOST_DELTAS = 200
_SCHEMA = """
CREATE TABLE IF NOT EXISTS offline_parts (
    position INTEGER PRIMARY KEY AUTOINCREMENT,  -- a whole set, then deltas
    body     BLOB NOT NULL,
    came_at  INTEGER NOT NULL                    -- unix seconds
);
CREATE TABLE IF NOT EXISTS offline_state (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    etag         TEXT,
    asked_at     INTEGER NOT NULL,  -- unix milliseconds
    confirmed_at INTEGER NOT NULL   -- unix seconds
);
"""
_BOUND = b"offline-part"
Verify = Callable[[bytes, datetime], OfflineSet]
"""Verifies a set or delta as of an instant; raises `Untrusted`."""


@dataclass(frozen=True, slots=True)
class HeldSet:
    """The set in use, and when this reader asked for what it is now.

    What the backend had booked of this reader's entries by `asked_at` is counted in it.
    """

    content: OfflineSet
    etag: str | None
    asked_at: datetime
    confirmed_at: datetime
    card_key: bytes | None = field(default=None, repr=False)

    @property
    def issued_at(self) -> datetime:
        """When the backend made it."""
        return self.content.issued_at

    @property
    def valid_until(self) -> datetime:
        """The end of the time it covers."""
        return self.content.valid_until

    def of_code(self, claims: CertificateClaims) -> Holdings:
        """Return what the holder of a verified code has here.

        Raises:
            Untrusted: their record is damaged.
        """
        device = claims.device_serial, claims.device_key
        return self._opened(phone_secret(claims.region, claims.card_index, *device))

    def of_card(self, digest: bytes) -> Holdings | None:
        """Return what the holder of a physical card has here, None where it cannot be known.

        Raises:
            Untrusted: their record is damaged.
        """
        return self._opened(card_secret(digest, self.card_key)) if self.card_key else None

    def _opened(self, secret: bytes) -> Holdings:
        key: RecordKey = record_key(self.content.salt, self.content.venue, secret)
        sealed = self.content.records.get(key.locator)
        return open_record(key, sealed) if sealed is not None else Holdings()


@dataclass(frozen=True, slots=True)
class OfferedSet:
    """What the backend answered: `body` None says that the set in use is the newest."""

    body: bytes | None
    etag: str | None
    card_key: bytes | None
    asked_at: datetime
    came_at: datetime


class OfflineHoldings:
    """The set on the disk and in memory; read from any thread, offered to from one."""

    def __init__(self, path: Path, sealing: Sealing) -> None:
        self._path = path
        self._sealing = sealing
        self._parts = 0
        self._part_bytes = (0, 0)
        self.in_use: HeldSet | None = None

    @property
    def known_etag(self) -> str | None:
        """What to ask for changes since, None where a whole set is wanted.

        A chain of deltas that grew long or large is given up for a whole set.
        """
        whole, deltas = self._part_bytes
        if self.in_use is None or self._parts > MOST_DELTAS or deltas > max(whole, 2**16):
            return None
        return self.in_use.etag

    def load(self, verify: Verify) -> None:
        """Read back what is on the disk, as of when each part came.

        Raises:
            Untrusted: a part is not what it was; nothing of it is used.
        """
        with closing(self._open()) as connection:
            rows = connection.execute(
                "SELECT body, came_at FROM offline_parts ORDER BY position"
            ).fetchall()
            state = connection.execute(
                "SELECT etag, asked_at, confirmed_at FROM offline_state"
            ).fetchone()
        if not rows or state is None:
            return
        content: OfflineSet | None = None
        for body, came_at in rows:
            part = verify(self._opened(body), datetime.fromtimestamp(came_at, UTC))
            content = applied(content, part)
        if content is None:
            return
        etag, asked_at, confirmed_at = state
        self.in_use = HeldSet(
            content,
            etag,
            datetime.fromtimestamp(asked_at / 1000, UTC),
            datetime.fromtimestamp(confirmed_at, UTC),
        )
        self._parts = len(rows)
        self._part_bytes = (len(rows[0][0]), sum(len(body) for body, _ in rows[1:]))

    def offer(self, offered: OfferedSet, verify: Verify) -> None:
        """Take a set, a delta or the word that there is none into use and onto the disk.

        Raises:
            Untrusted: it is not to be believed, older than the one in use, or of a set that is not
                here (`base_missing`); the one in use stays.
        """
        in_use = self.in_use
        if offered.body is None:
            if in_use is None:
                raise Untrusted("base_missing")
            content, whole = in_use.content, False
        else:
            part = verify(offered.body, offered.came_at)
            content = applied(in_use.content if in_use else None, part)
            whole = part.base_epoch == 0
        etag = in_use.etag if in_use and offered.body is None else offered.etag
        card_key = offered.card_key
        if card_key is None and in_use and in_use.content.salt == content.salt:
            card_key = in_use.card_key
        self.in_use = HeldSet(content, etag, offered.asked_at, offered.came_at, card_key)
        if offered.body is not None:
            size = len(offered.body)
            base, deltas = self._part_bytes
            self._part_bytes = (size, 0) if whole else (base, deltas + size)
            self._parts = 1 if whole else self._parts + 1
        self._save(offered, etag, whole=whole)

    def forget_etag(self) -> None:
        """Ask for a whole set next."""
        if self.in_use is not None:
            self.in_use = replace(self.in_use, etag=None)

    def _save(self, offered: OfferedSet, etag: str | None, *, whole: bool) -> None:
        """Write to the disk, all or nothing; a full one costs the memory after a restart."""
        came = int(offered.came_at.timestamp())
        try:
            with closing(self._open()) as connection, connection:
                if whole:
                    connection.execute("DELETE FROM offline_parts")
                if offered.body is not None:
                    part = (self._sealing.seal(offered.body, _BOUND), came)
                    connection.execute(
                        "INSERT INTO offline_parts (body, came_at) VALUES (?, ?)", part
                    )
                asked = int(offered.asked_at.timestamp() * 1000)
                connection.execute(
                    "INSERT OR REPLACE INTO offline_state VALUES (1, ?, ?, ?)", (etag, asked, came)
                )
        except (sqlite3.OperationalError, Unreadable):
            # The next delta would not fit what is on the disk: after a restart it starts whole.
            _log.warning("offline set not saved: no room on the disk, or no key")
            self.forget_etag()

    def _opened(self, stored: bytes) -> bytes:
        try:
            return self._sealing.open(stored, _BOUND)
        except Unreadable as error:
            raise Untrusted("unreadable") from error

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.executescript(_SCHEMA)
        return connection
