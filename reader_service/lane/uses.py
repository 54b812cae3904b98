"""What this reader counted on bookings and passes: taken off before the next decision, at once.

The offline set tells what the backend knew when this reader asked for it. Entries that were booked
before that are in it; entries since are known here alone.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.admission.circumstances import HeldBooking, HeldPass
from shared.wire.offline_set import Holdings
from shared.wire.scans import ScanRecord

USES_REMEMBERED = timedelta(days=5)
"""How far back uses count: longer than any offline set covers."""

Booked = Callable[[Sequence[str]], Mapping[str, datetime]]
"""Tells when the backend booked scans, by this reader's clock; those it did not are left out."""


class Uses:
    """Remembers the entries of all lanes by what they were counted on; one thread at a time."""

    def __init__(self, booked: Booked) -> None:
        self._booked = booked
        self._by_reference: defaultdict[str, dict[str, tuple[int, datetime]]] = defaultdict(dict)
        self._references: dict[str, tuple[str, ...]] = {}
        self._swept_at = datetime.min.replace(tzinfo=UTC)

    def note(self, record: ScanRecord) -> None:
        """Remember what a recorded scan used, or take back what an annulled one did."""
        at = datetime.fromtimestamp(record.scanned_at / 1000, UTC)
        if record.annuls is not None:
            self._forget(record.annuls)
        if record.persons == 0 or not record.counted_on:
            return
        self._references[record.scan_id] = record.counted_on
        for reference in record.counted_on:
            self._by_reference[reference][record.scan_id] = (record.persons, at)
        if at - self._swept_at > timedelta(hours=1):
            self._sweep(at)

    def taken_off(self, holdings: Holdings, asked_at: datetime) -> Holdings:
        """Return holdings of a set asked for at `asked_at` as they stand now."""
        return Holdings(
            tuple(self._of_booking(held, asked_at) for held in holdings.bookings),
            tuple(self._of_pass(held, asked_at) for held in holdings.passes),
        )

    def _of_booking(self, held: HeldBooking, asked_at: datetime) -> HeldBooking:
        entered = self._used(held.booking_id, held.entered, asked_at)
        return held if entered == held.entered else replace(held, entered=entered)

    def _of_pass(self, held: HeldPass, asked_at: datetime) -> HeldPass:
        used = self._used(held.pass_id, held.used, asked_at)
        return held if used == held.used else replace(held, used=used)

    def _used(self, reference: str, known: int, asked_at: datetime) -> int:
        own = self._by_reference.get(reference)
        if not own:
            return known
        booked = self._booked(list(own))
        since = sum(
            persons
            for scan_id, (persons, _) in own.items()
            if scan_id not in booked or booked[scan_id] > asked_at
        )
        # Whatever the set has counted of them, there were at least these.
        return max(known + since, sum(persons for persons, _ in own.values()))

    def _forget(self, scan_id: str) -> None:
        for reference in self._references.pop(scan_id, ()):
            self._by_reference[reference].pop(scan_id, None)

    def _sweep(self, now: datetime) -> None:
        self._swept_at = now
        for reference, own in list(self._by_reference.items()):
            for scan_id, (_, at) in list(own.items()):
                if now - at > USES_REMEMBERED:
                    self._forget(scan_id)
            if not own:
                del self._by_reference[reference]
