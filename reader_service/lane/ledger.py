"""What the lanes of a process have let through: durable in the journal first, then remembered."""

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from reader_service.journal import Journal, JournalFull
from reader_service.lane.entries import REMEMBERED, Entries
from reader_service.lane.helpdesk import EarlierAnswers
from reader_service.lane.occupancy import Occupancy
from reader_service.lane.uses import USES_REMEMBERED, Uses
from reader_service.passed import Passed
from shared.admission.answer import refuse
from shared.clock import Clock
from shared.ecode.reasons import Reason
from shared.ecode.replay import Replayed, ReplayGuard, Sighting
from shared.wire.flow import VenueFlow
from shared.wire.scans import Direction, ScanRecord

Holder = tuple[int, int]
"""Card index and device serial: one phone of one card."""


class Others(Protocol):
    """The other readers of the venue, who are told at once and never waited for."""

    def seen(self, holder: Holder, counter: int, lane: int) -> None:
        """Tell of a code that is used up."""
        ...

    def released(self, holder: Holder) -> None:
        """Tell that an entry was taken back."""
        ...

    def passed(self, passed: Passed) -> None:
        """Tell of an entry or exit."""
        ...


_REPLAYABLE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Reserved:
    """A record that counts and is not durable yet, and how many before it could not be recorded."""

    record: ScanRecord
    holder: Holder | None
    missed: int


class Ledger:
    """The journal and all memories made from it; whoever uses it holds `lock`, save to `settle`."""

    def __init__(self, journal: Journal, clock: Clock, *, counts_exits: bool = False) -> None:
        self.counts_exits = counts_exits
        self.exits_known = counts_exits
        self.lock = threading.Lock()
        self.guard = ReplayGuard()
        self.entries = Entries()
        self.answers = EarlierAnswers()
        self.uses = Uses(self._booked)
        self.occupancy = Occupancy(self._booked)
        self.others: Others | None = None
        self._journal = journal
        self._clock = clock
        self.fault = Reason.JOURNAL_FULL
        self._missed: dict[int, int] = {}
        self._writing: dict[Holder, int] = {}
        self._released: set[tuple[int, int]] = set()
        self._recall()

    def write(self, record: ScanRecord) -> bool:
        """Make a record durable, with what could not be recorded before; only then it counts.

        The lock is held for as long as that takes: for what staff do now and then.

        Returns:
            False where it is not: nothing may be opened for it; `fault` says why.
        """
        missed = self._missed.pop(record.lane, 0)
        if not self._append(record, missed):
            self._miss(record, missed)
            return False
        self._note(record)
        self.answers.note(record)
        return True

    def reserve(self, record: ScanRecord, holder: Holder | None) -> Reserved:
        """Let a record count that `settle` makes durable next, so that no lane decides without it.

        `holder` is the phone of a verified code. Other readers are told of it now: their lanes need
        not wait for this one's disk to know a copy.
        """
        missed = self._missed.pop(record.lane, 0)
        if record.direction is Direction.OUT:
            holder = None  # Nobody is kept in by a copy, and nothing is used up.
        if holder is not None:
            self._writing[holder] = record.lane
            if record.counter is not None:
                self._tell(holder, record.counter, record.lane)
        if record.persons:
            self._note(record)
        return Reserved(record, holder, missed)

    def settle(self, reserved: Reserved) -> bool:
        """Make a record durable in one write with those of other lanes; the lock is not held.

        Returns:
            False where it is not: it counts no more and nothing may be opened; `fault` says why.
        """
        written = False
        try:
            written = self._append(reserved.record, reserved.missed)
        finally:
            with self.lock:
                self._finish(reserved, written=written)
        return written

    def _finish(self, reserved: Reserved, *, written: bool) -> None:
        record, holder = reserved.record, reserved.holder
        if holder is not None:
            del self._writing[holder]
        if not written:
            self._miss(record, reserved.missed)
            if record.persons:
                self._note(replace(record, annuls=record.scan_id))
            if holder is not None and self.others is not None:
                self.others.released(holder)
            return
        self.answers.note(record)
        if holder is not None and record.counter is not None:
            self._released.discard(holder)
            self.guard.remember(*holder, record.counter, record.lane, self._clock.now())

    def look(self, holder: Holder, counter: int, lane: int, now: datetime) -> Sighting:
        """Say what a presentation is; one that another lane is just writing down is a copy."""
        if (writing := self._writing.get(holder)) is not None:
            return Replayed(writing, now)
        return self.guard.look(*holder, counter, lane, now)

    def _append(self, record: ScanRecord, missed: int) -> bool:
        rows = [self._missed_record(record, missed)] if missed else []
        try:
            self._journal.append(*rows, record)
        except JournalFull as error:
            self.fault = error.reason
            return False
        return True

    def _miss(self, record: ScanRecord, missed: int) -> None:
        self._missed[record.lane] = self._missed.get(record.lane, 0) + missed + 1

    def _note(self, record: ScanRecord) -> None:
        passed = self.entries.note(record)
        if passed is not None and self.others is not None:
            self.others.passed(passed)
        self.uses.note(record)
        self.occupancy.note(record)

    def still_there(self, holder: Holder, counter: int, lane: int) -> None:
        """Remember the newer code of a phone still in view, unless its entry was taken back."""
        if holder not in self._released:
            self._remember(holder, counter, lane)

    def release(self, holder: Holder) -> None:
        """Forget a phone's codes: its entry was taken back, and it may be shown once more."""
        self._released.add(holder)
        self.guard.release(*holder)
        if self.others is not None:
            self.others.released(holder)

    def only_checked(self, holder: Holder) -> None:
        """Leave unused what a phone shows a helpdesk: it is for the gate that it goes to next."""
        self._released.add(holder)

    def seen_elsewhere(self, holder: Holder, counter: int, lane: int, seen_at: datetime) -> bool:
        """Remember a code that another reader used up; False where one here did so as well."""
        with self.lock:
            if holder in self._writing or self.guard.used_here(*holder, counter):
                return False
            self.guard.remember(*holder, counter, lane, seen_at, elsewhere=True)
            return True

    def released_elsewhere(self, holder: Holder) -> None:
        """Forget a phone's codes: another reader took its entry back."""
        with self.lock:
            self.guard.release(*holder)

    def passed_elsewhere(self, passed: Passed, at: datetime) -> None:
        """Remember who went in or out at another reader."""
        with self.lock:
            self.entries.take(passed, at)

    def let_out_elsewhere(self, *, counted: bool) -> None:
        """Note whether exits count: one's own lanes' or those of a reader that is heard."""
        self.exits_known = self.counts_exits or counted

    def passages(self) -> list[Passed]:
        """Return what is remembered of entries and exits, each with its age."""
        now = self._clock.now()
        with self.lock:
            return [
                replace(one, age=max(0, int((now - at).total_seconds() * 1000)))
                for one, at in self.entries.passages()
            ]

    def _remember(self, holder: Holder, counter: int, lane: int) -> None:
        if self.guard.remember(*holder, counter, lane, self._clock.now()):
            self._tell(holder, counter, lane)

    def _tell(self, holder: Holder, counter: int, lane: int) -> None:
        if self.others is not None:
            self.others.seen(holder, counter, lane)

    def find(self, scan_id: str) -> ScanRecord | None:
        """Return a record of the journal.

        Raises:
            JournalFull: the journal cannot be read.
        """
        return self._journal.find(scan_id)

    def annulled(self, scan_id: str) -> bool:
        """Tell whether a record was taken back.

        Raises:
            JournalFull: the journal cannot be read.
        """
        return self._journal.is_annulled(scan_id)

    def overridden(self, scan_id: str) -> bool:
        """Tell whether staff let somebody through against a refusal.

        Raises:
            JournalFull: the journal cannot be read.
        """
        return self._journal.is_overridden(scan_id)

    def learn(self, flow: VenueFlow) -> None:
        """Take the backend's count of the venue into use."""
        with self.lock:
            self.occupancy.learn(flow)

    def _recall(self) -> None:
        """Remember what was let through before a restart."""
        now = self._clock.now()
        try:
            recent = self._journal.since(now - REMEMBERED)
            counting = self._journal.counting_since(now - USES_REMEMBERED)
        except JournalFull as error:
            self.fault = error.reason
            return  # The gates stay closed while it lasts.
        for scan in recent:
            self.entries.note(scan)
            self.answers.note(scan)
            self.occupancy.note(scan)
        for scan in counting:
            self.uses.note(scan)
        replayable = int((now - _REPLAYABLE).timestamp() * 1000)
        for scan in (scan for scan in recent if scan.scanned_at >= replayable):
            # Only what was verified: anyone can write another's card index into a bad code.
            let_in = scan.persons > 0 and scan.direction is Direction.IN and scan.override is None
            match (let_in, scan.card_index, scan.device_serial, scan.counter):
                case (True, int(card_index), int(device_serial), int(counter)):
                    at = datetime.fromtimestamp(scan.scanned_at / 1000, UTC)
                    self.guard.remember(card_index, device_serial, counter, scan.lane, at)

    def _booked(self, scan_ids: Sequence[str]) -> Mapping[str, datetime]:
        """Return when scans were booked; where the journal cannot tell, none was."""
        try:
            return self._journal.booked(scan_ids)
        except JournalFull:
            return {}

    def _missed_record(self, record: ScanRecord, missed: int) -> ScanRecord:
        answer = refuse(self.fault, {"missed": missed})
        return ScanRecord(
            scan_id=secrets.token_hex(16),
            lane=record.lane,
            scanned_at=int(self._clock.now().timestamp() * 1000),
            medium=record.medium,
            verdict=answer.verdict,
            reason=answer.reason,
            detail=answer.detail,
        )
