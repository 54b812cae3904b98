"""What goes up from the journal, and the receipts that come back: by the network or by hand."""

import secrets
from datetime import timedelta

from reader_service.journal import Journal
from reader_service.snapshot import Snapshot
from shared.clock import Clock
from shared.wire.scan_receipt import JournalPart, ScanUpload, check_receipt

KEPT = timedelta(days=7)
"""How long a row stays after its receipt at least: lanes remember from the journal."""


class Uploads:
    """Takes scans out of the journal and books what a signed receipt says of them."""

    def __init__(self, journal: Journal, snapshot: Snapshot, clock: Clock) -> None:
        self._journal = journal
        self._snapshot = snapshot
        self._clock = clock
        self._checked = False

    def next(self, limit: int) -> ScanUpload | None:
        """Return the oldest scans without a receipt as one upload, None where there is none.

        Raises:
            JournalFull: the journal cannot be read.
        """
        rows = self._journal.unsent_rows(limit)
        if not rows:
            return None
        numbers, scans = zip(*rows, strict=True)
        part = JournalPart(secrets.token_hex(16), numbers, self._journal.report())
        return ScanUpload(part, scans)

    def book(self, text: str, upload: ScanUpload) -> None:
        """Book what a receipt says, if it is signed and answers exactly this upload.

        Raises:
            Untrusted: it is not; nothing is booked and the scans are sent again.
            JournalFull: it could not be noted; likewise.
        """
        now = self._clock.now()
        receipt = self._snapshot.read_receipt(text, now)
        check_receipt(receipt, self._snapshot.terminal_id, upload)
        self._journal.book([one for _, one in receipt.rows], now)

    def look_after(self) -> bool:
        """Prune what is done with, check the journal once after the start; False if tampered with.

        Raises:
            JournalFull: the journal cannot be used.
        """
        while self._journal.prune(self._clock.now() - KEPT):
            pass
        if not self._checked:
            self._journal.check()
            self._checked = True
        return not self._journal.faults()
