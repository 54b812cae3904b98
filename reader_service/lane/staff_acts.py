"""What staff do at a lane: take an entry back, let in by hand, let in more of a party.

The key of an act is the id of its record, so that an act that is repeated, even after a restart,
is done once: whether it is done already is asked before anything else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from reader_service.journal import JOURNAL_FAULTS, JournalFull
from reader_service.lane.decision import UsableLists, Visit
from reader_service.lane.entries import WITH, EarlierEntries
from reader_service.lane.gatekeeper import Gatekeeper, Outcome
from reader_service.lane.records import counted, milliseconds
from shared.admission.answer import Answer, Verdict
from shared.admission.evidence import Medium
from shared.admission.rules import Decision
from shared.clock import Clock
from shared.ecode.reasons import Reason, explain
from shared.localized_text import LocalizedText
from shared.wire.scans import MAX_PARTY, Direction, Override, ScanRecord

WITHIN = timedelta(minutes=15)
"""How long after an answer staff may act on it; the backend takes annulments as long."""
_KEY = re.compile(r"[0-9a-f]{32}")
_STAFF = "staff"
_OVER = "over"
_MOST_PARTIES = 64

_ADMITTED_BY_HAND = LocalizedText("请进 · 人工放行", "Come in · let in by hand")
_LET_OUT_BY_HAND = LocalizedText("请慢走 · 人工放行", "Goodbye · let out by hand")
_TAKEN_BACK = LocalizedText("已撤销", "Taken back")
_SHOW_AGAIN = LocalizedText("请移开后重新出示", "Take the code or card away, then show it again")


@dataclass(frozen=True, slots=True)
class ActRefused:
    """Why an act was not done, and what to do."""

    code: str
    text: LocalizedText
    next_step: LocalizedText


@dataclass(frozen=True, slots=True)
class ActDone:
    """An act's outcome; `repeated` means that it was done before: nothing is to be opened."""

    outcome: Outcome
    repeated: bool = False


ActResult = ActDone | ActRefused


def _refused(code: str, zh: tuple[str, str], en: tuple[str, str]) -> ActRefused:
    return ActRefused(code, LocalizedText(zh[0], en[0]), LocalizedText(zh[1], en[1]))


ACT_FORM = _refused(
    "act_form",
    ("操作内容有误。", "请刷新页面后再试。"),
    ("The act is not understood.", "Load the page again and retry."),
)
KEY_REUSED = _refused(
    "act_key_reused",
    ("这个操作编号已用于另一操作。", "请重新打开对话框再操作。"),
    ("This act's key was used for another act.", "Open the dialogue again."),
)
NOT_FOUND = _refused(
    "act_no_answer",
    ("本通道没有这条记录。", "请从通道记录中重新选择。"),
    ("This lane has no such answer.", "Choose it from the lane again."),
)
TOO_LATE = _refused(
    "act_too_late",
    ("已超过15分钟，不能再操作。", "请向负责人说明情况。"),
    ("More than 15 minutes have passed.", "Tell the duty manager."),
)
NOT_LET_IN = _refused(
    "act_nobody_passed",
    ("这次没有放行，无需撤销。", "请从通道记录中重新选择。"),
    ("Nobody was let through; there is nothing to take back.", "Choose another answer."),
)
TAKEN_BACK = _refused(
    "act_taken_back",
    ("这次放行已经撤销。", "不需要再操作。"),
    ("This was taken back already.", "There is nothing more to do."),
)
WAS_LET_IN = _refused(
    "act_was_let_in",
    ("这次已经放行，无需人工放行。", "闸机没转请用“撤销”。"),
    ("They were let through already.", "Where the gate did not turn, take it back."),
)
PARTY_OVER = _refused(
    "act_party_over",
    ("这次出示已不能再加人。", "请让持码人重新出示。"),
    ("No more can be let in on this showing.", "Ask the holder to show the code again."),
)


@dataclass(frozen=True, slots=True)
class _Party:
    """An admission that more may follow, and the rules asked about it."""

    record: ScanRecord
    decide: Callable[[UsableLists, Visit], Decision]


class StaffActs:
    """Does what staff do at lanes; may be used from any thread."""

    def __init__(self, gatekeeper: Gatekeeper, clock: Clock) -> None:
        self._gatekeeper = gatekeeper
        self._ledger = gatekeeper.ledger
        self._clock = clock
        self._parties: dict[str, _Party] = {}

    def remember(self, outcome: Outcome) -> None:
        """Keep what more of the same party are asked with; of the last showings only."""
        if outcome.decide is not None and outcome.record.counted_on:
            self._parties[outcome.record.scan_id] = _Party(outcome.record, outcome.decide)
            while len(self._parties) > _MOST_PARTIES:
                del self._parties[next(iter(self._parties))]

    def take_back(self, key: str, lane: int, scan_id: str, staff: str) -> ActResult:
        """Annul an entry or exit whose turnstile did not turn."""

        def act(now: datetime) -> ActResult:
            entry = self._answered(scan_id, lane, now)
            if isinstance(entry, ActRefused):
                return entry
            if entry.persons == 0:
                return NOT_LET_IN
            if self._ledger.annulled(scan_id):
                return TAKEN_BACK
            record = replace(
                entry,
                scan_id=key,
                scanned_at=milliseconds(now),
                detail={_STAFF: staff},
                party=entry.persons,
                admits=None,
                counted_on=(),
                annuls=scan_id,
                override=None,
            )
            done = self._written(record, Answer(Verdict.AGAIN, _TAKEN_BACK, _SHOW_AGAIN))
            if isinstance(done, ActDone):
                self._parties.pop(scan_id, None)
                match (entry.card_index, entry.device_serial):
                    case (int(card_index), int(device_serial)):
                        self._ledger.release((card_index, device_serial))
            return done

        return self._once(key, lane, act, lambda done: done.annuls == scan_id)

    def let_by_hand(
        self,
        key: str,
        lane: int,
        by_hand: Override,
        *,
        direction: Direction = Direction.IN,
        persons: int = 1,
        refused: str | None = None,
    ) -> ActResult:
        """Let through by hand 人工放行, against the answer `refused` or without any."""

        def act(now: datetime) -> ActResult:
            lists = self._gatekeeper.usable_lists()
            if isinstance(lists, Answer) and lists.reason is Reason.TERMINAL_BLOCKED:
                return _of_reason(Reason.TERMINAL_BLOCKED)
            base = self._by_hand_base(key, lane, refused, now)
            if isinstance(base, ActRefused):
                return base
            record = replace(
                base,
                scan_id=key,
                scanned_at=milliseconds(now),
                verdict=Verdict.ADMIT,
                detail={} if refused is None else {_OVER: refused},
                direction=direction,
                party=persons,
                admits=persons,
                counted_on=(),
                override=by_hand,
            )
            goes_in = direction is Direction.IN
            words = _ADMITTED_BY_HAND if goes_in else _LET_OUT_BY_HAND
            return self._written(record, Answer(Verdict.ADMIT, words))

        if not 1 <= persons <= MAX_PARTY:
            return ACT_FORM
        return self._once(key, lane, act, lambda done: done.override == by_hand)

    def let_in_more(self, key: str, lane: int, scan_id: str, persons: int) -> ActResult:
        """Let in more of a party on the booking or pass shown, as many as it still covers."""

        def act(now: datetime) -> ActResult:
            entry = self._answered(scan_id, lane, now)
            if isinstance(entry, ActRefused):
                return entry
            party, lists = self._parties.get(scan_id), self._gatekeeper.usable_lists()
            if party is None or self._ledger.annulled(scan_id):
                return PARTY_OVER
            if isinstance(lists, Answer):
                return ActRefused(str(lists.reason), lists.headline, lists.next_step or _SHOW_AGAIN)
            # They come in the same party: the first of them is no earlier entry.
            visit = self._gatekeeper.visit(lane, EarlierEntries(), persons)
            decision = party.decide(lists, visit)
            if not decision.answer.verdict.opens:
                answer = decision.answer
                return ActRefused(
                    str(answer.reason), answer.headline, answer.next_step or _SHOW_AGAIN
                )
            record = replace(
                party.record,
                scan_id=key,
                scanned_at=milliseconds(now),
                verdict=decision.answer.verdict,
                reason=decision.answer.reason,
                detail={**decision.answer.detail, WITH: scan_id},
                party=persons,
            )
            return self._written(counted(record, decision), decision.answer)

        if not 1 <= persons <= MAX_PARTY:
            return ACT_FORM
        return self._once(key, lane, act, lambda done: done.detail.get(WITH) == scan_id)

    def _once(
        self,
        key: str,
        lane: int,
        act: Callable[[datetime], ActResult],
        is_same: Callable[[ScanRecord], bool],
    ) -> ActResult:
        if not _KEY.fullmatch(key):
            return ACT_FORM
        with self._ledger.lock:
            try:
                done = self._ledger.find(key)
                if done is None:
                    return act(self._clock.now())
            except JournalFull as error:
                return _of_reason(error.reason)
        if done.lane != lane or not is_same(done):
            return KEY_REUSED
        words = LocalizedText("已办理", "Done already")
        return ActDone(Outcome(Answer(done.verdict, words), done), repeated=True)

    def _written(self, record: ScanRecord, answer: Answer) -> ActResult:
        outcome = self._gatekeeper.recorded(Outcome(answer, record))
        if (reason := outcome.answer.reason) in JOURNAL_FAULTS:
            return _of_reason(reason)
        return ActDone(outcome)

    def _answered(self, scan_id: str, lane: int, now: datetime) -> ScanRecord | ActRefused:
        """Return what a lane answered not long ago."""
        found = self._ledger.find(scan_id)
        if found is None or found.lane != lane or found.annuls or found.is_check:
            return NOT_FOUND
        at = datetime.fromtimestamp(found.scanned_at / 1000, UTC)
        return found if timedelta(0) <= now - at <= WITHIN else TOO_LATE

    def _by_hand_base(
        self, key: str, lane: int, refused: str | None, now: datetime
    ) -> ScanRecord | ActRefused:
        """Return the refusal that is overridden, or a record of somebody who showed nothing."""
        if refused is None:
            nothing = Medium.CARD
            return ScanRecord(key, lane, milliseconds(now), nothing, Verdict.ADMIT)
        found = self._answered(refused, lane, now)
        if isinstance(found, ActRefused):
            return found
        through = found.verdict.opens or self._ledger.overridden(refused)
        return WAS_LET_IN if through else found


def _of_reason(reason: Reason) -> ActRefused:
    words = explain(reason, {})
    return ActRefused(reason.value, words.staff, words.next_step)
