"""What a card function is, who may have it loaded, and which card types overlap: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation, holds_personal_number
from backend.foundation.permissions import NOT_PERMITTED
from backend.foundation.refusals import Refusal, refusal
from shared.localized_text import LocalizedText
from shared.trust.function_list import FUNCTION_CODE, FunctionGrant

MAX_NAME, MAX_PARAMS, MAX_PARAM = 40, 16, 100
MAX_FUNCTIONS = 100
"""Functions of one city at most: each has a list of its own."""

FUNCTION_FORM = refusal(
    "function_form",
    (
        "功能代码、名称、起止时间或参数格式不对。",
        "The function's code, names, dates or parameters have a wrong form.",
    ),
    (
        "代码为2至24个小写字母；名称中英文各1至40个字；止期晚于起期。",
        "A code has 2 to 24 small letters, a name 1 to 40 characters; it ends after it begins.",
    ),
)
FUNCTION_UNKNOWN = refusal(
    "function_unknown",
    ("没有这项卡功能。", "There is no such card function."),
    ("请刷新列表后再选。", "Load the list again and choose from it."),
)
FUNCTION_NOT_OPEN = refusal(
    "function_closed",
    ("这项卡功能尚未开始或已经停办。", "This card function has not begun or has ended."),
    ("请向主办部门咨询。", "Ask the department that offers it."),
)
NOT_THE_OWNER = refusal(
    "function_of_another_department",
    ("这项卡功能由其他部门主办。", "Another department owns this card function."),
    ("请由主办部门办理。", "Have that department change it."),
)
TOO_MANY_FUNCTIONS = refusal(
    "too_many_functions",
    (f"卡功能已达{MAX_FUNCTIONS}项上限。", f"There are {MAX_FUNCTIONS} card functions already."),
    ("请先停办不用的功能。", "Close those that are not used."),
)
CARD_NEEDED = refusal(
    "function_needs_card",
    ("没有正在使用的社保卡，不能开通功能。", "A function is loaded onto a card that is in use."),
    ("请先申领并启用社保卡。", "Apply for a card and have it enabled first."),
)
CARD_TYPE_FORM = refusal(
    "card_type_form",
    (
        "卡种代码、名称、功能或归并期限格式不对。",
        "The card type's code, names, functions or sunset date have a wrong form.",
    ),
    (
        "归并中的卡种须写明停用日期；功能至少一项。",
        "A type that is being merged has a sunset date, and every type a function.",
    ),
)
CARD_TYPE_KNOWN = refusal(
    "card_type_known",
    ("这个卡种代码已经登记。", "This card type is registered already."),
    ("请核对代码。", "Check its code."),
)
CARD_TYPE_OVERLAPS = refusal(
    "card_type_overlaps",
    (
        "所申请卡种的功能与社保卡已归并的功能重复，不得另行发卡。",
        "The card type repeats functions that are merged into the social security card.",
    ),
    (
        "请将功能加载到社保卡；本次申请已记为违规事项，等待核查。",
        "Load them onto that card; the attempt was recorded as a violation to be examined.",
    ),
)


class FunctionStatus(StrEnum):
    """Whether its department offers a function."""

    OPEN = "open"
    CLOSED = "closed"


class MergeStatus(StrEnum):
    """Where a card type stands on its way into the one card 多卡合一."""

    SEPARATE = "separate"  # 单独发行
    MERGING = "merging"  # 归并中
    MERGED = "merged"  # 已归并


@dataclass(frozen=True, slots=True)
class CardFunction:
    """A function that can be loaded onto the card, as its department registered it.

    The programme runs from `since` up to but not including `until`; `params` are the department's
    own settings, plain texts.
    """

    code: str
    owner: Organisation
    name: LocalizedText
    status: FunctionStatus
    grant: FunctionGrant
    since: datetime
    until: datetime | None = None
    params: Mapping[str, str] = field(default_factory=dict)

    def runs_at(self, now: datetime) -> bool:
        """Tell whether the programme is open and its time is now."""
        begun = self.since <= now and (self.until is None or now < self.until)
        return begun and self.status is FunctionStatus.OPEN

    @property
    def granted(self) -> bool:
        """Whether somebody who has said nothing has it."""
        return self.grant is FunctionGrant.BY_DEFAULT


@dataclass(frozen=True, slots=True)
class CardType:
    """A card beside the social security card: whose it is, and what it is for.

    `sunset` is the last local day on which it is taken.
    """

    code: str
    owner: Organisation
    name: LocalizedText
    functions: frozenset[str]
    merge_status: MergeStatus
    sunset: date | None = None


def function_fault(function: CardFunction) -> Refusal | None:
    """Return why a function cannot be registered as written."""
    whole = _whole_second(function.since) and (
        function.until is None
        or (_whole_second(function.until) and function.since < function.until)
    )
    params = len(function.params) <= MAX_PARAMS and all(
        FUNCTION_CODE.fullmatch(name) and _plain(value, MAX_PARAM)
        for name, value in function.params.items()
    )
    fits = FUNCTION_CODE.fullmatch(function.code) and _named(function.name, function.owner)
    return None if fits and whole and params else FUNCTION_FORM


def card_type_fault(kind: CardType) -> Refusal | None:
    """Return why a card type cannot be registered as written."""
    codes = (kind.code, *kind.functions)
    dated = kind.sunset is not None or kind.merge_status is not MergeStatus.MERGING
    fits = all(map(FUNCTION_CODE.fullmatch, codes)) and 1 <= len(kind.functions) <= MAX_FUNCTIONS
    return None if fits and dated and _named(kind.name, kind.owner) else CARD_TYPE_FORM


def owner_fault(caller: Caller, owner: Organisation) -> Refusal | None:
    """Return why `caller` may not speak for a department; the platform may for every one."""
    if Role.SYSTEM_ADMINISTRATOR in caller.roles:
        return None
    if Role.DEPARTMENT_OFFICER not in caller.roles:
        return NOT_PERMITTED
    return None if caller.organisation.code == owner.code else NOT_THE_OWNER


def overlap(
    kind: CardType, others: Iterable[CardType], functions: Iterable[CardFunction]
) -> frozenset[str]:
    """Return the functions for which a separate card may not be issued (H14, C).

    Those of card types that were merged, and those that the one card offers itself.
    """
    if kind.merge_status is not MergeStatus.SEPARATE:
        return frozenset()
    merged = [one.functions for one in others if one.merge_status is not MergeStatus.SEPARATE]
    loaded = {one.code for one in functions if one.status is FunctionStatus.OPEN}
    return kind.functions & loaded.union(*merged)


def _whole_second(instant: datetime) -> bool:
    aware = instant.tzinfo is not None and instant.utcoffset() == timedelta()
    return aware and instant.microsecond == 0 and 0 <= instant.timestamp() < 2**32


def _named(name: LocalizedText, owner: Organisation) -> bool:
    texts = (name.zh, name.en, owner.code, owner.name.zh, owner.name.en)
    return all(_plain(text, MAX_NAME) for text in texts)


def _plain(text: str, most: int) -> bool:
    return 1 <= len(text) <= most and text.isprintable() and not holds_personal_number(text)
