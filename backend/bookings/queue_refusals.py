"""Every "no" about queue numbers 排队号: its name, words and next step."""

from datetime import datetime

from backend.foundation.refusals import Refusal, refusal
from shared.clock import LOCAL_ZONE

NO_QUEUE = refusal(
    "visit_no_queue",
    ("该预约不需要报到取号。", "This booking has no queue to check in for."),
    ("请按预约时间前往。", "Come at the time you booked."),
)
NOT_CONFIRMED = refusal(
    "visit_not_confirmed",
    ("该预约还没有确认，不能报到。", "This booking is not confirmed yet."),
    ("请先确认预约。", "Confirm the booking first."),
)
VISIT_OVER = refusal(
    "visit_over",
    ("该预约已取消、已就诊或不在今天。", "This booking was cancelled, is done, or is not today's."),
    ("如需就诊，请重新预约。", "Book again if you need to be seen."),
)
NOTHING_TODAY = refusal(
    "visit_none_today",
    ("持卡人今天在这里没有可报到的预约。", "The holder has no booking to check in for here now."),
    ("请核对预约的日期和医院。", "Check the day and the hospital of the booking."),
)
NOBODY_WAITS = refusal(
    "queue_empty",
    ("没有人在候诊。", "Nobody is waiting."),
    ("有人报到后再叫号。", "Call once somebody has checked in."),
)
NUMBER_UNKNOWN = refusal(
    "queue_number",
    ("队列中没有这个号，或该号现在不能这样处理。", "No such number, or not one for this now."),
    ("请刷新队列后再试。", "Load the queue again."),
)
DESK_FORM = refusal(
    "queue_desk",
    ("诊室名称应为1至12个字。", "A room's name has 1 to 12 characters."),
    ("请修改诊室名称。", "Change the room's name."),
)
LINE_UNKNOWN = refusal(
    "queue_unknown",
    ("没有这个科室的门诊预约。", "There are no appointments of this department."),
    ("请核对科室。", "Check the department."),
)


def too_early(opens_at: datetime) -> Refusal:
    """Return that checking in begins only later."""
    local = opens_at.astimezone(LOCAL_ZONE)
    return refusal(
        "visit_too_early",
        (
            f"{local.month}月{local.day}日 {local:%H:%M} 起才能报到。",
            f"Checking in begins on {local:%d %b} at {local:%H:%M}.",
        ),
        ("请到时再报到。", "Check in then."),
    )
