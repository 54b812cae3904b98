"""What the reader knows when it is offline: its lists, its venue's manifest, its own standing.

Each is kept as the signed bytes that came, with its ETag and when it came, and is verified again
when it is read back: a changed file is as bad as a forged download. An offer that is forged, older
than the one in use or meant for others is refused and the old one stays.
"""

import logging
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from reader_service.offline_holdings import OfferedSet, OfflineHoldings
from reader_service.shown_updates import ShownUpdates
from reader_service.status_bitmaps import PreparedLists
from reader_service.storage_keys import (
    CREDENTIAL,
    FileKeyStore,
    KeyStore,
    Sealing,
    Unreadable,
)
from reader_service.trusted_lists import (
    Lists,
    newer_functions,
    newer_manifest,
    newer_standing,
    newer_status,
    refuse_older,
    region_of,
)
from shared.ecode.algorithms import PublicKey
from shared.ecode.verify import CardStatus, NoIssuerKey
from shared.trust.list_update import ListUpdate, read_list_update
from shared.trust.trust_list import TrustList, Untrusted, read_trust_list
from shared.wire.enrolment import TerminalEnrolment
from shared.wire.offline_set import OfflineSet, decode_offline_set
from shared.wire.scan_receipt import SignedReceipt, read_scan_receipt
from shared.wire.venue_bundle import part_of, read_bundle, split_bundle

_log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    kind       TEXT PRIMARY KEY,
    body       BLOB NOT NULL,
    etag       TEXT,
    fetched_at INTEGER NOT NULL,   -- unix seconds
    confirmed_at INTEGER NOT NULL  -- when the backend last said that this is the newest
);
"""


class Kind(StrEnum):
    """The documents, in the order in which one vouches for the next.

    A function list is there only where the venue's manifest asks for a card function, an offline
    set only where its rules ask for bookings or passes.
    """

    TRUST_LIST = "trust-list"
    TERMINAL_STANDING = "terminal-standing"
    MANIFEST = "manifest"
    FUNCTION_LIST = "function-list"
    STATUS_LIST = "status-list"
    OFFLINE_SET = "offline-set"


@dataclass(frozen=True, slots=True)
class Held:
    """How the backend calls a document's state, and when it last said that it is the newest."""

    etag: str | None
    confirmed_at: datetime


class Snapshot:
    """The documents on disk and in memory; read from any thread, offered to from one."""

    def __init__(
        self, path: Path, enrolment: TerminalEnrolment, store: KeyStore | None = None
    ) -> None:
        """Load what is on the disk; without a `store` the key is in a file beside it."""
        self._path = path
        self._sealing = Sealing(store or FileKeyStore(path.parent / CREDENTIAL))
        self._enrolment = enrolment
        self.lists = Lists()
        self.held: dict[Kind, Held] = {}
        self.unusable: dict[Kind, str] = {}
        self._newest = 0
        self._holdings = OfflineHoldings(path, self._sealing)
        self._prepared = PreparedLists(path, self._sealing)
        self._load()
        self._load_holdings()
        self._updates = ShownUpdates(path, self._sealing)
        self._updates.load(self._list_update)

    @property
    def root_key(self) -> PublicKey:
        """The key pinned at enrolment."""
        return self._enrolment.root_key

    @property
    def terminal_id(self) -> str:
        """What the backend calls this reader."""
        return self._enrolment.terminal_id

    def read_receipt(self, text: str, now: datetime) -> SignedReceipt:
        """Verify and read a receipt by the trust list in use.

        Raises:
            Untrusted: see its codes; `unknown_key` before there is a trust list.
        """
        if self.lists.trust is None:
            raise Untrusted("unknown_key")
        region, key_id = self._enrolment.list_region, self._enrolment.list_key_id
        return read_scan_receipt(text, self.lists.trust, region, key_id, now)

    def certificate_key(self, region: int, key_id: int, now: datetime) -> PublicKey | NoIssuerKey:
        """Return an issuer's key from the trust list in use (see `IssuerKeys`)."""
        trust = self.lists.trust
        return trust.certificate_key(region, key_id, now) if trust else NoIssuerKey(known=False)

    def status(self, region: int, card_index: int, device_serial: int) -> CardStatus:
        """Return a card's status by the status list in use (see `StatusLookup`)."""
        status = self.lists.status
        if status is None:
            return CardStatus.ACTIVE
        found = status.status(region, card_index, device_serial)
        if found is not CardStatus.ACTIVE:
            return found
        return self._updates.status(region, card_index, device_serial, status.issued_at)

    def offer_update(self, text: str, now: datetime) -> None:
        """Take what an update code 更新码 stops into use and onto the disk.

        Raises:
            Untrusted: it is not to be believed, or older than what is in use.
        """
        newest = self.lists.status.issued_at if self.lists.status else None
        self._updates.offer(text, self._list_update, newest, now)

    def _list_update(self, text: str, now: datetime) -> ListUpdate:
        if self.lists.trust is None:
            raise Untrusted("unknown_key")
        update = read_list_update(text, self.lists.trust, now)
        if update.region != region_of(self.lists, self._enrolment):
            raise Untrusted("not_for_this_reader")
        return update

    def wants(self, kind: Kind) -> bool:
        """Tell whether this reader needs a document of `kind`."""
        manifest = self.lists.manifest
        if kind is Kind.OFFLINE_SET:
            return manifest is not None and manifest.offline_set
        asks = manifest is not None and manifest.rules.required_function is not None
        return kind is not Kind.FUNCTION_LIST or asks

    @property
    def known_holdings(self) -> str | None:
        """The ETag of the offline set in use, None where a whole one is wanted."""
        return self._holdings.known_etag

    def offer_holdings(self, offered: OfferedSet) -> None:
        """Take an offline set, or what changed of it, into use and onto the disk.

        Raises:
            Untrusted: as `offer`, and `base_missing` where the set is not here that it changes.
        """
        self._holdings.offer(offered, self._offline_set)
        self._use_holdings()

    def forget_holdings_etag(self) -> None:
        """Ask for a whole offline set next."""
        self._holdings.forget_etag()

    def offer(self, kind: Kind, body: bytes, etag: str | None, now: datetime) -> None:
        """Take a newer document into use and onto the disk.

        Raises:
            Untrusted: it is not to be believed, or older than the one in use; that one stays.
        """
        self.lists = self._verified(self.lists, kind, body, now)
        self.held[kind] = Held(etag, now)
        self.unusable.pop(kind, None)
        at = self._newest = int(now.timestamp())
        self._save(kind, body, etag, (at, at))

    def offer_bundle(self, data: bytes, now: datetime) -> None:
        """Take all that a file brought by hand holds into use and onto the disk, or none of it.

        Raises:
            Untrusted: the file or a part of it is not to be believed, is older than what is in use
                or is meant for another reader or venue; everything stays as it was.
            Unreadable, sqlite3.OperationalError: it cannot be kept; likewise.
        """
        enrolment = self._enrolment
        trust = self._bundled_trust(data, now)
        bundle = read_bundle(data, trust, enrolment.list_region, enrolment.list_key_id, now)
        meant = (bundle.terminal_id, bundle.venue_number)
        if meant != (enrolment.terminal_id, enrolment.venue_number):
            raise Untrusted("not_for_this_reader")
        parts = [(kind, bundle.parts[kind.value]) for kind in Kind if kind.value in bundle.parts]
        lists = self.lists
        listed = [(kind, part) for kind, part in parts if kind is not Kind.OFFLINE_SET]
        for kind, part in listed:
            lists = self._verified(lists, kind, part, now)
        at, made = int(now.timestamp()), int(bundle.issued_at.timestamp())
        rows = [
            (kind.value, self._sealing.seal(part, kind.value.encode()), None, at, made)
            for kind, part in listed
        ]
        before, self.lists = self.lists, lists
        whole = bundle.parts.get(Kind.OFFLINE_SET.value)
        try:
            if whole is not None:
                self.offer_holdings(OfferedSet(whole, None, None, bundle.issued_at, now))
            with closing(self._open()) as connection, connection:
                statement = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)"
                connection.executemany(statement, rows)
        except BaseException:
            self.lists = before
            raise
        self._newest = at
        for kind, _ in listed:
            self.held[kind] = Held(None, bundle.issued_at)
            self.unusable.pop(kind, None)

    def _bundled_trust(self, data: bytes, now: datetime) -> TrustList:
        """Return the trust list of a file, or the one in use where there is none in it."""
        statement, rest = split_bundle(data)
        found = part_of(statement, rest, Kind.TRUST_LIST.value)
        if found is not None:
            return read_trust_list(_text(found), self.root_key, now)
        if self.lists.trust is None:
            raise Untrusted("unknown_key")
        return self.lists.trust

    def take_what_came(self) -> None:
        """Use what another program of this reader has put onto the disk since it was loaded."""
        with closing(self._open()) as connection:
            [(latest,)] = connection.execute("SELECT max(fetched_at) FROM documents")
        if latest is not None and latest > self._newest:
            self._load()
            self._load_holdings()

    def confirm(self, kind: Kind, now: datetime) -> None:
        """Note that the backend still has nothing newer."""
        self.held[kind] = replace(self.held[kind], confirmed_at=now)
        self._write(
            "UPDATE documents SET confirmed_at = ? WHERE kind = ?", int(now.timestamp()), kind.value
        )

    def _save(self, kind: Kind, body: bytes, etag: str | None, times: tuple[int, int]) -> None:
        try:
            sealed = self._sealing.seal(body, kind.value.encode())
        except Unreadable:
            _log.warning("snapshot not saved: its key is not here")
            return
        statement = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)"
        self._write(statement, kind.value, sealed, etag, *times)

    def _write(self, statement: str, *values: object) -> None:
        """Write to the disk; a full one costs the reader its memory after a restart, no more."""
        try:
            with closing(self._open()) as connection, connection:
                connection.execute(statement, values)
        except sqlite3.OperationalError:
            _log.warning("snapshot not saved: the disk is full or cannot be written")

    def _load_holdings(self) -> None:
        try:
            self._holdings.load(self._offline_set)
        except Untrusted as error:
            self.unusable[Kind.OFFLINE_SET] = error.code
        self._use_holdings()

    def _use_holdings(self) -> None:
        in_use = self._holdings.in_use
        if in_use is not None:
            self.lists = replace(self.lists, holdings=in_use)
            self.held[Kind.OFFLINE_SET] = Held(in_use.etag, in_use.confirmed_at)
            self.unusable.pop(Kind.OFFLINE_SET, None)

    def _offline_set(self, body: bytes, now: datetime) -> OfflineSet:
        if self.lists.trust is None:
            raise Untrusted("unknown_key")
        offered = decode_offline_set(body, self.lists.trust, now)
        here = (region_of(self.lists, self._enrolment), self._enrolment.venue_number)
        if (offered.region, offered.venue) != here:
            raise Untrusted("not_for_this_reader")
        return offered

    def _load(self) -> None:
        with closing(self._open()) as connection:
            rows = connection.execute("SELECT * FROM documents")
            found = {row[0]: row[1:] for row in rows}
        for kind in Kind:
            if kind.value not in found:
                continue
            body, etag, fetched, confirmed = found[kind.value]
            fetched_at = datetime.fromtimestamp(fetched, UTC)
            self._newest = max(self._newest, fetched)
            try:
                # As of when it came: one that has run out since is still known to be genuine, and
                # how old it is decides the lane.
                plain = self._opened(kind, body)
                self.lists = self._verified(self.lists, kind, plain, fetched_at)
                if self._sealing.is_plain(body):
                    self._save(kind, plain, etag, (fetched, confirmed))
                self.held[kind] = Held(etag, datetime.fromtimestamp(confirmed, UTC))
            except Untrusted as error:
                self.unusable[kind] = error.code

    def _opened(self, kind: Kind, stored: bytes) -> bytes:
        try:
            return self._sealing.open(stored, kind.value.encode())
        except Unreadable as error:
            raise Untrusted("unreadable") from error

    def _verified(self, lists: Lists, kind: Kind, body: bytes, now: datetime) -> Lists:
        if kind is Kind.TRUST_LIST:
            trust = read_trust_list(_text(body), self.root_key, now)
            refuse_older(trust, lists.trust)
            return replace(lists, trust=trust)
        if lists.trust is None:
            raise Untrusted("unknown_key")
        trusted = (lists.trust, self._enrolment, now)
        if kind is Kind.MANIFEST:
            return replace(lists, manifest=newer_manifest(lists, _text(body), *trusted))
        if kind is Kind.TERMINAL_STANDING:
            return replace(lists, standing=newer_standing(lists, _text(body), *trusted))
        if kind is Kind.FUNCTION_LIST:
            return replace(lists, functions=newer_functions(lists, body, *trusted))
        status = newer_status(lists, body, *trusted)
        return replace(lists, status=self._prepared.bitmaps(status, body))

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        return connection


def _text(body: bytes) -> str:
    try:
        return body.decode("ascii")
    except UnicodeDecodeError as error:
        raise Untrusted("malformed") from error
