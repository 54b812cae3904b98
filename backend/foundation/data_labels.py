"""What kind of data a stored field holds, and how closely it is kept (L2, L34).

A label is a category and a grade 分级 (数据安全法 21); whether it is sensitive 敏感个人信息 follows
PIPL 28 and GB/T 35273 annex B. All data of people under 14 are sensitive, whatever their label:
which these are is not known to a field. Ids, instants and states are known by their type; whatever
else is stored is labelled by name, so that nothing is left out by silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin

from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Label:
    """A category with its grade, from 1 (public) to 4 (sensitive, or what opens the rest)."""

    code: str
    words: LocalizedText
    grade: int
    sensitive: bool = False


def _label(code: str, zh: str, en: str, grade: int, *, sensitive: bool = False) -> Label:
    return Label(code, LocalizedText(zh, en), grade, sensitive)


# Not about a person, or only by what stands beside it.
PUBLIC = _label("public", "公开信息", "public", 1)
OPERATION = _label("operation", "运行数据", "how the system works", 2)
IDENTIFIER = _label("identifier", "内部编号", "internal id", 2)
INSTANT = _label("instant", "时间", "instant", 2)
STATE = _label("state", "状态", "state", 2)
PROOF = _label("proof", "校验值", "value that only proves", 3)
SECRET = _label("secret", "密钥和凭证", "key or credential", 4)
# About a person.
IDENTITY = _label("identity", "基本身份信息", "identity", 3)
NUMBER = _label("identity_number", "证件号码", "ID number", 4, sensitive=True)
CONTACT = _label("contact", "联系方式", "contact", 3)
CARD = _label("card", "卡片信息", "card", 3)
ACTIVITY = _label("activity", "预约和使用记录", "bookings and use", 3)
WORDS = _label("words", "填写的文字", "what somebody wrote", 3)
LOG = _label("log", "操作日志", "log of acts", 3)
RELATION = _label("relation", "家庭关系", "family relation", 3)
STANDING = _label("standing", "特定身份和资格", "specific identity", 4, sensitive=True)
ACCOUNT = _label("financial_account", "金融账户", "financial account", 4, sensitive=True)
WHEREABOUTS = _label("whereabouts", "行踪轨迹", "whereabouts", 4, sensitive=True)
UNDER_SEAL = _label("under_seal", "加密的综合记录", "sealed record of several", 4, sensitive=True)


class FieldKind(StrEnum):
    """What a field's type tells of it."""

    ID = "id"
    INSTANT = "instant"
    STATE = "state"


_BY_KIND: Mapping[FieldKind, Label] = {
    FieldKind.ID: IDENTIFIER,
    FieldKind.INSTANT: INSTANT,
    FieldKind.STATE: STATE,
}
Labels = Mapping[Label, str]
"""Fields by their labels: names separated by blanks, each once."""


def label_of(name: str, annotation: Any, labels: Labels, every: Label | None) -> Label | None:
    """Return a stored field's label, None where nobody has given it one.

    Args:
        name: the field, `_id` for the document's own.
        annotation: its type.
        labels: the labels given by name.
        every: the label of a row as a whole: that of its ids, instants and states.
    """
    given = [label for label, names in labels.items() if name in names.split()]
    if len(given) > 1:
        raise ValueError(f"{name} has two labels")
    if given:
        return given[0]
    kind = _kind(name, annotation)
    if kind is None:
        return None
    return every or _BY_KIND[kind]


def _kind(name: str, annotation: Any) -> FieldKind | None:
    parts = set(get_args(annotation)) if get_origin(annotation) in {Union, UnionType} else set()
    kinds = (parts or {annotation}) - {type(None)}
    if name == "_id" or name.endswith("_id"):
        return FieldKind.ID
    if kinds == {datetime}:
        return FieldKind.INSTANT
    if all(isinstance(one, type) and (one is bool or issubclass(one, Enum)) for one in kinds):
        return FieldKind.STATE
    return None


@dataclass(frozen=True, slots=True)
class HouseRecords:
    """A collection that is not told to residents: the house's own, of staff, or found by nobody.

    Args:
        collection: its name.
        purpose: what it is stored for.
        kept: how long, and why.
        labels: as with `PersonalRecords`.
        every: likewise.
    """

    collection: str
    purpose: LocalizedText
    kept: LocalizedText
    labels: Labels = field(default_factory=dict)
    every: Label | None = None
