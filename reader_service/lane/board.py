"""What staff are told: each lane's last answers and what is broken, for the page and its events."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.admission.answer import Answer
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason
from shared.localized_text import LocalizedText

KEPT_ANSWERS = 5


@dataclass(frozen=True, slots=True)
class LaneAnswer:
    """An answer as given at a lane.

    `again` marks the same presentation still being there: shown once more, neither recorded nor
    opened twice. `gate_failed` is set when the gate was told to open and did not. `took_ms` is
    from the picture (or the card's arrival) to the answer. `persons` went through, out where `out`
    is set; `more_may_follow` on the same booking or pass. `annuls` names the answer that this one
    takes back. `note` is what staff may see of a refused card; it is recorded nowhere. `checked`
    is a helpdesk's check: nobody passes on it.
    """

    answer_id: str
    lane: int
    at: datetime
    medium: Medium
    answer: Answer
    again: bool = False
    gate_failed: bool = False
    took_ms: float | None = None
    persons: int = 0
    out: bool = False
    more_may_follow: bool = False
    by_hand: bool = False
    annuls: str | None = None
    note: LocalizedText | None = None
    checked: bool = False


@dataclass(slots=True)
class LaneState:
    """What the page shows of one lane: the newest answer first, and open faults with their time.

    `may_turn` tells that staff choose which way it lets people, `party` how many the next showing
    is for. `annulled` are the answers that were taken back. `challenge` are the digits 挑战码 that
    the next visitor is to type, None where the venue asks for none. `checking` says that the next
    showing is checked for a helpdesk and lets nobody in.
    """

    number: int
    answers: deque[LaneAnswer] = field(default_factory=lambda: deque(maxlen=KEPT_ANSWERS))
    faults: dict[Reason, datetime] = field(default_factory=dict)
    out: bool = False
    may_turn: bool = False
    party: int = 1
    annulled: frozenset[str] = frozenset()
    challenge: str | None = None
    checking: bool = False


Listener = Callable[[LaneAnswer | LaneState], None]


class Board:
    """The state of all lanes; written by the lanes' threads, read by the page."""

    def __init__(self, lanes: Iterable[int]) -> None:
        self._lock = threading.Lock()
        self._lanes = {number: LaneState(number) for number in lanes}
        self._listeners: list[Listener] = []

    def lanes(self) -> list[LaneState]:
        """Return a copy of every lane's state, by number."""
        with self._lock:
            return [_copy(self._lanes[number]) for number in sorted(self._lanes)]

    def faults(self) -> list[Reason]:
        """Return what is broken at any lane."""
        with self._lock:
            return [reason for state in self._lanes.values() for reason in state.faults]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each answer and each change of faults, from the lane's thread.

        Returns:
            What to call to stop listening.
        """
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def show(self, answer: LaneAnswer) -> None:
        """Tell an answer; one given again replaces itself in the strip."""
        with self._lock:
            answers = self._lanes[answer.lane].answers
            if not (answers and answers[0].answer_id == answer.answer_id):
                answers.appendleft(answer)
            if answer.annuls is not None:
                state = self._lanes[answer.lane]
                kept = {one.answer_id for one in answers} | {answer.annuls}
                state.annulled = (state.annulled | {answer.annuls}) & kept
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(answer)

    def set_fault(self, lane: int, reason: Reason, now: datetime) -> bool:
        """Note that something at a lane is broken; False when that was known."""
        with self._lock:
            state = self._lanes[lane]
            if reason in state.faults:
                return False
            state.faults[reason] = now
        self._tell_state(lane)
        return True

    def clear_fault(self, lane: int, reason: Reason) -> None:
        """Note that it works again."""
        with self._lock:
            known = self._lanes[lane].faults.pop(reason, None)
        if known is not None:
            self._tell_state(lane)

    def set_passing(
        self,
        lane: int,
        *,
        out: bool,
        may_turn: bool,
        party: int,
        challenge: str | None = None,
        checking: bool = False,
    ) -> None:
        """Note which way a lane lets people, what the next showing is for, what it asks."""
        now = (out, may_turn, party, challenge, checking)
        with self._lock:
            state = self._lanes[lane]
            before = (state.out, state.may_turn, state.party, state.challenge, state.checking)
            state.out, state.may_turn, state.party, state.challenge, state.checking = now
        if before != now:
            self._tell_state(lane)

    def _tell_state(self, lane: int) -> None:
        with self._lock:
            state = _copy(self._lanes[lane])
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(state)


def _copy(state: LaneState) -> LaneState:
    answers = deque(state.answers, maxlen=KEPT_ANSWERS)
    return replace(state, answers=answers, faults=dict(state.faults))
