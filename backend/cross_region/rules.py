"""When a cross-region case 跨省通办 may be opened, and what each answer does to it: pure (S12).

`TABLE` says for every (event, state) what follows. The other region's system may be offline, answer
late, twice, or otherwise than before; none of it may do or count a service twice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.cards.lifecycle import SERVICES, Actor, CardEvent, ReplacementReason
from backend.foundation.audit import holds_personal_number
from backend.foundation.refusals import Refusal, refusal
from shared.identity.regions import region_of
from shared.localized_text import LocalizedText

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
"""After so long nobody asks the other region again; what it still answers counts all the same."""
LONGEST_TEXT = 200
_PEER_CASE = re.compile(r"[0-9A-Za-z_-]{8,64}")
_OUTLET = re.compile(r"[0-9A-Za-z_-]{1,40}")
_CODE = re.compile(r"[a-z][a-z_]{0,39}")

ITEMS = frozenset(
    event
    for event, service in SERVICES.items()
    # PINs 社保卡密码 are keyed in where the card's own issuer is and travel to nobody.
    if Actor.OUTLET_CLERK in service.by and event not in {CardEvent.CHANGE_PIN, CardEvent.RESET_PIN}
)
"""The card services that can be asked for in another region."""


class Direction(StrEnum):
    """Which way a case goes, seen from here."""

    OUTGOING = "OUTGOING"  # asked for at our outlet, done by the region that issued the card
    INCOMING = "INCOMING"  # asked for elsewhere, done here on a card of ours


class CaseState(StrEnum):
    """Where a case stands."""

    WAITING = "WAITING"  # 待受理: the region that does it has not answered
    ACCEPTED = "ACCEPTED"  # 已受理
    DONE = "DONE"  # 已办结
    REFUSED = "REFUSED"  # 不予办理
    UNANSWERED = "UNANSWERED"  # 逾期未答复
    WITHDRAWN = "WITHDRAWN"  # 已撤回: the person left before it was done


class CaseEvent(StrEnum):
    """What can happen to a case."""

    ACCEPT = "ACCEPT"
    COMPLETE = "COMPLETE"
    REFUSE = "REFUSE"
    GIVE_UP = "GIVE_UP"


class Repeat(StrEnum):
    """An event that changes nothing."""

    SAME = "SAME"  # said before
    LATE = "LATE"  # overtaken by another answer
    OTHERWISE = "OTHERWISE"  # the region said the contrary before: somebody must look


OPEN = (CaseState.WAITING, CaseState.ACCEPTED)
"""A case that somebody is still asked about."""
Outcome = CaseState | Repeat
TABLE: Mapping[CaseEvent, Mapping[CaseState, Outcome]] = {
    CaseEvent.ACCEPT: {
        CaseState.WAITING: CaseState.ACCEPTED,
        CaseState.ACCEPTED: Repeat.SAME,
        CaseState.DONE: Repeat.LATE,
        CaseState.REFUSED: Repeat.LATE,
        CaseState.UNANSWERED: Repeat.LATE,
        CaseState.WITHDRAWN: Repeat.LATE,
    },
    CaseEvent.COMPLETE: {
        CaseState.WAITING: CaseState.DONE,
        CaseState.ACCEPTED: CaseState.DONE,
        CaseState.DONE: Repeat.SAME,
        CaseState.REFUSED: Repeat.OTHERWISE,
        CaseState.UNANSWERED: CaseState.DONE,
        CaseState.WITHDRAWN: Repeat.OTHERWISE,
    },
    CaseEvent.REFUSE: {
        CaseState.WAITING: CaseState.REFUSED,
        CaseState.ACCEPTED: CaseState.REFUSED,
        CaseState.DONE: Repeat.OTHERWISE,
        CaseState.REFUSED: Repeat.SAME,
        CaseState.UNANSWERED: CaseState.REFUSED,
        CaseState.WITHDRAWN: Repeat.LATE,
    },
    CaseEvent.GIVE_UP: {
        CaseState.WAITING: CaseState.UNANSWERED,
        CaseState.ACCEPTED: CaseState.UNANSWERED,
        CaseState.DONE: Repeat.LATE,
        CaseState.REFUSED: Repeat.LATE,
        CaseState.UNANSWERED: Repeat.SAME,
        CaseState.WITHDRAWN: Repeat.LATE,
    },
}
"""What follows, for every event and every state."""

STATE_WORDS: Mapping[CaseState, LocalizedText] = {
    CaseState.WAITING: LocalizedText("待受理", "Waiting for the issuing region"),
    CaseState.ACCEPTED: LocalizedText("已受理", "Taken up by the issuing region"),
    CaseState.DONE: LocalizedText("已办结", "Done"),
    CaseState.REFUSED: LocalizedText("不予办理", "Refused"),
    CaseState.UNANSWERED: LocalizedText("对方逾期未答复", "The issuing region did not answer"),
    CaseState.WITHDRAWN: LocalizedText("已撤回", "Withdrawn"),
}

_AT_HOME = ("请到发卡地网点办理。", "Go to an outlet of the region that issued the card.")
ITEM_NOT_SHARED = refusal(
    "item_not_cross_region",
    ("此项业务不能跨地区办理。", "This service is not done across regions."),
    _AT_HOME,
)
REGION_NOT_ALLIED = refusal(
    "region_not_allied",
    ("该地区尚未加入通办。", "That region takes no part in services across regions."),
    _AT_HOME,
)
OWN_REGION = refusal(
    "card_of_own_region",
    ("这是本市发行的卡。", "The card is one of this city's own."),
    ("请按本市业务办理。", "Serve it as any card of the city."),
)
OUTLET_NOT_QUALIFIED = refusal(
    "outlet_not_qualified",
    ("本网点不具备办理此项跨地区业务的资格。", "This outlet may not do this across regions."),
    ("请到有资格的网点办理。", "Go to an outlet that may."),
)
REASON_MISSING = refusal(
    "replacement_reason_missing",
    ("补卡、换卡须说明原因。", "A replacement needs its reason."),
    ("请选择原因。", "Choose the reason."),
)
CASE_RUNS = refusal(
    "cross_region_case_open",
    ("同一业务已在办理中。", "The same service is under way already."),
    ("请等待发卡地答复。", "Wait for the issuing region's answer."),
)
CASE_UNKNOWN = refusal(
    "cross_region_case_unknown",
    ("没有这件跨地区业务。", "There is no such case."),
    ("请核对编号。", "Check its id."),
)
CASE_REUSED = refusal(
    "cross_region_case_reused",
    ("同一业务编号用于了不同的内容。", "The case's id was used for something else."),
    ("请使用新的业务编号。", "Use a new id."),
)
SENDER_UNKNOWN = refusal(
    "region_unknown",
    ("对方系统的密钥未登记。", "The sender's key is not that of an allied region."),
    ("请先登记通办地区。", "Have the region registered first."),
)
REQUEST_FORM = refusal(
    "cross_region_request_form",
    ("请求内容不符合约定。", "The request has not the form agreed on."),
    ("请按接口说明修改请求。", "Correct it as the interface's description says."),
)
HOLDER_UNKNOWN = refusal(
    "holder_unknown",
    ("姓名与证件号码不是本市持卡人的。", "No card holder of this city has this name and number."),
    ("请核对发卡地区和证件。", "Check the issuing region and the document."),
)
ALLIANCE_FORM = refusal(
    "alliance_form",
    ("登记内容不完整或不正确。", "What is to be registered is incomplete or wrong."),
    ("请核对地区代码、名称、密钥和业务范围。", "Check region, name, key and services."),
)
NO_ANSWER = LocalizedText(
    "发卡地逾期未答复，请到网点咨询。", "The issuing region did not answer; ask at an outlet."
)
UNTOLD = LocalizedText("发卡地未说明原因。", "The issuing region gave no reason that can be shown.")


@dataclass(frozen=True, slots=True)
class Membership:
    """A region of the alliance, as it stands: its services, and until when it takes part."""

    items: frozenset[CardEvent]
    ends_at: datetime | None = None

    def has_left(self, now: datetime) -> Refusal | None:
        """Return that the region takes part no longer."""
        return REGION_NOT_ALLIED if self.ends_at is not None and self.ends_at <= now else None

    def takes(self, item: CardEvent, now: datetime) -> Refusal | None:
        """Return why the region takes no case of `item` now."""
        return self.has_left(now) or (None if item in self.items else ITEM_NOT_SHARED)


@dataclass(frozen=True, slots=True)
class Opening:
    """What is asked for at an outlet: an item of a card that another region issued."""

    origin_region: int
    item: CardEvent
    reason: ReplacementReason | None = None


def opening(
    asked: Opening,
    city: int,
    member: Membership | None,
    outlet_items: frozenset[CardEvent],
    now: datetime,
) -> Refusal | None:
    """Return why a case is not opened.

    Args:
        asked: what is asked for.
        city: the region of this house.
        member: the region that issued the card, None where it is not of the alliance.
        outlet_items: what the handling outlet is qualified for.
        now: the present instant.
    """
    if asked.item not in ITEMS:
        return ITEM_NOT_SHARED
    if same_city(asked.origin_region, city):
        return OWN_REGION
    if member is None:
        return REGION_NOT_ALLIED
    if asked.item is CardEvent.REPLACE and asked.reason is None:
        return REASON_MISSING
    if asked.item not in outlet_items:
        return OUTLET_NOT_QUALIFIED
    return member.takes(asked.item, now)


def decide(state: CaseState, event: CaseEvent) -> Outcome:
    """Return the next state, or why the event changes nothing."""
    return TABLE[event][state]


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after so many tries, from 1: doubled each time, up to an hour."""
    return min(FIRST_WAIT * (1 << min(tries - 1, 10)), LONGEST_WAIT)


def same_city(region: int, other: int) -> bool:
    """Tell whether two codes (GB/T 2260) are of one city."""
    return region // 100 == other // 100


def name_of(region: int) -> str:
    """Return a region's Chinese name, its code where the table lacks it."""
    found = region_of(region)
    return str(region) if found is None else found.full_name


def is_peer_case(text: str) -> bool:
    """Tell whether a text has the form of another region's case id."""
    return _PEER_CASE.fullmatch(text) is not None


def is_outlet(text: str) -> bool:
    """Tell whether a text has the form of an outlet's code."""
    return _OUTLET.fullmatch(text) is not None


def is_code(text: str) -> bool:
    """Tell whether a text has the form of a refusal's code."""
    return _CODE.fullmatch(text) is not None


def shown_text(text: LocalizedText) -> LocalizedText | None:
    """Return another region's words where they can be stored and shown: short, without numbers."""
    both = (text.zh.strip(), text.en.strip())
    fits = all(1 <= len(one) <= LONGEST_TEXT and one.isprintable() for one in both)
    return LocalizedText(*both) if fits and not any(map(holds_personal_number, both)) else None
