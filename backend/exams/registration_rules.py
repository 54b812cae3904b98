"""Who may register for an examination 报名, what it costs them, and until when; pure (S8).

Requirements and fee are conditions and prices of the one admission rule, asked on the day of
registering.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.bookings.rules import Sitting, sits_then
from backend.cards.concession import Category
from backend.exams.rules import ExamSession
from backend.foundation.refusals import Refusal, refusal
from shared.admission.circumstances import Circumstances
from shared.admission.condition import Case, Condition, Failure
from shared.admission.evidence import AgeRange, Evidence
from shared.admission.holder_conditions import AgeWithin, CategoryHeld
from shared.admission.price_effects import FREE
from shared.admission.prices import PriceList, PriceRule, Product, Quote
from shared.admission.regions import RegionRules
from shared.admission.scene import Scene
from shared.clock import LOCAL_ZONE
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

MOST_FEE = 1_000_000
"""Fen."""
_OLDEST = 150

TERMS_FORM = refusal(
    "exam_registration_form",
    ("报名设置不完整。", "The terms of registration are not whole."),
    (
        "请检查报名时间（须在开考前结束）、名额、年龄、人群类别和考务费。",
        "Check the window (it ends before the session begins), places, ages, categories and fee.",
    ),
)
OPENED = refusal(
    "exam_registration_opened",
    ("该场次已开放过报名。", "This session was opened for registration already."),
    ("报名条件公布后不再更改。", "Its terms stay as they were published."),
)
NOT_OPENED = refusal(
    "exam_not_opened",
    ("该场次不接受个人报名。", "Nobody can register for this session themselves."),
    ("请向组织考试的部门咨询。", "Ask the department that holds it."),
)
OVER = refusal(
    "exam_registration_over",
    ("报名时间已过。", "The time to register, or to withdraw, is over."),
    ("如有特殊情况，请联系组织考试的部门。", "Ask the department that holds it."),
)
BOOKED_THEN = refusal(
    "exam_booked_then",
    ("您在该时间已预约了考试场次。", "You booked an examination at that time."),
    (
        "请选择其他场次，或先在“我的预约”中取消。",
        "Choose another session, or cancel that booking first.",
    ),
)
REGISTERED = refusal(
    "exam_registered",
    ("您已报名该场考试。", "You are registered for this session already."),
    (
        "无需重复报名；座位排好后会显示在“我的考试”。",
        "Nothing more to do: your seat will be shown.",
    ),
)
FULL = refusal(
    "exam_full",
    ("该场次名额已满。", "All places of this session are taken."),
    (
        "请选择其他场次；有人退出时名额会重新放出。",
        "Choose another session; a place that is given back can be taken again.",
    ),
)
NOT_REGISTERED = refusal(
    "exam_not_registered",
    ("没有这场考试的报名。", "There is no such registration of yours."),
    ("请刷新后重新选择。", "Load the list again and choose from it."),
)
SEAT_GIVEN = refusal(
    "exam_seat_given",
    ("座位已排好，不能自行退出。", "You have a seat already and cannot withdraw by yourself."),
    ("如不参加，请联系组织考试的部门。", "Tell the department that holds it."),
)
STILL_OPEN = refusal(
    "exam_registration_open",
    ("报名尚未结束，不能排座。", "People can still register; seats are drawn afterwards."),
    ("请在报名结束后排座。", "Draw the seats when registration is over."),
)
NEVER_OPENED = refusal(
    "exam_never_opened",
    (
        "该场次没有开放过报名，没有可排座的人。",
        "This session was never opened for registration: there is nobody to draw seats for.",
    ),
    ("请先开放报名，或逐人安排座位。", "Open it first, or give seats one by one."),
)
_NOT_FOR_YOU = (
    "如情况有变，请先更新登记信息，再报名。",
    "If this has changed, have your record brought up to date, then register.",
)
CATEGORY_WORDS = {
    Category.DISABLED: LocalizedText("残疾人", "people with a disability"),
    Category.MINIMUM_LIVING: LocalizedText(
        "低保对象", "recipients of the minimum living allowance"
    ),
    Category.SERVING_SOLDIER: LocalizedText("现役军人", "serving soldiers"),
    Category.VETERAN: LocalizedText("退役军人", "veterans"),
    Category.MARTYR_FAMILY: LocalizedText("烈士遗属", "families of martyrs"),
    Category.FULL_TIME_STUDENT: LocalizedText("全日制学生", "full-time students"),
}


class RegistrationState(StrEnum):
    """How a registration stands."""

    REGISTERED = "REGISTERED"  # 已报名
    WITHDRAWN = "WITHDRAWN"  # 已退出
    SEATED = "SEATED"  # 已排座


@dataclass(frozen=True, slots=True)
class Terms:
    """When and by whom a session can be registered for, and for what fee 考务费.

    `categories` empty asks for none, else for any of them; whoever is of `free_for` pays nothing.
    """

    opens_at: datetime
    closes_at: datetime
    places: int
    youngest: int = 0
    oldest: int | None = None
    categories: frozenset[Category] = frozenset()
    fee_fen: int = 0
    free_for: frozenset[Category] = frozenset()

    @property
    def requirements(self) -> tuple[Condition, ...]:
        """What of the person must hold."""
        ages = AgeRange(self.youngest, self.oldest)
        held = (CategoryHeld(frozenset(self.categories)),) if self.categories else ()
        return (AgeWithin(ages), *held)

    def fee(self, session: str) -> PriceList:
        """Return what it costs, and for whom it is waived."""
        waived = PriceRule(
            "waived",
            LocalizedText("减免考务费", "Fee waived"),
            (CategoryHeld(frozenset(self.free_for)),),
            FREE,
        )
        product = Product(session, LocalizedText("考务费", "Examination fee"), self.fee_fen)
        return PriceList((product,), (waived,) if self.free_for else ())


def terms_fault(terms: Terms, session: ExamSession, now: datetime) -> Refusal | None:
    """Return why a session cannot be opened on these terms."""
    oldest = _OLDEST if terms.oldest is None else terms.oldest
    whole = (
        terms.opens_at < terms.closes_at <= session.starts_at
        and now < terms.closes_at
        and 1 <= terms.places <= session.seats
        and 0 <= terms.youngest <= oldest <= _OLDEST
        and 0 <= terms.fee_fen <= MOST_FEE
    )
    return None if whole else TERMS_FORM


def window_refusal(terms: Terms, now: datetime) -> Refusal | None:
    """Return why nobody can register now."""
    if now >= terms.closes_at:
        return OVER
    return None if now >= terms.opens_at else _ahead(terms.opens_at)


def requirement_refusal(
    terms: Terms, session: ExamSession, evidence: Evidence, now: datetime
) -> Refusal | None:
    """Return which requirement somebody does not meet."""
    case = _case(session, evidence, now)
    for requirement in terms.requirements:
        found = requirement.check(case)
        if isinstance(found, Failure):
            return _unmet(terms, found)
    return None


def quoted(terms: Terms, session: ExamSession, evidence: Evidence, now: datetime) -> Quote:
    """Return what it costs somebody, line by line."""
    return terms.fee(session.code).quote(session.code, _case(session, evidence, now))


def seat_told(session: ExamSession, seat: int) -> LocalizedText:
    """Return what somebody is told whose seat is given; no full stop, others put it in a text."""
    local = session.starts_at.astimezone(LOCAL_ZONE)
    return LocalizedText(
        f"{session.name.zh}（{local.month}月{local.day}日 {local:%H:%M}）座位已排好：{seat}号",
        f"Your seat in {session.name.en} ({local.day} {local:%b}, {local:%H:%M}) is {seat}",
    )


def clash_with(name: LocalizedText) -> Refusal:
    """Return that somebody sits another examination at that time, and which."""
    return refusal(
        "exam_clash",
        (
            f"与“{name.zh}”时间冲突。",
            f"It is at the same time as {name.en}.",
        ),
        (
            "请选择其他场次，或先退出另一场。",
            "Choose another session, or withdraw from the other one first.",
        ),
    )


def clashing(session: ExamSession, others: Iterable[ExamSession]) -> ExamSession | None:
    """Return the first of somebody's other sessions that is held at the same time."""
    return next(
        (
            one
            for one in others
            if one.code != session.code
            and sits_then(session.starts_at, session.ends_at, [Sitting(one.starts_at, one.ends_at)])
        ),
        None,
    )


def booked_refusal(session: ExamSession, others: Iterable[Sitting]) -> Refusal | None:
    """Return that somebody booked another examination at that time."""
    then = sits_then(session.starts_at, session.ends_at, others)
    return None if then is None else BOOKED_THEN


def _case(session: ExamSession, evidence: Evidence, now: datetime) -> Case:
    around = Circumstances(now, session.venue)
    return Case(evidence, around, Scene.EXAM, RegionRules(), local_day(now))


def _ahead(opens_at: datetime) -> Refusal:
    local = opens_at.astimezone(LOCAL_ZONE)
    return refusal(
        "exam_registration_ahead",
        ("报名还没有开始。", "Registration has not begun."),
        (
            f"{local.month}月{local.day}日 {local:%H:%M} 开始报名。",
            f"It begins on {local.day} {local:%b} at {local:%H:%M}.",
        ),
    )


def _unmet(terms: Terms, found: Failure) -> Refusal:
    if found.reason is Reason.AGE_TOO_YOUNG:
        text = (f"须年满{terms.youngest}周岁。", f"You must be {terms.youngest} or older.")
    elif found.reason is Reason.AGE_TOO_OLD:
        text = (f"年龄须不超过{terms.oldest}周岁。", f"You must not be older than {terms.oldest}.")
    else:
        words = [CATEGORY_WORDS[one] for one in sorted(terms.categories)]
        zh, en = "、".join(one.zh for one in words), ", ".join(one.en for one in words)
        text = (f"仅限：{zh}。", f"Only for: {en}.")
    return refusal("exam_requirement", text, _NOT_FOR_YOU)
