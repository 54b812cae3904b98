"""Every "no" of the bookings area: its name, words and next step."""

from datetime import datetime

from backend.foundation.refusals import Refusal, refusal
from shared.clock import LOCAL_ZONE

_OTHER_SLOT = ("请选择其他时段。", "Choose another slot.")
_RELOAD = ("请刷新后重新选择。", "Load the list again and choose from it.")

SLOT_UNKNOWN = refusal("slot_unknown", ("没有这个时段。", "There is no such slot."), _RELOAD)
SLOT_CLOSED = refusal(
    "slot_closed", ("该时段已取消开放。", "The venue has closed this slot."), _OTHER_SLOT
)
SLOT_STARTED = refusal(
    "slot_started",
    ("该时段已截止预约。", "This slot is no longer taken bookings for."),
    ("请选择以后的时段。", "Choose a later slot."),
)
BOOKING_UNKNOWN = refusal(
    "booking_unknown", ("没有这个预约。", "There is no such booking of yours."), _RELOAD
)
QUANTITY_FORM = refusal(
    "booking_quantity",
    ("人数应为1至该时段每人可约的名额。", "Book at least one place, and no more than one may."),
    ("请修改人数。", "Change the number of places."),
)
HOLD_EXPIRED = refusal(
    "booking_hold_expired",
    ("名额保留时间已过。", "The places are no longer held for you."),
    ("请重新预约。", "Book again."),
)
BOOKING_OVER = refusal(
    "booking_over",
    ("该预约已结束或已取消。", "This booking is over or was cancelled."),
    ("如需前往，请重新预约。", "Book again if you want to go."),
)
NOT_WAITING = refusal(
    "booking_not_waiting",
    ("该预约不在候补中。", "This booking is not on the waiting list."),
    ("如不需要，请取消预约。", "Cancel the booking if it is not needed."),
)
STILL_WAITING = refusal(
    "booking_still_waiting",
    ("该预约仍在候补，还没有名额。", "This booking still waits for places."),
    ("有名额时会通知您。", "You will be told when there are places."),
)
PLACES_FREE = refusal(
    "places_free",
    ("该时段还有名额，不需要候补。", "There are places: no need to wait for them."),
    ("请直接预约。", "Book them."),
)
WAITING_LIST_FULL = refusal(
    "waiting_list_full", ("候补名单已满。", "The waiting list is full."), _OTHER_SLOT
)
NO_CHANGE_NOW = refusal(
    "booking_no_change",
    ("已过免费改约时间。", "It is too late to move this booking."),
    ("可以取消后重新预约。", "You can cancel it and book again."),
)
CHECKED_IN = refusal(
    "booking_checked_in",
    ("您已报到，不能改约。", "You have checked in: this booking cannot be moved."),
    ("请等候叫号；不来请取消预约。", "Wait for your number, or cancel the booking."),
)
OTHER_VENUE = refusal(
    "booking_other_kind",
    ("只能改约到同一场馆的同类时段。", "A booking moves within its venue and kind only."),
    ("请另行预约。", "Make another booking."),
)
NO_MANDATE = refusal(
    "no_mandate",
    ("您没有获得授权，不能代他人预约。", "You have no mandate to book for another person."),
    ("请由本人预约；同行人可直接计入人数。", "They book themselves; companions are just counted."),
)
DAYS_FORM = refusal(
    "slot_days",
    ("查询的日期范围不对。", "The range of days is not right."),
    ("请选择今天起31天以内的日期。", "Choose at most 31 days."),
)
NOTHING_TO_CLOSE = refusal(
    "nothing_to_close",
    ("这段时间没有可关闭的时段。", "There is no open slot in that time."),
    ("请核对场馆和时间。", "Check the venue and the times."),
)
DAYS_TO_CLOSE = refusal(
    "days_to_close",
    ("请选择今天起、不超过一年的日期。", "Choose days from today on, a year at most."),
    ("请修改日期。", "Change the days."),
)
CALENDAR_CHANGED = refusal(
    "calendar_changed",
    ("开放日历已被他人修改。", "Somebody else has changed the calendar meanwhile."),
    ("请重新读取后再改。", "Read it again, then change it."),
)
PLAN_FORM = refusal(
    "slot_plan_form",
    ("预约时段设置不对。", "The plan of slots is not right."),
    ("请检查时长、名额和时间窗。", "Check length, capacity and windows."),
)


PLAN_UNKNOWN = refusal(
    "slot_plan_unknown",
    ("没有这个预约计划，或已结束。", "There is no such plan of slots, or it has ended."),
    ("请重新读取预约计划。", "Read the plans again."),
)
PLAN_CHANGED = refusal(
    "slot_plan_changed",
    ("预约计划已被他人修改。", "Somebody else has changed the plan meanwhile."),
    ("请重新读取后再改。", "Read it again, then change it."),
)
PLAN_KIND = refusal(
    "slot_plan_kind",
    ("预约计划的类别不能修改。", "What kind of slots a plan has does not change."),
    ("请结束该计划，另建一个。", "End it, and add another."),
)


def ends_bookings(code: str, places: int) -> Refusal:
    """Return that a change leaves no time for so many places that are booked."""
    return refusal(
        code,
        (f"改后有{places}个已约名额将被取消。", f"The change would end {places} booked places."),
        (
            "如确需修改，请确认取消；已预约的人将收到通知。",
            "Confirm that they end, if it must be; who booked them is told.",
        ),
    )


def same_time(starts_at: datetime, ends_at: datetime) -> Refusal:
    """Return that a person has another booking of this kind then, and from when on they have not.

    `ends_at` is the end of the last of those that are in the way.
    """
    start, end = starts_at.astimezone(LOCAL_ZONE), ends_at.astimezone(LOCAL_ZONE)
    return refusal(
        "booking_same_time",
        (
            f"您{start.month}月{start.day}日 {start:%H:%M}–{end:%H:%M} 已有同类预约。",
            f"You have a booking of this kind on {start:%d %b}, {start:%H:%M}–{end:%H:%M}.",
        ),
        (
            f"请改约{end:%H:%M}及以后的时段，或先取消原预约。",
            f"Choose a slot from {end:%H:%M} on, or cancel the other one first.",
        ),
    )


def exam_then(starts_at: datetime, ends_at: datetime) -> Refusal:
    """Return that a person sits an examination then, for which they registered."""
    start, end = starts_at.astimezone(LOCAL_ZONE), ends_at.astimezone(LOCAL_ZONE)
    return refusal(
        "booking_exam_then",
        (
            f"您{start.month}月{start.day}日 {start:%H:%M}–{end:%H:%M} 已报名另一场考试。",
            f"You sit another examination on {start:%d %b}, {start:%H:%M}–{end:%H:%M}.",
        ),
        (
            "请选择其他时段，或先在“考试报名”中退出该场考试。",
            "Choose another slot, or withdraw from that examination first.",
        ),
    )


NOTHING_TO_PARDON = refusal(
    "no_show_none",
    ("持卡人在这里没有计入的爽约。", "The holder has no no-show here that counts."),
    ("请核对场馆。", "Check the venue."),
)


def paused(until: datetime, most: int, within_days: int) -> Refusal:
    """Return that somebody did not come too often, and from when on they can book again."""
    local = until.astimezone(LOCAL_ZONE)
    return refusal(
        "booking_paused",
        (
            f"您在{within_days}天内有{most}次预约没有到场，"
            f"{local.month}月{local.day}日 {local:%H:%M} 以后才能预约这类服务。",
            f"You did not come to {most} bookings within {within_days} days: "
            f"you can book this kind again from {local:%d %b, %H:%M}.",
        ),
        (
            "如有特殊情况，请带卡到该场馆说明，工作人员可以免记。",
            "If there was a reason, show your card at that venue: its staff can pardon it.",
        ),
    )


def slot_full(quantity: int, next_free: datetime | None) -> Refusal:
    """Return that a slot has not so many places left, and when there are."""
    if next_free is None:
        step = ("近期没有空位，可加入候补。", "None has, for now: you can join the waiting list.")
    else:
        local = next_free.astimezone(LOCAL_ZONE)
        step = (
            f"最近可约：{local.month}月{local.day}日 {local:%H:%M}。也可加入候补。",
            f"The next with room: {local:%d %b %H:%M}. You can join the waiting list too.",
        )
    text = (f"该时段剩余名额不足{quantity}个。", f"The slot has no {quantity} places left.")
    return refusal("slot_full", text, step)


def too_many_places(most: int) -> Refusal:
    """Return that one person may not book so many places of a slot."""
    return refusal(
        "too_many_places",
        (f"该时段每人最多预约{most}个名额。", f"One person books at most {most} places here."),
        ("请减少人数。", "Book fewer."),
    )


def too_many_a_day(most: int) -> Refusal:
    """Return that a person has enough bookings on that day."""
    return refusal(
        "too_many_bookings_a_day",
        (f"同一天最多{most}个预约。", f"One person has at most {most} bookings a day."),
        ("请选择其他日期，或取消一个预约。", "Choose another day, or cancel one."),
    )


def too_many_open(most: int) -> Refusal:
    """Return that a person has enough bookings before them."""
    return refusal(
        "too_many_open_bookings",
        (f"未使用的预约最多{most}个。", f"One person has at most {most} bookings ahead."),
        ("请先使用或取消已有预约。", "Use or cancel one first."),
    )
