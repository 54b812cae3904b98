"""Examinations: some ahead and one over, the doors open, too late, none, and without a network."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.exam import ExamSeat, ExamsSeen, ExamVenue
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ui.gallery.booking_samples import LIBRARY
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from shared.localized_text import LocalizedText

_NURSE = LocalizedText("2026年养老护理员职业技能等级考试", "Care Worker Skill Test 2026")
_ENGLISH = LocalizedText("全国英语等级考试（二级）", "Public English Test, Level 2")
_SCHOOL = LocalizedText("赣州市第三中学", "Ganzhou No. 3 Middle School")
_ADDRESS = LocalizedText("赣州市章贡区红旗大道 10 号", "10 Hongqi Avenue, Zhanggong District")
_START = NOW.replace(hour=1, minute=0, second=0) + timedelta(days=1)
_NEXT = ExamSeat("care-2026", _NURSE, 71, 12, _START, _START + timedelta(minutes=150), 60, 15, None)
_LATER = replace(
    _NEXT,
    session="pets-2",
    name=_ENGLISH,
    venue=72,
    seat=108,
    starts_at=_START + timedelta(days=34),
    ends_at=_START + timedelta(days=34, hours=2),
)
_PAST = replace(
    _LATER,
    session="pets-1",
    starts_at=_START - timedelta(days=180),
    ends_at=_START - timedelta(days=180) + timedelta(hours=2),
)
_VENUES = {71: ExamVenue(_SCHOOL, _ADDRESS), 72: ExamVenue(LIBRARY, None)}
EXAMS = ExamsSeen((_LATER, _NEXT, _PAST), _VENUES, NOW)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    soon = _begun(timedelta(minutes=20))
    entered = replace(_begun(timedelta(minutes=-40)), entered_at=NOW - timedelta(minutes=52))
    late = _begun(timedelta(minutes=-40))
    unnamed = replace(EXAMS, venues={}, seen_at=NOW - timedelta(days=2))
    yield "exams", _show(stage, EXAMS)
    yield "exams-open", _show(stage, replace(EXAMS, seats=(soon,)))
    yield "exams-entered", _show(stage, replace(EXAMS, seats=(entered, _LATER)))
    yield "exams-late", _show(stage, replace(EXAMS, seats=(late,)))
    yield "exams-offline", _show(stage, unnamed, UNREACHABLE)
    yield "exams-none", _show(stage, replace(EXAMS, seats=()))
    yield "exams-unread", _show(stage, None, UNREACHABLE)


def _begun(ahead: timedelta) -> ExamSeat:
    start = NOW.replace(second=0) + ahead
    return replace(_NEXT, starts_at=start, ends_at=start + timedelta(minutes=150))


def _show(
    stage: Stage, seen: ExamsSeen | None, trouble: Trouble | None = None
) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.exams
        stage.show(stage.wallet, "exams")
        model._exams._own, model._trouble = seen, trouble
        model.tick()

    return show
