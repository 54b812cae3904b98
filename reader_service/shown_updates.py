"""The update code 更新码 that was shown to a lane: what it stops, beside the status list in use."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from reader_service.storage_keys import Sealing, Unreadable
from shared.ecode.verify import CardStatus
from shared.trust.list_update import ListUpdate
from shared.trust.status_list import device_number
from shared.trust.trust_list import Untrusted

_log = logging.getLogger(__name__)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS shown_update (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    body    BLOB NOT NULL,
    came_at INTEGER NOT NULL  -- unix seconds
);
"""
_BOUND = b"shown-update"
Verify = Callable[[str, datetime], ListUpdate]
"""Verifies an update code as of an instant; raises `Untrusted`."""


class ShownUpdates:
    """The newest update code on the disk and in memory; read from any thread."""

    def __init__(self, path: Path, sealing: Sealing) -> None:
        self._path = path
        self._sealing = sealing
        self._revoked: frozenset[int] = frozenset()
        self._suspended: frozenset[int] = frozenset()
        self._unbound: frozenset[int] = frozenset()
        self.in_use: ListUpdate | None = None

    def load(self, verify: Verify) -> None:
        """Read back what is on the disk, as of when it came; what is not genuine is not used."""
        with closing(self._open()) as connection:
            row = connection.execute("SELECT body, came_at FROM shown_update").fetchone()
        if row is None:
            return
        try:
            text = self._sealing.open(row[0], _BOUND).decode("ascii")
            self._use(verify(text, datetime.fromtimestamp(row[1], UTC)))
        except (Untrusted, Unreadable, UnicodeDecodeError):
            _log.warning("the shown update cannot be believed any more")

    def offer(self, text: str, verify: Verify, newest: datetime | None, now: datetime) -> None:
        """Take an update into use and onto the disk; `newest` is when the status list was made.

        Raises:
            Untrusted: it is not to be believed, or older than the list or update in use.
        """
        update, before = verify(text, now), self.in_use
        known = [one for one in (newest, before.issued_at if before else None) if one is not None]
        if any(update.issued_at < one for one in known):
            raise Untrusted("older")
        self._use(update)
        try:
            row = (1, self._sealing.seal(text.encode("ascii"), _BOUND), int(now.timestamp()))
            with closing(self._open()) as connection, connection:
                connection.execute("INSERT OR REPLACE INTO shown_update VALUES (?, ?, ?)", row)
        except (sqlite3.OperationalError, Unreadable):
            # A full disk costs the memory after a restart, no more.
            _log.warning("shown update not saved: no room on the disk, or no key")

    def status(
        self, region: int, card_index: int, device_serial: int, newest: datetime | None
    ) -> CardStatus:
        """Return what the update says of a phone's card, nothing where the status list is newer."""
        update = self.in_use
        if update is None or region != update.region or (newest and newest > update.issued_at):
            return CardStatus.ACTIVE
        if card_index in self._revoked:
            return CardStatus.REVOKED
        if card_index in self._suspended:
            return CardStatus.SUSPENDED
        unbound = device_number(card_index, device_serial) in self._unbound
        return CardStatus.DEVICE_UNBOUND if unbound else CardStatus.ACTIVE

    def _use(self, update: ListUpdate) -> None:
        self._revoked, self._suspended, self._unbound = (
            frozenset(one) for one in (update.revoked, update.suspended, update.unbound)
        )
        self.in_use = update

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        return connection
