"""The deeds with stored value in the audit log."""

from collections.abc import Mapping
from datetime import datetime

from backend.foundation.access import Caller
from backend.foundation.audit import Actor, ActorKind, Deed, System
from shared.localized_text import LocalizedText

WORDS: Mapping[str, LocalizedText] = {
    "stored_value.group": LocalizedText("设置了储值项目", "Described a stored value"),
    "stored_value.closed": LocalizedText("停止了储值项目", "Ended a stored value"),
    "stored_value.topped_up": LocalizedText("为储值充值", "Topped up a stored value"),
    "stored_value.spent": LocalizedText("用储值消费", "Spent from a stored value"),
    "stored_value.paid": LocalizedText("用储值支付了预约", "Paid for a booking with stored value"),
    "stored_value.given_back": LocalizedText(
        "退订款退回储值", "Got back what was paid for a booking"
    ),
    "stored_value.refunded": LocalizedText("储值余额退款", "Refunded the balance of stored value"),
}


def of_holder(action: str, resident_id: str, at: datetime, origin: str = "") -> Deed:
    """Return what a resident did with what is theirs; their routine, not a use of their data."""
    return Deed(
        at=at,
        actor=Actor(ActorKind.RESIDENT, resident_id),
        action=action,
        words=WORDS[action],
        system=System.APP,
        subject=resident_id,
        origin=origin,
        disclosed=False,
    )


def of_staff(
    by: Caller, action: str, resident_id: str | None, at: datetime, reason: str = ""
) -> Deed:
    """Return what staff did; the person concerned finds it among the uses of their data."""
    return Deed(
        at=at,
        actor=by.actor,
        action=action,
        words=WORDS[action],
        system=System.COUNTER if by.staff_id else System.BATCH,
        subject=resident_id,
        organisation=by.organisation,
        reason=reason,
    )
