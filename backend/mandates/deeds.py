"""The mandates area's deeds in the audit log."""

from collections.abc import Mapping
from datetime import datetime

from backend.foundation.access import Caller
from backend.foundation.audit import OK, PLATFORM, Actor, ActorKind, Deed, System
from shared.localized_text import LocalizedText

HOUSE = Actor(ActorKind.SYSTEM, "mandates")
AGENT = LocalizedText("代办人（本人授权）", "A delegate whom you authorised")
WORDS: Mapping[str, LocalizedText] = {
    "mandates.offered": LocalizedText("发出了代办邀请", "Made an invitation to a mandate"),
    "mandates.taken": LocalizedText("接受了代办邀请", "Took an invitation to a mandate"),
    "mandates.confirmed": LocalizedText("确认了代办授权", "Confirmed a mandate"),
    "mandates.consented": LocalizedText("同意继续由父母代办", "Consented to go on with a mandate"),
    "mandates.reviewed": LocalizedText("复核了监护代办", "Reviewed a guardian's mandate"),
    "mandates.scope_stopped": LocalizedText("停止了一项代办事项", "Stopped one scope of a mandate"),
    "mandates.stopped": LocalizedText("停止了代办授权", "Stopped a mandate"),
    "mandates.ended": LocalizedText("代办授权到期结束", "A mandate came to its end"),
    "mandates.disputed": LocalizedText("对代办授权提出异议", "Disputed a mandate"),
    "mandates.settled": LocalizedText("处理了代办授权的异议", "Decided a dispute of a mandate"),
    "mandates.false_claim": LocalizedText(
        "登记了不实的关系声明（冒用）", "Noted a false claim of kinship"
    ),
    "mandates.limits": LocalizedText("设置了代办支付限额", "Set the limits of a mandate"),
    "mandates.guarded": LocalizedText("查看了他人为您代办的授权", "Looked at who may act for you"),
    "mandates.notices": LocalizedText("设置了代办通知方式", "Chose how to be told of views"),
    "mandates.guardianship_lifted": LocalizedText(
        "登记了监护关系终止", "Noted that a guardianship is over"
    ),
    "mandates.excluded": LocalizedText("登记了不得代办的人", "Noted who may not act for somebody"),
}


def of_caller(
    by: Caller | None, action: str, about: str | None, at: datetime, *,
    mandate: str | None = None, reason: str = "", result: str = OK,
) -> Deed:  # fmt: skip
    """Return a deed of either side, of a clerk, or (by nobody) of the house itself."""
    by_person = by is not None and by.resident_id is not None
    system = System.APP if by_person else System.COUNTER if by else System.BATCH
    return Deed(
        at=at,
        actor=by.actor if by else HOUSE,
        action=action,
        words=WORDS[action],
        system=system,
        subject=about,
        reason=reason,
        result=result,
        disclosed=not (by is not None and by.resident_id == about),
        mandate=mandate,
        organisation=by.organisation if by else PLATFORM,
    )
