"""What an item may ask of a person, and of which card and holder an assertion is made: pure (S4).

社会保障卡等同于身份证办理: the card stands for the identity card where an item 事项 says so, and
tells of its holder what that item declares. What is not in `AssertedField` cannot be declared; a
photograph's hash is not, since no photograph is kept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from backend.cards import refusals as card
from backend.cards.lifecycle import CardState
from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation, holds_personal_number
from backend.foundation.refusals import Refusal, refusal
from shared.ecode.reasons import Detail, Reason, explain
from shared.identity.regions import region_of
from shared.localized_text import LocalizedText

MAX_ITEMS = 500
MAX_NAME = 40
LASTS = timedelta(minutes=5)
"""So long the same request may ask again for an assertion whose answer was lost."""
_CODE = re.compile(r"[a-z][a-z0-9-]{1,31}")

ITEM_FORM = refusal(
    "item_form",
    (
        "事项的代码、名称、部门或所需字段格式不对。",
        "The item's code, name, department or fields have a wrong form.",
    ),
    (
        "代码为2至32个小写字母、数字或连字符；名称各1至40个字；字段不重复。",
        "A code has 2 to 32 small letters, digits or hyphens, a name 1 to 40 characters; no field "
        "stands twice.",
    ),
)
TOO_MANY_ITEMS = refusal(
    "too_many_items",
    (f"事项已达{MAX_ITEMS}项上限。", f"There are {MAX_ITEMS} items already."),
    ("请先停办不用的事项。", "Change one that is not used instead."),
)
ITEM_UNKNOWN = refusal(
    "item_unknown",
    ("没有这个事项，或事项已停办。", "There is no such item, or it is closed."),
    ("请刷新事项列表后再选。", "Load the list again and choose from it."),
)
ITEM_OF_ANOTHER_DEPARTMENT = refusal(
    "item_of_another_department",
    ("这个事项由其他部门办理。", "Another department handles this item."),
    ("请选择本部门的事项。", "Choose an item of your own department."),
)
EVIDENCE_FORM = refusal(
    "evidence_form",
    (
        "请出示电子社保卡码或读取实体卡，二者选一。",
        "Show an e-card code or read a physical card: one of the two.",
    ),
    ("请重新扫码或重新读卡。", "Scan the code or read the card again."),
)
CARD_NOT_FOUND = refusal(
    "card_not_found",
    ("本市没有登记这张卡。", "This city has no such card on record."),
    ("请核对卡片；必要时请出示居民身份证。", "Check the card, or ask for the identity card."),
)
HOLDER_CLOSED = refusal(
    "holder_closed",
    ("持卡人已注销账户。", "The holder has closed their account."),
    ("请出示居民身份证；如需恢复，请重新注册。", "Ask for the identity card, or register again."),
)
CODE_SHOWN = refusal(
    "code_shown_before",
    ("这个码已经用过一次。", "This code was used once already."),
    ("请等码刷新（5秒）后再出示。", "Wait 5 s for a new code and show that."),
)
ASSERTION_OVER = refusal(
    "assertion_over",
    ("这次身份核验已经结束。", "This assertion is over."),
    ("确有需要请让持卡人重新出示。", "If there is need, have the holder show the card again."),
)


class AssertedField(StrEnum):
    """What an item may declare that it needs, in the order in which it is answered."""

    MASKED_NAME = "masked_name"
    NAME = "name"
    MASKED_NUMBER = "masked_number"
    NUMBER = "number"
    BIRTH = "birth"
    AGE_BAND = "age_band"
    CARD_STATE = "card_state"
    REGION = "region"


FIELD_WORDS: Mapping[AssertedField, LocalizedText] = {
    AssertedField.MASKED_NAME: LocalizedText("姓名（隐去部分）", "name (masked)"),
    AssertedField.NAME: LocalizedText("姓名", "name"),
    AssertedField.MASKED_NUMBER: LocalizedText("证件号码（隐去部分）", "ID number (masked)"),
    AssertedField.NUMBER: LocalizedText("证件号码", "ID number"),
    AssertedField.BIRTH: LocalizedText("出生日期", "birth date"),
    AssertedField.AGE_BAND: LocalizedText("年龄段", "age band"),
    AssertedField.CARD_STATE: LocalizedText("卡状态", "card state"),
    AssertedField.REGION: LocalizedText("发卡地区", "issuing region"),
}


class Evidence(StrEnum):
    """What was shown at the counter."""

    CODE = "code"  # 电子社保卡码
    CARD = "card"  # 实体卡


STANDING_WORDS: Mapping[Evidence, LocalizedText] = {
    Evidence.CODE: LocalizedText(
        "电子社保卡码有效，签名已核验，卡状态正常。",
        "The e-card code holds, its signatures were verified and the card counts.",
    ),
    Evidence.CARD: LocalizedText(
        "卡状态正常；未用PSAM认证，不能确认卡片真伪，请核对持卡人。",
        "The card counts; without a PSAM it was not proven genuine: compare it with its holder.",
    ),
}


@dataclass(frozen=True, slots=True)
class IdentityItem:
    """A matter 事项 of a department in which the card stands for the identity card."""

    code: str
    department: Organisation
    name: LocalizedText
    fields: tuple[AssertedField, ...]
    open: bool = True


@dataclass(frozen=True, slots=True)
class Presented:
    """A card before the counter: its state that counts now, and what is known of its holder."""

    state: CardState
    holder_died: bool
    holder_closed: bool
    phone_refused: Refusal | None = None


def is_item_code(text: str) -> bool:
    """Tell whether a text has the form of an item's code."""
    return _CODE.fullmatch(text) is not None


def item_fault(item: IdentityItem) -> Refusal | None:
    """Return why an item cannot be registered as written."""
    owner = item.department
    names = (item.name.zh, item.name.en, owner.code, owner.name.zh, owner.name.en)
    once = len(set(item.fields)) == len(item.fields)
    return None if is_item_code(item.code) and all(map(_plain, names)) and once else ITEM_FORM


def use_fault(caller: Caller, item: IdentityItem | None) -> Refusal | None:
    """Return why `caller` may not use an item: outlets serve all departments 综合窗口."""
    if item is None or not item.open:
        return ITEM_UNKNOWN
    own = caller.organisation.code == item.department.code
    return None if own or Role.OUTLET_CLERK in caller.roles else ITEM_OF_ANOTHER_DEPARTMENT


def presented_fault(presented: Presented) -> Refusal | None:
    """Return why no assertion is made of a card; what concerns the holder comes first.

    Of somebody who closed their account nothing is asserted though their card goes on counting:
    what the issuer keeps of them may be stored and not used (PIPL 47).
    """
    if presented.holder_died:
        return card.HOLDER_DIED
    if presented.holder_closed:
        return HOLDER_CLOSED
    return _NOT_COUNTING.get(presented.state) or presented.phone_refused


def code_refusal(reason: Reason, detail: Detail) -> Refusal:
    """Return why a code was not verified, in the words that readers have for it."""
    words = explain(reason, detail)
    return Refusal(reason.value, words.staff, words.next_step)


def of_another_region(region: int) -> Refusal:
    """Return why a card of another region is no identity document here."""
    found = region_of(region)
    name = found.full_name if found else f"{region:06}"
    return refusal(
        "card_of_another_region",
        (
            f"这是{name}发行的社会保障卡，本市不能核验，不能代替居民身份证。",
            f"This card was issued in {name}; it cannot be verified here and does not stand for "
            "the identity card.",
        ),
        (
            "外地卡在本市只用于就医结算等全国联网事项；请出示居民身份证。",
            "Here it is accepted only for nationwide matters such as settling medical bills; ask "
            "for the identity card.",
        ),
    )


_NOT_COUNTING: Mapping[CardState, Refusal] = {
    CardState.IN_PRODUCTION: card.CARD_IN_PRODUCTION,
    CardState.AWAITING_COLLECTION: card.CARD_NOT_COLLECTED,
    CardState.SUSPENDED: card.CARD_SUSPENDED,
    CardState.LOST: card.CARD_LOST,
    CardState.REPLACED: card.CARD_REPLACED,
    CardState.EXPIRED: card.CARD_EXPIRED,
    CardState.CANCELLED: card.CARD_CANCELLED,
}


def _plain(text: str) -> bool:
    return 1 <= len(text) <= MAX_NAME and text.isprintable() and not holds_personal_number(text)
