"""One lane: a presentation comes in, an answer goes out to the journal, the gate and staff."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from secrets import token_hex

from reader_service.card_reading import ReadCard, RefusedCard
from reader_service.devices.gate import Gate
from reader_service.devices.relay import GateFailed
from reader_service.journal import JOURNAL_FAULTS
from reader_service.lane.board import Board, LaneAnswer
from reader_service.lane.challenges import LaneChallenge
from reader_service.lane.gatekeeper import CardKey, Gatekeeper, Outcome
from reader_service.lane.helpdesk import EarlierAnswer, HelpdeskChecks
from reader_service.lane.lane_codes import TURNED_BY
from reader_service.lane.passages import BY_GATE, Passages
from reader_service.lane.presence import Presence
from reader_service.lane.records import Passing
from reader_service.lane.staff_acts import ActRefused, ActResult, StaffActs
from reader_service.settings import LaneDirection
from shared.admission.answer import Answer, Verdict
from shared.admission.evidence import Medium
from shared.clock import Clock
from shared.ecode.reasons import Reason
from shared.localized_text import LocalizedText
from shared.trust.lane_code import is_lane_code
from shared.trust.list_update import is_list_update
from shared.wire.scans import MAX_PARTY, Direction, Override

PARTY_SECONDS = 60.0
"""How long a lane waits for the party that staff announced."""
UPDATE_TAKEN = (
    LocalizedText("挂失名单已更新", "Stopped cards updated"),
    LocalizedText("两天内停用的卡即刻起不再放行", "Cards stopped these two days are refused now"),
)
UPDATE_OLDER = (
    LocalizedText("更新码比现有名单旧", "The update code is older than the list"),
    LocalizedText("请在员工手机上刷新更新码", "Refresh the code on the staff phone"),
)
UPDATE_REFUSED = (
    LocalizedText("更新码不可信", "The update code cannot be believed"),
    LocalizedText("请刷新更新码再试，仍不行请联系管理员", "Refresh it, or tell the administrator"),
)
_UPDATE_WORDS = {None: UPDATE_TAKEN, "older": UPDATE_OLDER}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer given to what is still in view, and the phone it was given to."""

    answer: LaneAnswer
    holder: CardKey | None


class Lane:
    """What happens at one lane; fed by the threads of its camera and its card reader."""

    def __init__(
        self,
        number: int,
        gatekeeper: Gatekeeper,
        gate: Gate,
        board: Board,
        clock: Clock,
        acts: StaffActs | None = None,
        direction: LaneDirection = "in",
    ) -> None:
        """Prepare; lanes of one process share `acts`."""
        self.number = number
        self._acts = acts or StaffActs(gatekeeper, clock)
        self._may_turn = direction == "both"
        self._direction = Direction.OUT if direction == "out" else Direction.IN
        self._party = 1
        self._party_until = 0.0
        # A camera, a card reader and staff may come at once.
        self._one_at_a_time = threading.RLock()
        self._gatekeeper = gatekeeper
        self._gate = gate
        self._passages = Passages(gate, self._did_not_turn)
        self._board = board
        self._clock = clock
        self._texts = Presence[str, _Given]()
        self._holders = Presence[CardKey, _Given]()
        self._challenge = LaneChallenge(clock.monotonic())
        self._checks = HelpdeskChecks()
        self._tell_passing()

    def present_code(self, text: str, taken_at: float | None = None) -> LaneAnswer:
        """Answer a code; `taken_at` is its picture's time on the monotonic clock.

        The same text still in view, or the next code of a phone still in view, gets the answer
        given before.
        """
        with self._one_at_a_time:
            return self._present_code(text, taken_at)

    def _present_code(self, text: str, taken_at: float | None) -> LaneAnswer:
        now = self._clock.monotonic()
        given = self._texts.still(text, now)
        if given is None and is_list_update(text):
            return self._take_update(text, now)
        if given is None and is_lane_code(text):
            return self._turn_by_code(text, taken_at, now)
        if given is None:
            outcome = self._checked(text) or self._gatekeeper.judge_code(
                text, self.number, self._holders.keys(now), self._passing()
            )
            if outcome.holder and not outcome.again:
                self._challenge.renew(now)
            given = self._still_there(outcome, now)
            if given is None:
                return self._arrive(text, outcome, taken_at, now)
            self._texts.arrive(text, given, now)
        elif given.holder:
            self._holders.still(given.holder, now)
        answer = replace(given.answer, again=True)
        self._board.show(answer)
        return answer

    def _take_update(self, text: str, now: float) -> LaneAnswer:
        """Take what a staff phone shows into use: no visit, nothing opens, nobody is counted."""
        refused = self._gatekeeper.take_update(text)
        _log.info("lane %d: update code: %s", self.number, refused or "taken")
        words = _UPDATE_WORDS.get(refused, UPDATE_REFUSED)
        verdict = Verdict.AGAIN if refused is None else Verdict.REFUSE
        at, told = self._clock.now(), Answer(verdict, *words)
        answer = LaneAnswer(token_hex(16), self.number, at, Medium.ECODE, told)
        self._texts.arrive(text, _Given(answer, None), now)
        self._board.show(answer)
        return answer

    def _turn_by_code(self, text: str, taken_at: float | None, now: float) -> LaneAnswer:
        """Let people the way that a configuration code 配置码 says: nothing opens for it."""
        stands = (self._direction, self._may_turn)
        outcome = self._gatekeeper.turn_by_code(text, self.number, stands)
        if outcome.answer.verdict is Verdict.AGAIN:
            self._direction = outcome.record.direction
        answer = self._arrive(text, outcome, taken_at, now)
        if outcome.answer.verdict is Verdict.AGAIN:
            # Another such code still in view is not taken again: it is told what holds now.
            newest = _Given(answer, None)
            self._texts.change(lambda given: TURNED_BY in given.answer.answer.detail, newest)
        return answer

    def present_card(
        self, card: ReadCard | RefusedCard, taken_at: float | None = None
    ) -> LaneAnswer:
        """Answer a physical card, read or not; `taken_at` is when it came, monotonic."""
        with self._one_at_a_time:
            outcome = None if isinstance(card, RefusedCard) else self._checked(card)
            outcome = outcome or self._gatekeeper.judge_card(card, self.number, self._passing())
            note = card.note if isinstance(card, RefusedCard) else None
            return self._settle(outcome, taken_at, note)

    def expect_check(self, staff: str | None) -> None:
        """Check the next showing for a helpdesk, if it comes soon; None waits no longer."""
        with self._one_at_a_time:
            self._checks.expect(staff, self._clock.monotonic())
            self._tell_passing()

    def earlier_answers(self, answer_id: str) -> tuple[EarlierAnswer, ...] | None:
        """Return what a check found of its holder's earlier answers, None where there was none."""
        with self._one_at_a_time:
            return self._checks.found(answer_id)

    def _checked(self, shown: str | ReadCard) -> Outcome | None:
        """Check what is shown where staff wait for that, None where nobody does."""
        staff = self._checks.waiting(self._clock.monotonic())
        if staff is None:
            return None
        outcome = self._gatekeeper.check(shown, self.number, self._passing(), staff)
        if outcome.earlier is not None:
            self._checks.done(outcome.record.scan_id, outcome.earlier)
        return outcome

    def turn(self, direction: Direction) -> bool:
        """Let people the other way from now on; False where this lane has one way only."""
        with self._one_at_a_time:
            if self._may_turn:
                self._direction = direction
                self._tell_passing()
            return self._may_turn or direction is self._direction

    def expect_party(self, persons: int) -> bool:
        """Judge the next showing for this many, if it comes soon; False where that is too many."""
        if not 1 <= persons <= MAX_PARTY:
            return False
        with self._one_at_a_time:
            self._party = persons
            self._party_until = self._clock.monotonic() + PARTY_SECONDS
            self._tell_passing()
        return True

    def let_go_of_party(self) -> None:
        """Forget a party that did not come, a challenge nobody answered; called now and then."""
        with self._one_at_a_time:
            if self._party > 1 and self._clock.monotonic() >= self._party_until:
                self._party = 1
            self._tell_passing()

    def take_back(self, key: str, scan_id: str, staff: str) -> ActResult:
        """Annul an entry or exit: its turnstile did not turn."""
        with self._one_at_a_time:
            done = self._acts.take_back(key, self.number, scan_id, staff)
            answer = self._acted(done)
            if answer is not None:
                taken_back = _Given(answer, None)
                self._texts.change(lambda given: given.answer.answer_id == scan_id, taken_back)
                self._holders.change(lambda given: given.answer.answer_id == scan_id, taken_back)
            return done

    def hold_open(self, *, held: bool) -> bool:
        """Hold the gate open for an emergency, or let it shut; False where it does not obey."""
        # Not one at a time with the presentations: an emergency waits for no slow gate.
        try:
            self._gate.hold_open(held=held)
        except GateFailed:
            _log.exception("lane %d: the gate does not obey", self.number)
            return False
        return True

    def close(self) -> None:
        """Let go of the gate."""
        self._passages.close()
        self._gate.close()

    def let_by_hand(
        self, key: str, by_hand: Override, persons: int = 1, refused: str | None = None
    ) -> ActResult:
        """Let through by hand 人工放行, against the answer `refused` or without any."""
        with self._one_at_a_time:
            done = self._acts.let_by_hand(
                key,
                self.number,
                by_hand,
                direction=self._direction,
                persons=persons,
                refused=refused,
            )
            self._acted(done)
            return done

    def let_in_more(self, key: str, scan_id: str, persons: int) -> ActResult:
        """Let in more of the party of an answer."""
        with self._one_at_a_time:
            done = self._acts.let_in_more(key, self.number, scan_id, persons)
            self._acted(done)
            return done

    def _acted(self, done: ActResult) -> LaneAnswer | None:
        """Open and tell what staff did, the first time that they asked for it."""
        if isinstance(done, ActRefused) or done.repeated:
            return None
        return self._settle(done.outcome, None)

    def _passing(self) -> Passing:
        self.let_go_of_party()
        return Passing(self._direction, self._party, self._challenge.shown(self._clock.monotonic()))

    def _tell_passing(self) -> None:
        self._board.set_passing(
            self.number,
            out=self._direction is Direction.OUT,
            may_turn=self._may_turn,
            party=self._party,
            challenge=self._asked(),
            checking=self._checks.waiting(self._clock.monotonic()) is not None,
        )

    def _asked(self) -> str | None:
        """Return what the screen asks the next visitor to type, None where it asks nothing."""
        asks = self._direction is Direction.IN and self._gatekeeper.asks_challenge()
        return self._challenge.shown(self._clock.monotonic()) if asks else None

    def report_fault(self, reason: Reason, medium: Medium) -> None:
        """Record and show that a device of this lane broke."""
        if self._board.set_fault(self.number, reason, self._clock.now()):
            _log.warning("lane %d: %s", self.number, reason.value)
            outcome = self._gatekeeper.note_refusal(reason, self.number, medium)
            self._board.show(self._answer(outcome, None))

    def clear_fault(self, reason: Reason) -> None:
        """Show that it works again."""
        self._board.clear_fault(self.number, reason)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Keep the lane's thread alive whatever one presentation does to it.

        Only the error's name is logged: its message may quote what was presented.
        """
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the next visitor must be heard
            _log.error("lane %d: not answered: %s", self.number, type(error).__name__)

    def _still_there(self, outcome: Outcome, now: float) -> _Given | None:
        if outcome.again and outcome.holder:
            return self._holders.still(outcome.holder, now)
        return None

    def _arrive(
        self, text: str, outcome: Outcome, taken_at: float | None, now: float
    ) -> LaneAnswer:
        answer = self._settle(outcome, taken_at)
        if outcome.answer.reason in JOURNAL_FAULTS:
            return answer  # Not settled: as soon as it can be recorded, the next look counts.
        given = _Given(answer, outcome.holder)
        self._texts.arrive(text, given, now)
        if outcome.holder:
            self._holders.arrive(outcome.holder, given, now)
        return answer

    def _settle(
        self, outcome: Outcome, taken_at: float | None, note: LocalizedText | None = None
    ) -> LaneAnswer:
        """Open the gate for a recorded admission and tell staff."""
        answer = replace(self._answer(outcome, taken_at), note=note)
        if outcome.record.persons and not outcome.again:
            mark = self._passages.mark()
            answer = replace(answer, gate_failed=not self._opened(outcome.record.persons))
            if not answer.gate_failed:
                self._passages.watch(answer.answer_id, mark)
            self._acts.remember(outcome)
            self._party = 1
        for fault in JOURNAL_FAULTS:
            if outcome.answer.reason is fault:
                self._board.set_fault(self.number, fault, answer.at)
            else:
                self._board.clear_fault(self.number, fault)
        _log.info(
            "lane %d: %s %s", self.number, outcome.answer.verdict.value, outcome.answer.reason or ""
        )
        self._board.show(answer)
        self._tell_passing()
        return answer

    def _did_not_turn(self, key: str, scan_id: str) -> None:
        with self.going_on():
            done = self.take_back(key, scan_id, BY_GATE)
            refused = done.code if isinstance(done, ActRefused) else "taken back"
            _log.info("lane %d: the gate did not turn: %s", self.number, refused)

    def _opened(self, persons: int) -> bool:
        try:
            for _ in range(persons):
                self._gate.open_once(self._clock.now())
        except GateFailed:
            _log.exception("lane %d: the gate did not open", self.number)
            return False
        return True

    def _answer(self, outcome: Outcome, taken_at: float | None) -> LaneAnswer:
        took = None if taken_at is None else (self._clock.monotonic() - taken_at) * 1000
        record = outcome.record
        return LaneAnswer(
            answer_id=record.scan_id,
            lane=self.number,
            at=self._clock.now(),
            medium=record.medium,
            answer=outcome.answer,
            again=outcome.again,
            took_ms=took,
            persons=record.persons,
            out=record.direction is Direction.OUT,
            more_may_follow=bool(record.counted_on) and outcome.decide is not None,
            by_hand=record.override is not None,
            annuls=record.annuls,
            checked=outcome.earlier is not None,
        )
