"""Decides and records for every lane of the process, so that a code counts once among them."""

import secrets
import threading
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from reader_service.card_reading import ReadCard, RefusedCard
from reader_service.journal import Journal, JournalFull
from reader_service.lane.decision import (
    UsableLists,
    decide_card,
    decide_code,
    presentation_context,
    usable_lists,
)
from reader_service.lane.entries import REMEMBERED, EarlierEntries, Entries
from reader_service.lane.uses import USES_REMEMBERED, Uses
from reader_service.snapshot import Snapshot
from shared.admission.answer import Answer, refuse
from shared.admission.evidence import Medium
from shared.admission.rules import Decision
from shared.clock import Clock
from shared.ecode.reasons import Reason
from shared.ecode.replay import Replayed, ReplayGuard, SameAgain
from shared.ecode.verify import CodeVerifier, RefusedCode, VerifiedCode
from shared.trust.status_list import card_digest
from shared.wire.scans import MAX_COUNTED_ON, ScanRecord

_REPLAYABLE = timedelta(seconds=20)

CardKey = tuple[int, int]
"""Card index and device serial: one phone of one card."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a presentation came to.

    `again` means the same presentation is still there: nothing was recorded, nothing is to be
    opened. `holder` names the phone of a verified code.
    """

    answer: Answer
    record: ScanRecord
    again: bool = False
    holder: CardKey | None = None


class Gatekeeper:
    """The lists, the memory of seen codes and the journal, behind one door.

    May be used from any lane's thread; one presentation at a time is judged, remembered and
    recorded, so that of two copies shown at once only one is admitted.
    """

    def __init__(self, snapshot: Snapshot, journal: Journal, clock: Clock) -> None:
        self._snapshot = snapshot
        self._journal = journal
        self._clock = clock
        self._verifier = CodeVerifier(snapshot, snapshot)
        self._guard = ReplayGuard()
        self._entries = Entries()
        self._uses = Uses(self._booked)
        self._lock = threading.Lock()
        self._missed: dict[int, int] = {}
        self._recall()

    def judge_code(
        self, text: str, lane: int, present: Container[CardKey] = frozenset()
    ) -> Outcome:
        """Judge and record a code; `present` are the phones that are still before this lane."""
        with self._lock:
            outcome = self.decide_code(text, lane, present)
            return outcome if outcome.again else self._recorded(outcome)

    def decide_code(
        self, text: str, lane: int, present: Container[CardKey] = frozenset()
    ) -> Outcome:
        """Decide about a code without recording it: nothing may be opened for the outcome."""
        now = self._clock.now()
        lists = usable_lists(self._snapshot.lists, now)
        if not isinstance(lists, UsableLists):
            return Outcome(lists, self._record(lists, lane, Medium.ECODE))
        code = self._verifier.verify(text, now, presentation_context(lists.manifest))
        if isinstance(code, RefusedCode):
            answer = refuse(code.reason, code.detail)
            return Outcome(answer, self._code_record(answer, lane, code))
        return self._counted_once(code, lists, lane, present)

    def judge_card(self, card: ReadCard | RefusedCard, lane: int) -> Outcome:
        """Judge a physical card that was read, or record one that could not be."""
        if isinstance(card, RefusedCard):
            return self.note_refusal(card.reason, lane, Medium.CARD)
        now = self._clock.now()
        lists = usable_lists(self._snapshot.lists, now)
        code = card.identification_code
        digest = card_digest(code.raw).hex()
        with self._lock:
            decision = (
                Decision(lists)
                if isinstance(lists, Answer)
                else decide_card(card, lists, now, self._entries.of(digest, now), self._uses)
            )
            record = _counted(self._record(decision.answer, lane, Medium.CARD), decision)
            record = replace(record, region=code.division, card_digest=digest)
            return self._recorded(Outcome(decision.answer, record))

    def note_refusal(self, reason: Reason, lane: int, medium: Medium) -> Outcome:
        """Record what needs no judging: a card that was not read, a device that broke."""
        answer = refuse(reason)
        with self._lock:
            return self._recorded(Outcome(answer, self._record(answer, lane, medium)))

    def _counted_once(
        self, code: VerifiedCode, lists: UsableLists, lane: int, present: Container[CardKey]
    ) -> Outcome:
        now, claims, counter = self._clock.now(), code.certificate.claims, code.proof.counter
        holder = (claims.card_index, claims.device_serial)
        sighting = self._guard.look(*holder, counter, lane, now)
        elsewhere = isinstance(sighting, Replayed) and sighting.lane != lane
        still_here = holder in present and not elsewhere
        if isinstance(sighting, Replayed) and not still_here:
            seen_at = int(sighting.seen_at.timestamp() * 1000)
            answer = refuse(Reason.REPLAYED, {"lane": sighting.lane, "seen_at": seen_at})
            return Outcome(answer, self._code_record(answer, lane, code))
        again = still_here or isinstance(sighting, SameAgain)
        name = f"{claims.region}:{claims.card_index}"
        # What is still there is answered as it was: its own entry is no earlier one.
        earlier = EarlierEntries() if again else self._entries.of(name, now)
        decision = decide_code(code, lists, now, earlier, None if again else self._uses)
        if again:
            # Its newer codes are used too: nobody may show a copy of them elsewhere.
            self._guard.remember(*holder, counter, lane, now)
        record = _counted(self._code_record(decision.answer, lane, code), decision)
        return Outcome(decision.answer, record, again, holder)

    def _recorded(self, outcome: Outcome) -> Outcome:
        """Make an outcome durable, with what could not be recorded before; only then it counts."""
        record = outcome.record
        missed = self._missed.get(record.lane, 0)
        rows = [self._missed_record(record, missed)] if missed else []
        try:
            self._journal.append(*rows, record)
        except JournalFull:
            self._missed[record.lane] = missed + 1
            answer = refuse(Reason.JOURNAL_FULL)
            return Outcome(answer, self._record(answer, record.lane, record.medium))
        self._missed.pop(record.lane, None)
        self._entries.note(record)
        self._uses.note(record)
        if outcome.holder and record.counter is not None:
            now = self._clock.now()
            self._guard.remember(*outcome.holder, record.counter, record.lane, now)
        return outcome

    def _recall(self) -> None:
        """Remember what was admitted before a restart."""
        now = self._clock.now()
        try:
            recent = self._journal.since(now - REMEMBERED)
            counting = self._journal.counting_since(now - USES_REMEMBERED)
        except JournalFull:
            return  # The gates stay closed while it lasts.
        for scan in recent:
            self._entries.note(scan)
        for scan in counting:
            self._uses.note(scan)
        replayable = int((now - _REPLAYABLE).timestamp() * 1000)
        for scan in (scan for scan in recent if scan.scanned_at >= replayable):
            # Only what was verified: anyone can write another's card index into a bad code.
            match (scan.verdict.opens, scan.card_index, scan.device_serial, scan.counter):
                case (True, int(card_index), int(device_serial), int(counter)):
                    at = datetime.fromtimestamp(scan.scanned_at / 1000, UTC)
                    self._guard.remember(card_index, device_serial, counter, scan.lane, at)

    def _booked(self, scan_ids: Sequence[str]) -> Mapping[str, datetime]:
        """Return when scans were booked; where the journal cannot tell, none was."""
        try:
            return self._journal.booked(scan_ids)
        except JournalFull:
            return {}

    def _missed_record(self, record: ScanRecord, missed: int) -> ScanRecord:
        answer = refuse(Reason.JOURNAL_FULL, {"missed": missed})
        return self._record(answer, record.lane, record.medium)

    def _code_record(
        self, answer: Answer, lane: int, code: VerifiedCode | RefusedCode
    ) -> ScanRecord:
        record = self._record(answer, lane, Medium.ECODE)
        if code.certificate is None or code.proof is None:
            return record
        claims = code.certificate.claims
        return replace(
            record,
            region=claims.region,
            card_index=claims.card_index,
            device_serial=claims.device_serial,
            counter=code.proof.counter,
        )

    def _record(self, answer: Answer, lane: int, medium: Medium) -> ScanRecord:
        return ScanRecord(
            scan_id=secrets.token_hex(16),
            lane=lane,
            scanned_at=int(self._clock.now().timestamp() * 1000),
            medium=medium,
            verdict=answer.verdict,
            reason=answer.reason,
            detail=answer.detail,
        )


def _counted(record: ScanRecord, decision: Decision) -> ScanRecord:
    """Return the record of an admission with how many it lets in and what it is counted on."""
    if not decision.answer.verdict.opens:
        return record
    held = [one.booking_id for one in decision.bookings] + [one.pass_id for one in decision.passes]
    return replace(record, admits=decision.admits, counted_on=tuple(held[:MAX_COUNTED_ON]))
