"""Who can be registered as a resident, and what their register says: pure, on values."""

import base64
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from backend.foundation.refusals import Refusal, refusal
from shared.identity.id_number import IdNumber, InvalidIdNumber, parse_id_number
from shared.identity.person_name import NameFault, parse_person_name
from shared.identity.phone import parse_phone
from shared.localized_text import LocalizedText

LONGEST_NAME = 50
REVEAL_LASTS = timedelta(minutes=5)
"""So long the same request may ask again for values whose answer was lost."""
_RESIDENT_ID = re.compile(r"res_[0-9a-z]{1,40}")
_HOUSEHOLD = re.compile(r"[0-9A-Z]{6,20}")

_NAME_STEP = ("请对照证件重新输入姓名。", "Check the document and enter the name again.")
NAME_FORM = refusal(
    "name_form",
    (
        "姓名应为汉字或字母，不含数字和符号；少数民族姓名各部分之间用“·”。",
        "A name has hanzi or letters, no digits and no signs; `·` joins the parts of a long name.",
    ),
    _NAME_STEP,
)
NAME_LENGTH = refusal(
    "name_form", ("姓名为空或过长。", "The name is empty or too long."), _NAME_STEP
)
PHONE_FORM = refusal(
    "phone_form",
    ("手机号码应为11位，以13至19开头。", "A mobile number has 11 digits and begins with 13 to 19."),
    ("请核对后重新输入手机号码。", "Check the number and enter it again."),
)
IDENTITY_NOT_CONFIRMED = refusal(
    "identity_not_confirmed",
    (
        "姓名与证件号码未通过人口库核验。",
        "The population register does not confirm this name and number.",
    ),
    (
        "请对照证件核对；无误请携证件到服务网点办理。",
        "Check them against the document; if they are right, take it to a service outlet.",
    ),
)
FACE_NOT_CONFIRMED = refusal(
    "face_not_confirmed",
    ("人脸核验未通过。", "The face check did not succeed."),
    (
        "请在光线充足处重试，或携证件到服务网点办理。",
        "Try again in good light, or take the document to a service outlet.",
    ),
)
REGISTER_DOWN = refusal(
    "population_register_down",
    ("人口库暂时无法核验。", "The population register cannot be asked at the moment."),
    ("没有保存任何信息，请稍后再试。", "Nothing was stored; try again later."),
)
FACE_CHECK_DOWN = refusal(
    "face_check_down",
    ("人脸核验暂时无法使用。", "The face check cannot be used at the moment."),
    ("没有保存任何信息，请稍后再试。", "Nothing was stored; try again later."),
)
REGION_FORM = refusal(
    "region_form",
    ("所选区县不属于本市。", "The district chosen is none of this city."),
    ("请重新选择区县。", "Choose the district again."),
)
PICTURE_FORM = refusal(
    "picture_form",
    ("照片无法读取。", "The picture cannot be read."),
    ("请重新拍一张。", "Take another one."),
)
FACE_CONSENT_NEEDED = refusal(
    "face_consent_needed",
    (
        "人脸核验须您单独同意。",
        "Comparing your face needs your separate consent.",
    ),
    (
        "同意后再试；不同意也可携证件到服务网点办理。",
        "Consent and try again, or take your document to a service outlet instead.",
    ),
)
RESIDENT_UNKNOWN = refusal(
    "resident_unknown",
    ("没有这位居民。", "There is no such resident."),
    ("请核对居民编号。", "Check the resident's id."),
)
SEARCH_FORM = refusal(
    "search_form",
    ("请只用证件号码或手机号码之一查询。", "Search by the citizen number or by the phone, by one."),
    ("请填写其中一项。", "Fill in one of them."),
)
HOUSEHOLD_FORM = refusal(
    "household_form",
    ("户号应为6至20位字母或数字。", "A household's number has 6 to 20 letters or digits."),
    ("请对照户口簿重新输入。", "Check it against the household register booklet."),
)
OWN_HOUSEHOLD = refusal(
    "own_household",
    ("不能办理本人和同户家人的户号登记。", "Nobody notes their own or their family's household."),
    ("请由另一位工作人员办理。", "Ask another clerk."),
)
REVEAL_OVER = refusal(
    "reveal_over",
    ("这次查看已经结束。", "This look at the values is over."),
    ("确有需要请重新办理，并再次填写事由。", "If there is need, ask again with its reason."),
)
FIELD_NOT_DECLARED = refusal(
    "field_not_declared",
    ("所选信息项不在可查看的范围内。", "A chosen field is not one that can be shown."),
    ("请只选择办理事项需要的信息。", "Choose only what the matter at hand needs."),
)
_NUMBER_STEP = LocalizedText("请对照证件重新输入号码。", "Check the document and enter it again.")


class Assurance(StrEnum):
    """How surely a person is who they say, as e-cards are issued: 一级 or 二级 (S1)."""

    FIRST = "first"  # over the network: the register confirms name, number and face
    SECOND = "second"  # the person with their document at a counter


class Source(StrEnum):
    """Where a field's value comes from (S115)."""

    DOCUMENT = "document"
    POPULATION_REGISTER = "population_register"
    RESIDENT = "resident"
    CORRECTION = "correction"  # a clerk decided, on the resident's request or among sources
    COUNTER = "counter"  # said at a counter, without proof
    SOCIAL_SECURITY = "social_security"  # 人社业务库: what the bureau's files say


class PersonField(StrEnum):
    """What can be unmasked of a resident."""

    NAME = "name"
    NUMBER = "number"
    PHONE = "phone"
    BIRTH = "birth"


class RevealReason(StrEnum):
    """Why staff may look at values in full."""

    DOCUMENT_CHECK = "document_check"
    SERVICE = "service"
    COMPLAINT = "complaint"
    CONTACT = "contact"
    LEGAL_DUTY = "legal_duty"


_REASONS = {
    RevealReason.DOCUMENT_CHECK: "核对证件 document check",
    RevealReason.SERVICE: "办理业务 service asked for",
    RevealReason.COMPLAINT: "核查投诉 complaint",
    RevealReason.CONTACT: "联系本人 contact",
    RevealReason.LEGAL_DUTY: "依法协查 legal duty",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as a document names them; kept out of `repr`."""

    number: IdNumber = field(repr=False)
    name: str = field(repr=False)


def identity_of(
    number: str, name: str, today: date, longest_name: int = LONGEST_NAME
) -> Identity | Refusal:
    """Read what was typed or read from a document; `today` is the local day."""
    parsed = number_of(number, today)
    if isinstance(parsed, Refusal):
        return parsed
    plain = parse_person_name(name, longest_name)
    if isinstance(plain, NameFault):
        return NAME_LENGTH if plain is NameFault.LENGTH else NAME_FORM
    return Identity(parsed, plain)


def number_of(text: str, today: date) -> IdNumber | Refusal:
    """Read a citizen number as typed; `today` is the local day."""
    parsed = parse_id_number(text, today)
    if isinstance(parsed, InvalidIdNumber):
        return Refusal(parsed.fault.value, parsed.text, _NUMBER_STEP)
    return parsed


def phone_of(text: str) -> str | Refusal:
    """Read a mobile number as typed."""
    return parse_phone(text) or PHONE_FORM


def is_resident_id(text: str) -> bool:
    """Tell whether a text has the form of a resident's id."""
    return _RESIDENT_ID.fullmatch(text) is not None


def household_of(text: str) -> str | Refusal:
    """Read a household's number 户号 as typed."""
    number = text.strip().upper()
    return number if _HOUSEHOLD.fullmatch(number) else HOUSEHOLD_FORM


def reason_text(reason: RevealReason, note: str) -> str:
    """Return a reason of the list with what staff add to it."""
    more = note.strip()
    return f"{_REASONS[reason]}：{more}" if more else _REASONS[reason]


def picture_of(text: str) -> bytes | Refusal:
    """Read a picture as it is sent: base64, not empty."""
    try:
        picture = base64.b64decode(text, validate=True)
    except ValueError:
        return PICTURE_FORM
    return picture or PICTURE_FORM


def region_of(region: int | None, city: int) -> int | Refusal:
    """Return the district somebody lives in (GB/T 2260), which is of this city or the city."""
    if region is None:
        return city
    return region if region // 100 == city // 100 else REGION_FORM


def fields_of(names: list[str]) -> list[PersonField] | Refusal:
    """Return the declared fields that are asked for, each once."""
    known = {member.value: member for member in PersonField}
    if not names or not set(names) <= known.keys():
        return FIELD_NOT_DECLARED
    return [known[name] for name in dict.fromkeys(names)]
