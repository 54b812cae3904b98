"""The deeds with stored value in the audit log."""

from collections.abc import Mapping

from backend.foundation.deeds import AreaDeeds
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
_DEEDS = AreaDeeds("stored_value", WORDS)
of_holder, of_staff, of_house = _DEEDS.of_holder, _DEEDS.of_staff, _DEEDS.of_house
