"""Decides and records for every lane of the process, so that a code counts once among them."""

from collections.abc import Callable, Container
from dataclasses import dataclass, replace

from reader_service.card_reading import ReadCard, RefusedCard
from reader_service.journal import Journal
from reader_service.lane.decision import (
    UsableLists,
    Visit,
    decide_card,
    decide_code,
    evidence_of_card,
    evidence_of_code,
    leaving,
    presentation_context,
    usable_lists,
)
from reader_service.lane.entries import EarlierEntries
from reader_service.lane.helpdesk import EarlierAnswer, checked
from reader_service.lane.junk import UNRECORDED, UNSIGNED, JunkBrake
from reader_service.lane.lane_codes import turning
from reader_service.lane.ledger import Ledger, Reserved
from reader_service.lane.online import Heard, OnlineChecks, is_askable, joined
from reader_service.lane.phone_clocks import PhoneTimes, blamed, hear_time
from reader_service.lane.records import ONE_IN, Passing, counted, of_phone, record_of, with_proof
from reader_service.snapshot import Snapshot
from shared.admission.answer import Answer, Verdict, refuse
from shared.admission.evidence import Evidence, Medium
from shared.admission.rules import Decision
from shared.clock import Clock
from shared.ecode.challenge import challenge_bytes
from shared.ecode.reasons import Reason
from shared.ecode.replay import Replayed, SameAgain
from shared.ecode.verify import CodeVerifier, RefusedCode, VerifiedCode
from shared.trust.status_list import card_digest
from shared.trust.trust_list import Untrusted
from shared.wire.flow import AreaFlow
from shared.wire.scans import Direction, ScanRecord

CardKey = tuple[int, int]
"""Card index and device serial: one phone of one card."""


_UNANSWERABLE = b""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a presentation came to.

    `again` means the same presentation is still there: nothing was recorded, nothing is to be
    opened. `holder` names the phone of a verified code. `decide` asks the same rules about more
    persons of the same party, `evidence` is what the card or code proved. `earlier` is what the
    holder was answered before, where a helpdesk asked for that.
    """

    answer: Answer
    record: ScanRecord
    again: bool = False
    holder: CardKey | None = None
    decide: Callable[[UsableLists, Visit], Decision] | None = None
    evidence: Evidence | None = None
    earlier: tuple[EarlierAnswer, ...] | None = None


class Gatekeeper:
    """The lists, the memory of seen codes and the journal, behind one door.

    May be used from any lane's thread. One presentation at a time is judged and reserved, so that
    of two copies shown at once only one is admitted; what several lanes reserved becomes durable
    in one write.
    """

    def __init__(
        self, snapshot: Snapshot, journal: Journal, clock: Clock, *, counts_exits: bool = False
    ) -> None:
        """Prepare; `counts_exits` tells that a lane of this process lets people out."""
        self._snapshot = snapshot
        self._clock = clock
        self._verifier = CodeVerifier(snapshot, snapshot)
        self.ledger = Ledger(journal, clock, counts_exits=counts_exits)
        self.phone_times: PhoneTimes | None = None
        self.online: OnlineChecks | None = None
        self._junk = JunkBrake()

    def judge_code(
        self,
        text: str,
        lane: int,
        present: Container[CardKey] = frozenset(),
        passing: Passing = ONE_IN,
    ) -> Outcome:
        """Judge and record a code; `present` are the phones that are still before this lane."""

        def decide() -> Outcome:
            return self.decide_code(text, lane, present, passing)

        heard = self._heard(decide, passing)
        with self.ledger.lock:
            outcome = _with_heard(decide(), heard)
            if outcome.again:
                return outcome
            record = self._worth_recording(outcome.record)
            if record is None:
                return outcome
            reserved = self.ledger.reserve(record, outcome.holder)
        return self._settled(outcome, reserved)

    def _asks_online(self, passing: Passing) -> bool:
        """Tell whether the venue's rules ask the backend about who goes that way."""
        manifest = self._snapshot.lists.manifest
        asks = manifest is not None and manifest.rules.ask_online
        return asks and passing.direction is not Direction.OUT

    def _heard(
        self, decide: Callable[[], Outcome], passing: Passing, *, enquiry: bool = False
    ) -> Heard | None:
        """Ask the backend where the venue's rules say so; no lane waits for another's question."""
        if self.online is None or not self._asks_online(passing):
            return None
        with self.ledger.lock:
            first = decide()
        if first.again:
            return None
        return self.online.ask(first.answer, first.record, first.evidence, enquiry=enquiry)

    def _worth_recording(self, record: ScanRecord) -> ScanRecord | None:
        """Return what to record of a refusal that may be one of a flood, None where nothing."""
        if record.reason not in UNSIGNED:
            return record
        before = self._junk.let_record(record.lane, self._clock.monotonic())
        if not before:
            return None if before is None else record
        return replace(record, detail={**record.detail, UNRECORDED: before})

    def decide_code(
        self,
        text: str,
        lane: int,
        present: Container[CardKey] = frozenset(),
        passing: Passing = ONE_IN,
    ) -> Outcome:
        """Decide about a code without recording it: nothing may be opened for the outcome."""
        now = self._clock.now()
        lists = usable_lists(self._snapshot.lists, now)
        if not isinstance(lists, UsableLists):
            return Outcome(lists, self._record(lists, lane, Medium.ECODE, passing))
        code = self._verified(text, lists, present, passing)
        if self.phone_times is not None:
            hear_time(self.phone_times, code, text, self._verifier)
        if isinstance(code, RefusedCode):
            if self.phone_times is not None:
                code = blamed(self.phone_times, code, now)
            answer = refuse(code.reason, code.detail)
            return Outcome(answer, self._code_record(answer, lane, code, passing))
        if passing.direction is Direction.OUT:
            return self._going_out(code, lane, present, passing)
        return self._counted_once(code, lists, lane, present, passing)

    def check(self, shown: str | ReadCard, lane: int, passing: Passing, staff: str) -> Outcome:
        """Tell staff what this lane would answer, and what was answered before; nobody passes.

        The backend is asked where the venue's rules ask it, and keeps no place for it; staff are
        told where it did not answer.
        """

        def decide() -> Outcome:
            if isinstance(shown, str):
                return self.decide_code(shown, lane, frozenset(), passing)
            return self._decide_card(shown, lane, passing)

        heard = self._heard(decide, passing, enquiry=True)
        with self.ledger.lock:
            own = decide()
            alone = heard is None and self._asks_online(passing) and is_askable(own.answer)
            found = _with_heard(own, heard)
            if found.holder is not None:
                self.ledger.only_checked(found.holder)
            earlier = self.ledger.answers.of(found.record)
            answer, record = checked(found.answer, found.record, staff, alone=alone)
            return self.recorded(Outcome(answer, record, holder=found.holder, earlier=earlier))

    def take_update(self, text: str) -> str | None:
        """Take what an update code 更新码 stops into use; return why not, where it is refused."""
        try:
            self._snapshot.offer_update(text, self._clock.now())
        except Untrusted as error:
            return error.code
        return None

    def turn_by_code(self, text: str, lane: int, stands: tuple[Direction, bool]) -> Outcome:
        """Judge a configuration code 配置码; a turn is in the journal before the lane makes it.

        `stands` is which way the lane lets people, and whether it may be turned.
        """
        outcome = Outcome(*turning(text, self._snapshot.lists, lane, stands, self._clock.now()))
        if outcome.answer.verdict is Verdict.REFUSE or outcome.record.direction is stands[0]:
            return outcome
        with self.ledger.lock:
            return self.recorded(outcome)

    def judge_card(
        self, card: ReadCard | RefusedCard, lane: int, passing: Passing = ONE_IN
    ) -> Outcome:
        """Judge a physical card that was read, or record one that could not be."""
        if isinstance(card, RefusedCard):
            return self.note_refusal(card.reason, lane, Medium.CARD)

        def decide() -> Outcome:
            return self._decide_card(card, lane, passing)

        heard = self._heard(decide, passing)
        with self.ledger.lock:
            outcome = _with_heard(decide(), heard)
            reserved = self.ledger.reserve(outcome.record, None)
        return self._settled(outcome, reserved)

    def _decide_card(self, card: ReadCard, lane: int, passing: Passing) -> Outcome:
        """Decide about a physical card, the lock held; nothing may be opened for the outcome."""
        now = self._clock.now()
        lists = usable_lists(self._snapshot.lists, now)
        code, evidence = card.identification_code, None
        digest = card_digest(code.raw).hex()
        uses = self.ledger.uses

        def decide(by: UsableLists, visit: Visit) -> Decision:
            return decide_card(card, by, visit, uses)

        if passing.direction is Direction.OUT:
            decision = leaving()
        elif isinstance(lists, Answer):
            decision = Decision(lists)
        else:
            earlier = self.ledger.entries.of(digest, now)
            decision = decide(lists, self.visit(lane, earlier, passing.party))
            evidence = evidence_of_card(card, lists, now)
        answer = with_proof(decision.answer, card)
        record = self._record(answer, lane, Medium.CARD, passing)
        record = replace(counted(record, decision), region=code.division, card_digest=digest)
        return Outcome(answer, record, decide=decide, evidence=evidence)

    def note_refusal(self, reason: Reason, lane: int, medium: Medium) -> Outcome:
        """Record what needs no judging: a card that was not read, a device that broke."""
        answer = refuse(reason)
        record = self._record(answer, lane, medium, ONE_IN)
        with self.ledger.lock:
            reserved = self.ledger.reserve(record, None)
        return self._settled(Outcome(answer, record), reserved)

    def visit(self, lane: int, earlier: EarlierEntries, party: int) -> Visit:
        """Return what is known around a visit at a lane; whoever asks holds the ledger's lock."""
        now, area = self._clock.now(), self._lane_areas().get(lane)
        if not self.ledger.exits_known:
            earlier = replace(earlier, inside=False)
        there = next((one for one in self.areas() if one.area == area), None)
        exits = self.ledger.exits_known or (there is not None and there.left > 0)
        people = there.inside if there is not None and exits else None
        return Visit(now, earlier, party, area, people)

    def areas(self) -> list[AreaFlow]:
        """Return how many came, went and are inside, by area."""
        return self.ledger.occupancy.areas(self._lane_areas(), self._clock.now())

    def recorded(self, outcome: Outcome) -> Outcome:
        """Make what staff did durable, the lock held; only then it counts, else it is a refusal."""
        return outcome if self.ledger.write(outcome.record) else self._not_recorded(outcome)

    def _settled(self, outcome: Outcome, reserved: Reserved) -> Outcome:
        """Make an outcome durable; only then anything may be opened, else it is a refusal."""
        return outcome if self.ledger.settle(reserved) else self._not_recorded(outcome)

    def _not_recorded(self, outcome: Outcome) -> Outcome:
        answer, record = refuse(self.ledger.fault), outcome.record
        return Outcome(answer, self._record(answer, record.lane, record.medium, ONE_IN))

    def usable_lists(self) -> UsableLists | Answer:
        """Return the lists to decide with now, or why this reader cannot decide."""
        return usable_lists(self._snapshot.lists, self._clock.now())

    def asks_challenge(self) -> bool:
        """Tell whether the venue's rules want codes to answer what the lane shows."""
        manifest = self._snapshot.lists.manifest
        return manifest is not None and manifest.rules.challenge

    def _verified(
        self, text: str, lists: UsableLists, present: Container[CardKey], passing: Passing
    ) -> VerifiedCode | RefusedCode:
        """Verify a code; a phone still in view has answered its challenge, and another is shown."""
        asked = None
        if lists.manifest.rules.challenge and passing.direction is Direction.IN:
            asked = challenge_bytes(passing.challenge) if passing.challenge else _UNANSWERABLE
        context = presentation_context(lists.manifest, asked)
        code = self._verifier.verify(text, self._clock.now(), context)
        # The challenge is checked last: all the rest of such a code is right.
        unanswered = isinstance(code, RefusedCode) and code.reason is Reason.WRONG_CHALLENGE
        if unanswered and code.certificate and code.proof:
            claims = code.certificate.claims
            if (claims.card_index, claims.device_serial) in present:
                return VerifiedCode(code.certificate, code.proof)
        return code

    def _going_out(
        self, code: VerifiedCode, lane: int, present: Container[CardKey], passing: Passing
    ) -> Outcome:
        claims, answer = code.certificate.claims, leaving().answer
        holder = (claims.card_index, claims.device_serial)
        record = self._code_record(answer, lane, code, passing)
        return Outcome(answer, record, holder in present, holder)

    def _counted_once(
        self,
        code: VerifiedCode,
        lists: UsableLists,
        lane: int,
        present: Container[CardKey],
        passing: Passing,
    ) -> Outcome:
        now, claims, counter = self._clock.now(), code.certificate.claims, code.proof.counter
        holder = (claims.card_index, claims.device_serial)
        sighting = self.ledger.look(holder, counter, lane, now)
        elsewhere = isinstance(sighting, Replayed) and (sighting.elsewhere or sighting.lane != lane)
        still_here = holder in present and not elsewhere
        copied = sighting if isinstance(sighting, Replayed) and not still_here else None
        if copied and not claims.paper:
            return self._copy(Reason.REPLAYED, copied, lane, code, passing)
        again = still_here or isinstance(sighting, SameAgain)
        name = f"{claims.region}:{claims.card_index}"
        # What is still there is answered as it was: its own entry is no earlier one.
        earlier = EarlierEntries() if again else self.ledger.entries.of(name, now)
        uses = self.ledger.uses

        def decide(by: UsableLists, visit: Visit) -> Decision:
            return decide_code(code, by, visit, uses)

        visit = self.visit(lane, earlier, passing.party)
        decision = decide_code(code, lists, visit, None if again else uses)
        # Paper is shown more than once by its nature: the day's rule is told before the copy is.
        if copied and decision.answer.verdict.opens:
            return self._copy(Reason.PAPER_SHOWN_TWICE, copied, lane, code, passing)
        if again:
            # Its newer codes are used too: nobody may show a copy of them elsewhere.
            self.ledger.still_there(holder, counter, lane)
        record = counted(self._code_record(decision.answer, lane, code, passing), decision)
        evidence = evidence_of_code(code, lists, now)
        return Outcome(decision.answer, record, again, holder, decide, evidence)

    def _copy(
        self, reason: Reason, seen: Replayed, lane: int, code: VerifiedCode, passing: Passing
    ) -> Outcome:
        answer = refuse(
            reason, {"lane": seen.lane, "seen_at": int(seen.seen_at.timestamp() * 1000)}
        )
        return Outcome(answer, self._code_record(answer, lane, code, passing))

    def _lane_areas(self) -> dict[int, str | None]:
        manifest = self._snapshot.lists.manifest
        return {lane.number: lane.area for lane in manifest.lanes} if manifest else {}

    def _code_record(
        self, answer: Answer, lane: int, code: VerifiedCode | RefusedCode, passing: Passing
    ) -> ScanRecord:
        paper = code.certificate is not None and code.certificate.claims.paper
        medium = Medium.PAPER if paper else Medium.ECODE
        return of_phone(self._record(answer, lane, medium, passing), code)

    def _record(self, answer: Answer, lane: int, medium: Medium, passing: Passing) -> ScanRecord:
        return record_of(answer, lane, medium, passing, self._clock.now())


def _with_heard(outcome: Outcome, heard: Heard | None) -> Outcome:
    """Return an outcome together with what the backend said of the same visitor."""
    if heard is None or outcome.again:
        return outcome
    answer, record = joined(outcome.answer, outcome.record, heard)
    return replace(outcome, answer=answer, record=record)
