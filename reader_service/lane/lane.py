"""One lane: a presentation comes in, an answer goes out to the journal, the gate and staff."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from reader_service.card_reading import ReadCard, RefusedCard
from reader_service.devices.gate import Gate, GateFailed
from reader_service.lane.board import Board, LaneAnswer
from reader_service.lane.gatekeeper import CardKey, Gatekeeper, Outcome
from reader_service.lane.presence import Presence
from shared.admission.evidence import Medium
from shared.clock import Clock
from shared.ecode.reasons import Reason

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer given to what is still in view, and the phone it was given to."""

    answer: LaneAnswer
    holder: CardKey | None


class Lane:
    """What happens at one lane; fed by the threads of its camera and its card reader."""

    def __init__(
        self, number: int, gatekeeper: Gatekeeper, gate: Gate, board: Board, clock: Clock
    ) -> None:
        self.number = number
        self._gatekeeper = gatekeeper
        self._gate = gate
        self._board = board
        self._clock = clock
        self._texts = Presence[str, _Given]()
        self._holders = Presence[CardKey, _Given]()

    def present_code(self, text: str, taken_at: float | None = None) -> LaneAnswer:
        """Answer a code; `taken_at` is its picture's time on the monotonic clock.

        The same text still in view, or the next code of a phone still in view, gets the answer
        given before.
        """
        now = self._clock.monotonic()
        given = self._texts.still(text, now)
        if given is None:
            present = self._holders.keys(now)
            outcome = self._gatekeeper.judge_code(text, self.number, present)
            given = self._still_there(outcome, now)
            if given is None:
                return self._arrive(text, outcome, taken_at, now)
            self._texts.arrive(text, given, now)
        elif given.holder:
            self._holders.still(given.holder, now)
        answer = replace(given.answer, again=True)
        self._board.show(answer)
        return answer

    def present_card(
        self, card: ReadCard | RefusedCard, taken_at: float | None = None
    ) -> LaneAnswer:
        """Answer a physical card, read or not; `taken_at` is when it came, monotonic."""
        return self._settle(self._gatekeeper.judge_card(card, self.number), taken_at)

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
        if outcome.answer.reason is Reason.JOURNAL_FULL:
            return answer  # Not settled: as soon as there is room, the next look at it counts.
        given = _Given(answer, outcome.holder)
        self._texts.arrive(text, given, now)
        if outcome.holder:
            self._holders.arrive(outcome.holder, given, now)
        return answer

    def _settle(self, outcome: Outcome, taken_at: float | None) -> LaneAnswer:
        """Open the gate for a recorded admission and tell staff."""
        answer = self._answer(outcome, taken_at)
        if outcome.answer.verdict.opens and not outcome.again:
            answer = replace(answer, gate_failed=not self._opened())
        if outcome.answer.reason is Reason.JOURNAL_FULL:
            self._board.set_fault(self.number, Reason.JOURNAL_FULL, answer.at)
        else:
            self._board.clear_fault(self.number, Reason.JOURNAL_FULL)
        _log.info(
            "lane %d: %s %s", self.number, outcome.answer.verdict.value, outcome.answer.reason or ""
        )
        self._board.show(answer)
        return answer

    def _opened(self) -> bool:
        try:
            self._gate.open_once(self._clock.now())
        except GateFailed:
            _log.exception("lane %d: the gate did not open", self.number)
            return False
        return True

    def _answer(self, outcome: Outcome, taken_at: float | None) -> LaneAnswer:
        took = None if taken_at is None else (self._clock.monotonic() - taken_at) * 1000
        return LaneAnswer(
            answer_id=outcome.record.scan_id,
            lane=self.number,
            at=self._clock.now(),
            medium=outcome.record.medium,
            answer=outcome.answer,
            again=outcome.again,
            took_ms=took,
        )
