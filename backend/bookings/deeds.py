"""The bookings area's deeds in the audit log."""

from collections.abc import Mapping
from datetime import datetime

from backend.foundation.access import Caller
from backend.foundation.audit import OK, Deed, System
from backend.foundation.deeds import AreaDeeds
from shared.localized_text import LocalizedText

PLACED = LocalizedText("预约了名额", "Booked places")
WAITS = LocalizedText("加入候补名单", "Joined a waiting list")
CONFIRMED = LocalizedText("确认了预约", "Confirmed a booking")
CANCELLED = LocalizedText("取消了预约", "Cancelled a booking")
MOVED = LocalizedText("改约到其他时段", "Moved a booking")
OFFERED = LocalizedText("候补有了名额", "Was offered places from a waiting list")
EXPIRED = LocalizedText("名额未按时确认，已释放", "Places were not confirmed in time and freed")
CLOSED = LocalizedText("场馆取消了时段和预约", "The venue closed a slot and its bookings")
ENDED = LocalizedText("预约的时段已结束", "A booked slot is over")
CALENDAR = LocalizedText("修改了场馆的开放日历", "Changed a venue's opening calendar")
LAYOUT = LocalizedText("修改了场馆的分区和通道", "Changed a venue's areas and lanes")
PLAN = LocalizedText("修改了场馆的预约计划", "Changed a venue's plans of slots")
READ = LocalizedText("查阅了预约", "Read a booking")
CHECKED_IN = LocalizedText("报到并取了排队号", "Checked in and took a queue number")
PARDONED = LocalizedText("免记了爽约", "Pardoned a no-show")
QUEUE_SERVED = LocalizedText("叫号或处理了排队号", "Called or settled a queue number")

WORDS: Mapping[str, LocalizedText] = {
    "bookings.placed": PLACED,
    "bookings.waits": WAITS,
    "bookings.confirmed": CONFIRMED,
    "bookings.cancelled": CANCELLED,
    "bookings.moved": MOVED,
    "bookings.offered": OFFERED,
    "bookings.expired": EXPIRED,
    "bookings.closed": CLOSED,
    "bookings.ended": ENDED,
    "bookings.checked_in": CHECKED_IN,
}
_DEEDS = AreaDeeds("bookings", WORDS)
of_booker, of_house = _DEEDS.of_holder, _DEEDS.of_house


def of_staff(
    by: Caller, action: str, words: LocalizedText, resident_id: str | None, at: datetime,
    result: str = OK, reason: str = "",
) -> Deed:  # fmt: skip
    """Return what staff did; the person concerned finds it among the uses of their data."""
    return Deed(
        at=at,
        actor=by.actor,
        action=action,
        words=words,
        system=System.COUNTER if by.staff_id else System.BATCH,
        subject=resident_id,
        organisation=by.organisation,
        result=result,
        reason=reason,
    )
