"""The journal out and its receipts in by a file 离线带出: the same uploads, no network."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from reader_service.journal import Journal
from reader_service.snapshot import Snapshot
from reader_service.sync.uploads import KEPT
from shared.clock import Clock
from shared.ecode.algorithms import SoftwareKey
from shared.trust.trust_list import Untrusted
from shared.wire.carried_journal import MOST_UPLOADS, encode_journal, split_receipts
from shared.wire.scan_receipt import JournalPart, ScanUpload, SignedReceipt
from shared.wire.scans import UPLOAD_LIMIT


class NoJournalKey(Exception):
    """This reader has not been told yet what to seal its journal for."""


@dataclass(frozen=True, slots=True)
class CarriedJournals:
    """Writes out what has no receipt, and takes in receipts for what it wrote."""

    journal: Journal
    snapshot: Snapshot
    key: SoftwareKey
    clock: Clock

    def write(self, path: Path) -> int:
        """Write all scans without a receipt into one file and return how many.

        They stay in the journal and may go by the network as well: each is booked once.

        Raises:
            NoJournalKey: the standing in use names no key to seal for.
            JournalFull: the journal cannot be used.
            OSError: the file cannot be written; there is none then, or the one from before.
        """
        standing, now = self.snapshot.lists.standing, self.clock.now()
        if standing is None or standing.journal_key is None:
            raise NoJournalKey
        uploads = self._uploads()
        whole = encode_journal(
            uploads, self.snapshot.terminal_id, self.key, standing.journal_key, now
        )
        self.journal.note_carried({one.part.request: one.digest for one in uploads}, now)
        _write_whole(path, whole)
        return sum(len(one.scans) for one in uploads)

    def take_receipts(self, data: bytes) -> int:
        """Book what a file of receipts says, all or nothing, and prune; return how many rows.

        A file that comes again changes nothing.

        Raises:
            Untrusted: one of them is not signed, not this reader's, or for nothing that it wrote
                out (`replayed`, `other_rows`); nothing of the file is booked.
            JournalFull: it could not be noted; the same file may come again.
        """
        now = self.clock.now()
        receipts = [self.snapshot.read_receipt(text, now) for text in split_receipts(data)]
        for one in receipts:
            self._check(one)
        rows = [row for one in receipts for _, row in one.rows]
        self.journal.book(rows, now)
        while self.journal.prune(now - KEPT):
            pass
        return len(rows)

    def _uploads(self) -> list[ScanUpload]:
        report, last, found = self.journal.report(), 0, list[ScanUpload]()
        for _ in range(MOST_UPLOADS):
            rows = self.journal.unsent_rows(UPLOAD_LIMIT, last)
            if not rows:
                break
            numbers, scans = zip(*rows, strict=True)
            last = numbers[-1]
            part = JournalPart(secrets.token_hex(16), numbers, report)
            found.append(ScanUpload(part, scans))
        return found

    def _check(self, receipt: SignedReceipt) -> None:
        if receipt.terminal_id != self.snapshot.terminal_id:
            raise Untrusted("not_for_this_reader")
        known = self.journal.carried(receipt.request)
        if known is None:
            raise Untrusted("replayed")
        if known != receipt.digest:
            raise Untrusted("other_rows")


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: sticks are pulled out early."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
