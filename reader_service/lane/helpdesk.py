"""The helpdesk's check 咨询台查询: what a lane would answer, and what was answered before.

Nothing is opened, counted or used up: who was told why may go to a gate with the same code.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from reader_service.lane.entries import holder_of
from shared.admission.answer import Answer, Verdict
from shared.ecode.reasons import Detail, Reason, explain
from shared.localized_text import LocalizedText
from shared.wire.scans import CHECKED, Direction, ScanRecord

CHECK_SECONDS = 60.0
"""How long a lane waits for what staff want to check."""
REMEMBERED = timedelta(hours=24)
MOST_ANSWERS = 5
MOST_HOLDERS = 5_000

_WOULD_ENTER = LocalizedText("查询 · 可以进入", "Check · would be let in")
_NOTHING_OPENED = LocalizedText("没有开闸，也没有计数", "Nothing was opened or counted")
_ALONE = LocalizedText(
    "没有连上后台，只按本机名单查的；没有开闸，也没有计数",
    "The backend did not answer: by this reader's lists alone. Nothing was opened or counted",
)
_PERHAPS = LocalizedText(
    "没有连上后台：刚办的预约或票券本机可能还不知道，请联网后再查",
    "The backend did not answer: this reader may not know of a new booking or pass; check again "
    "once it is online",
)
_LET_IN = LocalizedText("已放行", "Let in")
_LET_OUT = LocalizedText("已出场", "Let out")
_BY_HAND = LocalizedText("人工放行", "Let through by hand")
_TAKEN_BACK = LocalizedText("已撤销", "Taken back")


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """What a lane answered the same card or phone before."""

    at: datetime
    lane: int
    verdict: Verdict
    headline: LocalizedText


class EarlierAnswers:
    """The last answers to each holder of a day, from the journal; one thread at a time.

    A code that was refused before its signatures were checked stands under the card that it named:
    what is kept here decides nothing.
    """

    def __init__(self) -> None:
        self._by_holder: OrderedDict[str, deque[EarlierAnswer]] = OrderedDict()

    def note(self, record: ScanRecord) -> None:
        """Remember a recorded answer; of more holders than `MOST_HOLDERS` the latest."""
        holder = holder_of(record)
        if holder is None or record.is_check:
            return
        answers = self._by_holder.pop(holder, None) or deque(maxlen=MOST_ANSWERS)
        at = datetime.fromtimestamp(record.scanned_at / 1000, UTC)
        answers.appendleft(EarlierAnswer(at, record.lane, record.verdict, _headline(record)))
        self._by_holder[holder] = answers
        if len(self._by_holder) > MOST_HOLDERS:
            self._by_holder.popitem(last=False)

    def of(self, record: ScanRecord) -> tuple[EarlierAnswer, ...]:
        """Return what the holder of a record was answered in the day before it, newest first."""
        known: Sequence[EarlierAnswer] = self._by_holder.get(holder_of(record) or "", ())
        since = datetime.fromtimestamp(record.scanned_at / 1000, UTC) - REMEMBERED
        return tuple(one for one in known if one.at >= since)


class HelpdeskChecks:
    """What staff want to check at one lane, and what came of it; with the lane's lock held."""

    def __init__(self) -> None:
        self._staff: str | None = None
        self._until = 0.0
        self._results: OrderedDict[str, tuple[EarlierAnswer, ...]] = OrderedDict()

    def expect(self, staff: str | None, now: float) -> None:
        """Check the next showing for a member of staff, if it comes soon; None waits no longer."""
        self._staff, self._until = staff, now + CHECK_SECONDS

    def waiting(self, now: float) -> str | None:
        """Return for whom the next showing is checked; `now` is monotonic."""
        return self._staff if now < self._until else None

    def done(self, answer_id: str, earlier: tuple[EarlierAnswer, ...]) -> None:
        """Keep what a check found; of the last ones only."""
        self._staff = None
        self._results[answer_id] = earlier
        if len(self._results) > MOST_ANSWERS:
            self._results.popitem(last=False)

    def found(self, answer_id: str) -> tuple[EarlierAnswer, ...] | None:
        """Return what a check found, None where there was none or it is long ago."""
        return self._results.get(answer_id)


def checked(
    answer: Answer, record: ScanRecord, staff: str, *, alone: bool = False
) -> tuple[Answer, ScanRecord]:
    """Return a lane's decision as told at a helpdesk, and its record: nobody passes on it.

    `alone` means that the venue's rules ask the backend, which said nothing.
    """
    headline, next_step = _WOULD_ENTER, _ALONE if alone else _NOTHING_OPENED
    if not answer.verdict.opens:
        why = answer.headline
        headline = LocalizedText(f"查询 · {why.zh}", f"Check · {why.en}")
        next_step = _PERHAPS if alone else answer.next_step or _NOTHING_OPENED
    told = Answer(Verdict.AGAIN, headline, next_step, answer.reason, answer.detail)
    detail: Detail = {**record.detail, CHECKED: staff}
    return told, replace(record, verdict=Verdict.AGAIN, detail=detail, admits=None, counted_on=())


def _headline(record: ScanRecord) -> LocalizedText:
    if record.annuls is not None:
        return _TAKEN_BACK
    if record.override is not None:
        return _BY_HAND
    if record.verdict.opens:
        return _LET_IN if record.direction is Direction.IN else _LET_OUT
    return explain(record.reason or Reason.NOT_OURS, record.detail).staff
