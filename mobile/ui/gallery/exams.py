"""Examinations: ahead, over, the doors open, too late, none, without a network; registering."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.exam import ExamSeat, ExamsSeen
from mobile.core.exam_opening import ExamOpening, ExamVenue, Registered
from mobile.core.passes import PriceLine
from mobile.core.pending import PendingAct
from mobile.core.trouble import ACT_UNREACHABLE, UNREACHABLE, Trouble
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
_TEACHERS = LocalizedText("中小学教师资格考试", "Teachers' Qualification Examination")
_DRIVERS = LocalizedText("网络预约出租汽车驾驶员考试", "Ride-Hailing Drivers' Test")
_VETERANS = LocalizedText("退役军人专项招录考试", "Recruitment Examination for Veterans")
OPEN = ExamOpening(
    session="teachers-2026",
    name=_TEACHERS,
    venue=ExamVenue(_SCHOOL, _ADDRESS),
    starts_at=_START + timedelta(days=20),
    ends_at=_START + timedelta(days=20, hours=2),
    opens_at=_START - timedelta(days=3),
    closes_at=_START + timedelta(days=6, hours=8),
    left=12,
    youngest=18,
    oldest=None,
    categories=(),
    lines=(
        PriceLine(LocalizedText("考务费", "Examination fee"), 9_000),
        PriceLine(LocalizedText("减免考务费", "Fee waived"), -9_000),
    ),
    registered=None,
    refused=None,
)
_PAID = replace(OPEN, lines=OPEN.lines[:1])
_OWN = replace(_PAID, registered=Registered.REGISTERED)
_MINE = replace(
    OPEN,
    session="drivers",
    name=_DRIVERS,
    starts_at=_START + timedelta(days=9),
    ends_at=_START + timedelta(days=9, hours=1),
    registered=Registered.REGISTERED,
)
_BARRED = replace(
    _PAID,
    session="veterans",
    name=_VETERANS,
    youngest=18,
    oldest=35,
    categories=(LocalizedText("退役军人", "veterans"),),
    refused=Trouble(
        "exam_requirement",
        LocalizedText("仅限：退役军人。", "Only for: veterans."),
        LocalizedText(
            "如情况有变，请先更新登记信息，再报名。",
            "If this has changed, have your record brought up to date, then register.",
        ),
    ),
)
_FULL = replace(
    _PAID,
    session="full",
    name=_ENGLISH,
    left=0,
    refused=Trouble(
        "exam_full",
        LocalizedText("该场次名额已满。", "All places of this session are taken."),
        LocalizedText(
            "请选择其他场次；有人退出时名额会重新放出。",
            "Choose another session; a place that is given back can be taken again.",
        ),
    ),
)
_OFFERS = (OPEN, _MINE, _BARRED, _FULL)
EXAMS = ExamsSeen((_LATER, _NEXT, _PAST), _VENUES, NOW, (OPEN, _MINE, _BARRED))


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
    wish = {"session": OPEN.session}
    lost = PendingAct("RegisterForExam", wish, "key", NOW - timedelta(minutes=12))
    yield "exams-unanswered", _show(stage, EXAMS, lost=lost)
    yield "exams-unread", _show(stage, None, UNREACHABLE)
    offers = replace(EXAMS, seats=(), openings=_OFFERS)
    yield "exams-offers", _show(stage, offers)
    yield "exams-offer", _show(stage, offers, opened=OPEN.session)
    yield "exams-offer-barred", _show(stage, offers, opened=_BARRED.session)
    yield "exams-offer-mine", _show(stage, offers, opened=_MINE.session)
    paid, own = replace(offers, openings=(_PAID,)), replace(offers, openings=(_OWN,))
    yield "exams-register", _show(stage, paid, opened=OPEN.session, asking=True)
    yield "exams-register-failed", _show(stage, paid, ACT_UNREACHABLE, opened=OPEN.session)
    yield "exams-registered", _show(stage, own, opened=OPEN.session, done="exam.registered")
    yield "exams-withdraw", _show(stage, own, opened=OPEN.session, asking=True)


def _begun(ahead: timedelta) -> ExamSeat:
    start = NOW.replace(second=0) + ahead
    return replace(_NEXT, starts_at=start, ends_at=start + timedelta(minutes=150))


def _show(
    stage: Stage,
    seen: ExamsSeen | None,
    trouble: Trouble | None = None,
    *,
    opened: str = "",
    asking: bool = False,
    done: str = "",
    lost: PendingAct | None = None,
) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.exams
        stage.show(stage.wallet, "exams")
        model._exams._pending._acts = (lost,) if lost else ()
        model._exams._own, model._trouble = seen, trouble
        model._opened, model._asking, model._done = opened, asking, done
        model.tick()

    return show
