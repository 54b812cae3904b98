"""Corrections 更正 (PIPL 46): which fields, which states, and what can be asked; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from backend.foundation.refusals import Refusal, refusal
from backend.residents.rules import NAME_FORM, NAME_LENGTH, number_of
from shared.identity.person_name import NameFault, parse_person_name
from shared.localized_text import LocalizedText

LONGEST_EXPLANATION = 500
EARLIEST_BIRTH = date(1880, 1, 1)

BIRTH_FORM = refusal(
    "birth_form",
    (
        "出生日期应写成2001-02-03，且不晚于今天。",
        "A birth date is written 2001-02-03, not later than today.",
    ),
    ("请核对后重新输入。", "Check it and enter it again."),
)
EXPLANATION_FORM = refusal(
    "explanation_form",
    (
        f"请说明理由，1至{LONGEST_EXPLANATION}个字。",
        f"Explain why, in 1 to {LONGEST_EXPLANATION} characters.",
    ),
    ("请改写说明。", "Write the explanation differently."),
)
CORRECTION_SAME = refusal(
    "correction_same",
    ("登记的内容与您填写的相同。", "The record says so already."),
    ("无需更正。", "There is nothing to correct."),
)
CORRECTION_RUNS = refusal(
    "correction_submitted",
    ("此项已有一件更正申请在办理。", "A correction of this is under way."),
    ("请等待结果，或撤回后重新申请。", "Wait for its result, or withdraw it and ask again."),
)
CORRECTION_UNKNOWN = refusal(
    "correction_unknown",
    ("没有这件更正申请。", "There is no such request for correction."),
    ("请刷新列表。", "Load the list again."),
)
CORRECTION_OVER = refusal(
    "correction_over",
    ("这件更正申请已经办结。", "This request for correction is settled."),
    ("如有新的错误，请重新申请。", "Ask again if something else is wrong."),
)
OWN_HOUSEHOLD = refusal(
    "own_household",
    (
        "不能为本人或同户家庭成员办理更正。",
        "Nobody decides a correction of themselves or their household.",
    ),
    ("请由其他柜员办理。", "Ask another clerk to decide it."),
)
OWN_SUBMISSION = refusal(
    "correction_own_submission",
    (
        "不能办理自己代为提交的更正。",
        "Nobody decides a correction that they submitted for another.",
    ),
    ("请由其他柜员办理。", "Ask another clerk to decide it."),
)
NUMBER_TAKEN = refusal(
    "correction_number_taken",
    ("该证件号码已登记在另一人名下。", "Another person is registered with this ID number."),
    (
        "请核对证件；确有重复登记的，转系统管理员处理。",
        "Check the document; two records of one person are for the system administrator.",
    ),
)


class CorrectableField(StrEnum):
    """What can be corrected by a case; a phone is changed by its owner."""

    NAME = "NAME"
    BIRTH = "BIRTH"
    NUMBER = "NUMBER"


class CorrectionState(StrEnum):
    """Where a case stands."""

    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


class CorrectionEvent(StrEnum):
    """What can happen to a case."""

    SUBMIT = "SUBMIT"
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    WITHDRAW = "WITHDRAW"


Outcome = CorrectionState | Refusal
_OVER: Mapping[CorrectionState | None, Outcome] = {
    CorrectionState.ACCEPTED: CORRECTION_OVER,
    CorrectionState.DECLINED: CORRECTION_OVER,
    CorrectionState.WITHDRAWN: CORRECTION_OVER,
}
TABLE: Mapping[CorrectionEvent, Mapping[CorrectionState | None, Outcome]] = {
    CorrectionEvent.SUBMIT: {
        None: CorrectionState.SUBMITTED,
        CorrectionState.SUBMITTED: CORRECTION_RUNS,
        CorrectionState.ACCEPTED: CorrectionState.SUBMITTED,
        CorrectionState.DECLINED: CorrectionState.SUBMITTED,
        CorrectionState.WITHDRAWN: CorrectionState.SUBMITTED,
    },
    CorrectionEvent.ACCEPT: {
        **_OVER,
        None: CORRECTION_UNKNOWN,
        CorrectionState.SUBMITTED: CorrectionState.ACCEPTED,
    },
    CorrectionEvent.DECLINE: {
        **_OVER,
        None: CORRECTION_UNKNOWN,
        CorrectionState.SUBMITTED: CorrectionState.DECLINED,
    },
    CorrectionEvent.WITHDRAW: {
        **_OVER,
        None: CORRECTION_UNKNOWN,
        CorrectionState.SUBMITTED: CorrectionState.WITHDRAWN,
    },
}
"""What follows, for every event and every state; None: no case of that field, or none of that id.

A settled case stays as it is: what SUBMIT leads to then is a case of its own.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person says is right, read by the rules of its field; kept out of `repr`."""

    which: CorrectableField
    value: str = field(repr=False)
    explanation: str = field(repr=False)


def wanted_of(
    which: CorrectableField, value: str, explanation: str, today: date, longest_name: int
) -> Wanted | Refusal:
    """Read a request for correction as typed; `today` is the local day."""
    words = explanation.strip()
    lines = words.replace("\n", "")
    if not 1 <= len(words) <= LONGEST_EXPLANATION or not (lines.isprintable() or not lines):
        return EXPLANATION_FORM
    read = _value_of(which, value, today, longest_name)
    return read if isinstance(read, Refusal) else Wanted(which, read, words)


def _value_of(which: CorrectableField, text: str, today: date, longest_name: int) -> str | Refusal:
    if which is CorrectableField.NUMBER:
        number = number_of(text, today)
        return number if isinstance(number, Refusal) else number.value
    if which is CorrectableField.BIRTH:
        return _birth_of(text.strip(), today)
    name = parse_person_name(text, longest_name)
    if isinstance(name, NameFault):
        return NAME_LENGTH if name is NameFault.LENGTH else NAME_FORM
    return name


def _birth_of(text: str, today: date) -> str | Refusal:
    try:
        birth = date.fromisoformat(text)
    except ValueError:
        return BIRTH_FORM
    # `fromisoformat` reads other writings of a day too; one is kept.
    fits = birth.isoformat() == text and EARLIEST_BIRTH <= birth <= today
    return text if fits else BIRTH_FORM


def decide(state: CorrectionState | None, event: CorrectionEvent) -> Outcome:
    """Return the next state, or why the event is refused."""
    return TABLE[event][state]


FIELD_WORDS: Mapping[CorrectableField, LocalizedText] = {
    CorrectableField.NAME: LocalizedText("姓名", "name"),
    CorrectableField.BIRTH: LocalizedText("出生日期", "birth date"),
    CorrectableField.NUMBER: LocalizedText("证件号码", "ID number"),
}
"""What a field is called."""
