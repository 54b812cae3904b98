"""A status list ready for look-ups, and kept in that form so that a restart need not unpack it.

Unpacking the list of 90 million cards takes half a second of a small machine's processor; what it
comes to is loaded in milliseconds. The prepared form is sealed with the device's own key and bound
to the digest of the signed bytes, whose signature is checked at each start all the same.
"""

import logging
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from pyroaring import BitMap64

from reader_service.storage_keys import Sealing, Unreadable
from shared.ecode.verify import CardStatus
from shared.trust.status_list import SignedStatusList, card_number_of, device_number

_log = logging.getLogger(__name__)
_SCHEMA = "CREATE TABLE IF NOT EXISTS prepared (kind TEXT PRIMARY KEY, body BLOB NOT NULL)"
_KIND = "status-list"
_BOUND = b"prepared status-list 1"


class StatusBitmaps:
    """A status list ready for look-ups: roaring bitmaps, 65-100 ns each."""

    def __init__(self, signed: SignedStatusList, bitmaps: list[BitMap64]) -> None:
        """Take the bitmaps of the list's sections, in their order."""
        self.region = signed.region
        self.epoch = signed.epoch
        self.issued_at = signed.issued_at
        self.valid_until = signed.valid_until
        self._bitmaps = bitmaps
        self._revoked, self._suspended, self._unbound_devices = bitmaps[:3]
        self._revoked_cards, self._suspended_cards = bitmaps[3:]

    @classmethod
    def unpacked(cls, signed: SignedStatusList) -> "StatusBitmaps":
        """Make them of the signed numbers.

        Raises:
            Untrusted: `malformed`.
        """
        sections = signed.unpacked().sections
        numbers = (
            sections.revoked,
            sections.suspended,
            sections.unbound_devices,
            sections.revoked_cards,
            sections.suspended_cards,
        )
        return cls(signed, [BitMap64(section) for section in numbers])

    @classmethod
    def of_bytes(cls, signed: SignedStatusList, data: bytes) -> "StatusBitmaps":
        """Make them of what `to_bytes` returned."""
        bitmaps = []
        while data:
            end = 4 + int.from_bytes(data[:4])
            bitmaps.append(BitMap64.deserialize(data[4:end]))
            data = data[end:]
        return cls(signed, bitmaps)

    def to_bytes(self) -> bytes:
        """Return the bitmaps; only for this reader's own disk."""
        parts = [bitmap.serialize() for bitmap in self._bitmaps]
        return b"".join(len(part).to_bytes(4) + part for part in parts)

    def status(self, region: int, card_index: int, device_serial: int) -> CardStatus:
        """Return what the list says of a card and its phone (see `StatusLookup`)."""
        if region != self.region:
            return CardStatus.ACTIVE
        if card_index in self._revoked:
            return CardStatus.REVOKED
        if card_index in self._suspended:
            return CardStatus.SUSPENDED
        if device_number(card_index, device_serial) in self._unbound_devices:
            return CardStatus.DEVICE_UNBOUND
        return CardStatus.ACTIVE

    def card_status(self, digest: bytes) -> CardStatus:
        """Return what the list says of a physical card, by its `card_digest`."""
        number = card_number_of(digest)
        if number in self._revoked_cards:
            return CardStatus.REVOKED
        return CardStatus.SUSPENDED if number in self._suspended_cards else CardStatus.ACTIVE


class PreparedLists:
    """The prepared form of the list in use, beside the signed one on the disk."""

    def __init__(self, path: Path, sealing: Sealing) -> None:
        self._path = path
        self._sealing = sealing

    def bitmaps(self, signed: SignedStatusList, body: bytes) -> StatusBitmaps:
        """Return a verified list ready for look-ups; `body` is all of its bytes.

        Raises:
            Untrusted: `malformed`.
        """
        bound = _BOUND + sha256(body).digest()
        data = self._load(bound)
        if data is not None:
            return StatusBitmaps.of_bytes(signed, data)
        made = StatusBitmaps.unpacked(signed)
        self._save(made.to_bytes(), bound)
        return made

    def _load(self, bound: bytes) -> bytes | None:
        try:
            with closing(self._open()) as connection:
                rows = connection.execute("SELECT body FROM prepared WHERE kind = ?", (_KIND,))
                found = rows.fetchone()
            if found is None or self._sealing.is_plain(found[0]):
                return None
            return self._sealing.open(found[0], bound)
        except (sqlite3.OperationalError, Unreadable):
            return None  # It was of another list, or is no longer ours to read: made again.

    def _save(self, data: bytes, bound: bytes) -> None:
        try:
            sealed = self._sealing.seal(data, bound)
            with closing(self._open()) as connection, connection:
                statement = "INSERT OR REPLACE INTO prepared VALUES (?, ?)"
                connection.execute(statement, (_KIND, sealed))
        except (sqlite3.OperationalError, Unreadable):
            _log.warning("prepared list not saved: the next start takes longer")

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        connection.execute(_SCHEMA)
        return connection
