"""Who may see which record, and what of it is shown; pure.

A health record takes the separate consent 单独同意 of whom it is about (PIPL 29). For a child under
the consenting age, and for an adult under guardianship, the guardian decides (PIPL 31, Civil Code
34): the scope that stands in their mandate, chosen by itself, is that decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backend.foundation.audit import Organisation
from backend.foundation.refusals import refusal
from backend.mandates.scopes import Relation
from backend.official_records.registers import (
    CarePlan,
    HealthRecord,
    SchoolEnrolment,
    StudentRecord,
)
from shared.identity.masking import mask_id_number
from shared.localized_text import LocalizedText

HEALTH_RECORDS = "health_records"
"""The purpose that is consented to."""

PRINCIPAL_CONSENT_NEEDED = refusal(
    "principal_consent_needed",
    ("本人还没有单独同意查询健康档案。", "They have not agreed to their health record being read."),
    (
        "请本人在自己手机的“我的权利”里决定，或凭社保卡和密码到网点决定；不同意不影响其他服务。",
        'They decide under "My rights" on their own phone, or at an outlet by their card and PIN; '
        "other services work either way.",
    ),
)
RECORD_SOURCE_DOWN = refusal(
    "record_source_down",
    ("主管部门的系统暂时没有应答。", "The authority's system does not answer just now."),
    ("请稍后再查；急用请到窗口查询。", "Try later; if it is urgent, ask at a counter."),
)
ACCOUNT_WITHOUT_NUMBER = refusal(
    "record_holder_unknown",
    ("这个账户已注销，查不了档案。", "This account is closed; there is nothing to look up by."),
    ("请到窗口查询。", "Ask at a counter."),
)


class RecordKind(StrEnum):
    """Which record."""

    HEALTH = "health"  # 电子健康档案和接种 (S44)
    STUDENT = "student"  # 学籍 (S63)
    CARE = "care"  # 居家养老服务计划 (S87)


SOURCES = {
    RecordKind.HEALTH: Organisation(
        "health_commission", LocalizedText("市卫生健康委员会", "Municipal health commission")
    ),
    RecordKind.STUDENT: Organisation(
        "education_bureau", LocalizedText("市教育局", "Municipal education bureau")
    ),
    RecordKind.CARE: Organisation(
        "civil_affairs_bureau", LocalizedText("市民政局", "Municipal civil affairs bureau")
    ),
}
WORDS = {
    RecordKind.HEALTH: LocalizedText("查询了健康档案和接种", "Looked up the health record"),
    RecordKind.STUDENT: LocalizedText("查询了学籍", "Looked up the student record"),
    RecordKind.CARE: LocalizedText("查询了养老服务计划", "Looked up the care plan"),
}


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One thing a record says; `day` is when, where it says so."""

    name: LocalizedText
    value: LocalizedText
    day: date | None = None


@dataclass(frozen=True, slots=True)
class RecordSection:
    """Lines under a heading; without any, nothing is on record there."""

    title: LocalizedText
    lines: tuple[RecordLine, ...]


def guardian_decides(relation: Relation | None, age: int, consent_age: int) -> bool:
    """Tell whether the asking delegate decides in the place of whom the record is about."""
    return relation is Relation.WARD or (relation is Relation.CHILD and age < consent_age)


def present_enrolment(enrolments: Iterable[SchoolEnrolment], today: date) -> SchoolEnrolment | None:
    """Return where a student is now; while two schools have them, the one they came to last."""
    going = [
        one for one in enrolments if one.since <= today and (one.until is None or today < one.until)
    ]
    return max(going, key=lambda one: one.since, default=None)


def health_sections(record: HealthRecord) -> tuple[RecordSection, ...]:
    """Return a health record as it is shown, the newest dose first."""
    group = LocalizedText(f"{record.blood_group}型", record.blood_group)
    basics = [RecordLine(_BLOOD, group)]
    basics += [RecordLine(_ALLERGY, one) for one in record.allergies]
    basics += [RecordLine(_CONDITION, one) for one in record.conditions]
    if record.last_check_up is not None:
        basics.append(RecordLine(_CHECK_UP, _DONE, record.last_check_up))
    given = sorted(record.vaccinations, key=lambda one: one.day, reverse=True)
    doses = [
        RecordLine(
            LocalizedText(f"{one.vaccine.zh} 第{one.dose}剂", f"{one.vaccine.en}, dose {one.dose}"),
            one.place,
            one.day,
        )
        for one in given
    ]
    return RecordSection(_BASICS, tuple(basics)), RecordSection(_DOSES, tuple(doses))


def student_sections(record: StudentRecord, today: date) -> tuple[RecordSection, ...]:
    """Return a student record as it is shown: its number masked, the present school first."""
    present = present_enrolment(record.enrolments, today)
    number = record.number[:1] + mask_id_number(record.number[1:])
    now = [RecordLine(_NUMBER, LocalizedText(number, number))]
    if present is not None:
        now.append(RecordLine(present.grade, present.school, present.since))
    before = _other_schools(record.enrolments, present, today)
    return RecordSection(_PRESENT, tuple(now)), RecordSection(_BEFORE, before)


def care_sections(plan: CarePlan) -> tuple[RecordSection, ...]:
    """Return a care plan as it is shown, the next visit first."""
    services = [RecordLine(_SERVICE, one) for one in plan.services]
    ahead = sorted((one for one in plan.visits if not one.made), key=lambda one: one.day)
    made = sorted((one for one in plan.visits if one.made), key=lambda one: one.day, reverse=True)
    visits = [
        RecordLine(one.what, _MADE if one.made else _PLANNED, one.day) for one in (*ahead, *made)
    ]
    return (
        RecordSection(_CARE, (RecordLine(_PROVIDER, plan.provider), *services)),
        RecordSection(_VISITS, tuple(visits)),
    )


def _other_schools(
    enrolments: Sequence[SchoolEnrolment], present: SchoolEnrolment | None, today: date
) -> tuple[RecordLine, ...]:
    others = sorted(
        (one for one in enrolments if one is not present), key=lambda one: one.since, reverse=True
    )
    return tuple(
        RecordLine(
            one.school,
            _LEFT if one.until is not None and one.until <= today else _TRANSFERRING,
            one.until,
        )
        for one in others
    )


_BASICS = LocalizedText("基本健康信息", "Basics")
_BLOOD = LocalizedText("血型", "Blood group")
_ALLERGY = LocalizedText("过敏", "Allergic to")
_CONDITION = LocalizedText("慢性病", "Long-term condition")
_CHECK_UP = LocalizedText("最近体检", "Last check-up")
_DONE = LocalizedText("已完成", "Done")
_DOSES = LocalizedText("疫苗接种", "Vaccinations")
_PRESENT = LocalizedText("现在的学籍", "Now")
_NUMBER = LocalizedText("学籍号", "Student number")
_BEFORE = LocalizedText("以前的学校", "Other schools")
_LEFT = LocalizedText("已转出或毕业", "Left or finished")
_TRANSFERRING = LocalizedText("转学手续办理中", "Transfer under way")
_CARE = LocalizedText("服务内容", "What you get")
_PROVIDER = LocalizedText("服务机构", "Provider")
_SERVICE = LocalizedText("服务项目", "Service")
_VISITS = LocalizedText("上门服务", "Visits at home")
_MADE = LocalizedText("已完成", "Done")
_PLANNED = LocalizedText("已安排", "Planned")
