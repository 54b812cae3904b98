"""What a guide has to say, how long it counts as fresh, and which published items lack one: pure.

S102: each published item has a guide that is at most 90 days old.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.refusals import Refusal, refusal
from shared.localized_text import LocalizedText

FRESH = timedelta(days=90)
"""So long after its last review a guide is held to be true."""
MOST_STEPS, MOST_OUTLETS, MOST_AT_ONCE = 12, 30, 200
LAST_OUTLET = 65_535
"""The largest number of a place in the catalogue (uint16)."""
FUNCTION_PREFIX = "function."
"""Before a card function's code: published items are the app's services and open functions."""
_LONGEST_TITLE, _LONGEST_TEXT = 40, 400
_ICON = re.compile(r"[a-z][a-z-]{0,30}", re.ASCII)
_EARTH_METRES = 6_371_009.0

GUIDE_FORM = refusal(
    "guide_form",
    ("指南填写有误。", "The guide is not right."),
    (
        "名称、对象、材料、费用、时限和1至12个步骤都要有中英文，且不含证件号码和手机号码。",
        "Title, who, what to bring, cost, time and 1 to 12 steps are needed in both languages, "
        "without citizen or mobile numbers.",
    ),
)
GUIDE_ITEM_UNKNOWN = refusal(
    "guide_item_unknown",
    ("没有发布这个事项。", "No such item is published."),
    ("请核对事项代码。", "Check the item's code."),
)
GUIDE_UNKNOWN = refusal(
    "guide_unknown",
    ("这个事项还没有指南。", "There is no guide of this yet."),
    ("请拨打12333，或到网点咨询。", "Call 12333, or ask at an outlet."),
)
GUIDE_CHANGED = refusal(
    "guide_changed",
    ("指南已被他人修改。", "Somebody changed the guide meanwhile."),
    ("请重新打开后再改。", "Open it again, then change it."),
)
GUIDE_OF_OTHERS = refusal(
    "guide_of_another_department",
    ("这份指南由其他部门负责。", "Another department answers for this guide."),
    ("请由负责部门修改或复核。", "Have that department change or review it."),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; `icon` names a picture of the app's."""

    text: LocalizedText
    icon: str


@dataclass(frozen=True, slots=True)
class Guide:
    """What people are told of an item; `outlets` are numbers of the catalogue of venues."""

    item: str
    title: LocalizedText
    who: LocalizedText
    bring: LocalizedText
    cost: LocalizedText
    takes: LocalizedText
    steps: tuple[Step, ...]
    outlets: tuple[int, ...] = ()

    @property
    def texts(self) -> tuple[LocalizedText, ...]:
        """All its words but the title."""
        return (self.who, self.bring, self.cost, self.takes, *(step.text for step in self.steps))


class GapKind(StrEnum):
    """What is wrong with a published item's guide."""

    MISSING = "MISSING"
    OUTDATED = "OUTDATED"


@dataclass(frozen=True, slots=True)
class Gap:
    """A published item without a fresh guide; `reviewed_at` None where it has none at all."""

    item: str
    kind: GapKind
    reviewed_at: datetime | None = None


def guide_fault(guide: Guide, holds_number: Callable[[str], bool]) -> Refusal | None:
    """Return why a guide cannot be published so; `holds_number` finds a person's number."""
    words = [word for text in (guide.title, *guide.texts) for word in (text.zh, text.en)]
    fits = (
        1 <= len(guide.steps) <= MOST_STEPS
        and len(guide.outlets) <= MOST_OUTLETS
        and len(set(guide.outlets)) == len(guide.outlets)
        and all(len(word) <= _LONGEST_TITLE for word in (guide.title.zh, guide.title.en))
        and all(map(_is_told, words))
        and all(_ICON.fullmatch(step.icon) for step in guide.steps)
        and not any(map(holds_number, words))
    )
    return None if fits else GUIDE_FORM


def is_outlet(number: int) -> bool:
    """Tell whether a place of the catalogue can have this number."""
    return 1 <= number <= LAST_OUTLET


def outlet_unknown(number: int) -> Refusal:
    """Return that there is no such outlet, by its number where it can be one."""
    which = str(number) if is_outlet(number) else "?"
    return refusal(
        "guide_outlet_unknown",
        (
            f"场馆名录中没有编号为{which}的网点。",
            f"No place in the catalogue has the outlet number {which}.",
        ),
        (
            f"请核对编号（1至{LAST_OUTLET}），或先登记该网点的地址和开放时间。",
            f"Check the number (1 to {LAST_OUTLET}), or file its address and opening hours first.",
        ),
    )


def owner_fault(caller: Caller, owner: Organisation) -> Refusal | None:
    """Return why `caller` may not speak for who answers for a guide; the platform may always."""
    if Role.SYSTEM_ADMINISTRATOR in caller.roles or caller.organisation.code == owner.code:
        return None
    return GUIDE_OF_OTHERS


def is_fresh(reviewed_at: datetime, now: datetime) -> bool:
    """Tell whether a guide that was last reviewed then still counts."""
    return now - reviewed_at <= FRESH


def gaps(
    published: Iterable[str], reviewed: Mapping[str, datetime], now: datetime
) -> tuple[Gap, ...]:
    """Return the published items without a guide, or with one that was reviewed too long ago."""
    found = []
    for item in published:
        at = reviewed.get(item)
        if at is None:
            found.append(Gap(item, GapKind.MISSING))
        elif not is_fresh(at, now):
            found.append(Gap(item, GapKind.OUTDATED, at))
    return tuple(found)


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two places, (latitude, longitude) in degrees."""
    (lat, lon), (lat2, lon2) = (tuple(map(math.radians, place)) for place in (one, other))
    half = math.sin((lat2 - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH_METRES * math.asin(min(1.0, math.sqrt(half)))


def _is_told(word: str) -> bool:
    return 1 <= len(word.strip()) <= _LONGEST_TEXT and word.isprintable()
