"""The words of what a venue's conditions refuse: for staff, for the holder, and what to do.

Names in braces are filled in from a refusal's detail; moments read as "tomorrow 09:00".
"""

from collections.abc import Mapping

Words = tuple[str, str]
"""Chinese and English."""

_BOOK = ("请在应用“预约”里预约", "Book it in the app under “Bookings”")
_DESK_PROOF = ("请到服务台出示证件办理", "Show a proof at the desk")
_DESK = ("请到服务台办理", "Please go to the desk")

ADMISSION_WORDS: Mapping[str, tuple[Words, Words, Words]] = {
    "not_local": (
        ("{region} 的卡不享同城待遇", "No local benefits for {region}"),
        ("这里的同城待遇不含您的发卡地", "Local benefits here do not cover your card's region"),
        ("可按一般游客购票，或到服务台咨询", "Enter as a visitor, or ask at the desk"),
    ),
    "not_local_yet": (
        ("同城待遇 {when} 起", "Local benefits from {when}"),
        ("您的发卡地 {when} 起享同城待遇", "Your card's region has local benefits from {when}"),
        ("{when} 起再来即可，不用申请", "It works from {when}; nothing to apply for"),
    ),
    "no_longer_local": (
        ("同城待遇已于 {date} 结束", "Local benefits ended {date}"),
        (
            "您的发卡地的同城待遇已于 {date} 结束",
            "Local benefits for your card's region ended {date}",
        ),
        ("可按一般游客购票，或到服务台咨询", "Enter as a visitor, or ask at the desk"),
    ),
    "local_pending": (
        ("{region} 的同城待遇待双方确认", "Local benefits for {region} await both sides"),
        (
            "这项互认只有一方列入清单，待双方确认后生效",
            "Only one of the two regions lists this; it holds once both do",
        ),
        ("可按一般游客购票，或到服务台咨询", "Enter as a visitor, or ask at the desk"),
    ),
    "age_too_young": (
        ("未满 {least} 周岁", "Under {least}"),
        ("满 {least} 周岁才可使用", "This is for people aged {least} or over"),
        ("满 {least} 周岁当天起自动可用", "It works from the birthday on; nothing to apply for"),
    ),
    "age_too_old": (
        ("超过 {most} 周岁", "Over {most}"),
        ("限 {most} 周岁及以下", "This is for people aged {most} or under"),
        _DESK,
    ),
    "age_unproven": (
        ("年龄不能确认", "Age not proven"),
        ("从这张码或卡看不出具体年龄", "The code or card does not tell the exact age"),
        _DESK_PROOF,
    ),
    "category_not_held": (
        ("不在优待人群", "Not in the group"),
        ("这里限特定人群", "This is for certain groups only"),
        _DESK_PROOF,
    ),
    "category_expired": (
        ("优待资格 {date} 已到期", "Concession ended {date}"),
        ("您的优待资格已于 {date} 到期", "Your concession ended {date}"),
        ("请到主管部门年审后再用", "Renew it with its authority"),
    ),
    "concession_not_held": (
        ("没有优待资格", "No concession"),
        ("这里限有优待资格的持卡人", "This is for holders with a concession"),
        _DESK_PROOF,
    ),
    "scene_ended": (
        ("已于 {date} 结束", "Ended {date}"),
        ("这项服务已于 {date} 结束", "This ended {date}"),
        _DESK,
    ),
    "pass_needed": (
        ("需要通票", "Pass needed"),
        ("您没有这里可用的票", "You hold no ticket or pass for this place"),
        ("请在应用“票”里购买或领取", "Get one in the app under “Tickets”"),
    ),
    "pass_other_venue": (
        ("通票不含本馆", "Pass is for other venues"),
        ("您的通票不含这个场馆", "Your pass does not include this venue"),
        ("请在应用里查看通票可去的场馆", "See in the app where your pass is good"),
    ),
    "pass_expired": (
        ("通票 {date} 已到期", "Pass ended {date}"),
        ("您的通票最后有效日是 {date}", "Your pass was good until {date}"),
        ("请在应用“票”里续买", "Buy a new one in the app under “Tickets”"),
    ),
    "pass_used_up": (
        ("通票 {uses} 次已用 {used} 次", "{used} uses used of {uses}"),
        ("您的通票 {uses} 次已全部用完", "All {uses} uses of your pass are used"),
        ("请在应用“票”里续买", "Buy a new one in the app under “Tickets”"),
    ),
    "pass_personal": (
        ("通票限本人", "Pass is personal"),
        ("这张通票限本人使用，不能代为出示", "This pass is for its holder in person only"),
        ("请持票本人到场", "The holder must come in person"),
    ),
    "booking_needed": (
        ("没有本馆预约", "No booking here"),
        ("这里需要预约，未找到您的预约", "A booking is needed here and none was found"),
        _BOOK,
    ),
    "already_used": (
        ("已入场 {entered} 人，共 {quantity} 人", "{entered} of {quantity} already in"),
        (
            "这个预约 {quantity} 人已入场 {entered} 人",
            "{entered} of {quantity} have entered on this booking",
        ),
        ("如有疑问请到服务台", "If this is not right, go to the desk"),
    ),
    "booking_too_late": (
        ("预约时段已过（{ended}）", "Slot over ({ended})"),
        ("您的预约只能到 {ended} 入场", "Your booking was good for entry until {ended}"),
        ("请在应用“预约”里改约", "Book another slot in the app"),
    ),
    "scene_not_begun": (
        ("{when} 开始", "Begins {when}"),
        ("这项服务 {when} 开始", "This begins {when}"),
        ("请 {when} 起再来", "Please come from {when}"),
    ),
    "closed_for_long": (
        ("长期闭馆", "Closed until further notice"),
        ("这里暂停开放，恢复时间未定", "This place is closed and has no date to open again"),
        ("请留意应用里的通知", "Watch for notices in the app"),
    ),
    "not_open": (
        ("未开放，{opens} 开门", "Closed; opens {opens}"),
        ("现在不开放，{opens} 开门", "It is closed now and opens {opens}"),
        ("请 {opens} 再来", "Please come from {opens}"),
    ),
    "last_entry_passed": (
        ("已停止入场，{opens} 开门", "Last entry passed; opens {opens}"),
        ("今天的最后入场时间已过", "The last entry of this opening has passed"),
        ("请 {opens} 再来", "Please come from {opens}"),
    ),
    "pass_not_yet": (
        ("通票 {when} 生效", "Pass starts {when}"),
        ("您的通票 {when} 才生效", "Your pass is good from {when}"),
        ("请 {when} 起再来", "Please come from {when}"),
    ),
    "pass_blackout": (
        ("通票今天不可用，{when} 可用", "Pass not good today; good from {when}"),
        ("今天是您的通票不可用日", "Your pass is not good on this day"),
        ("{when} 起可用；今天可另购票", "It is good from {when}; today a ticket is needed"),
    ),
    "booking_too_early": (
        ("{begins} 场，{opens} 起", "Slot {begins}; come from {opens}"),
        (
            "您预约的时段 {begins} 开始",
            "Your slot begins {begins}, come from {opens}",
        ),
        ("请 {opens} 起再来", "Please come from {opens}"),
    ),
    "entries_used_up": (
        ("今天已入场 {entries} 次，限 {most} 次", "{entries} of {most} entries today"),
        ("今天的 {most} 次入场已用完", "Today's {most} entries are used"),
        ("请 {when} 再来", "Please come from {when}"),
    ),
    "too_soon": (
        ("刚入过场，{when} 后可再入", "Entered just now; again from {when}"),
        ("距上次入场太近", "Too soon after the last entry"),
        ("请 {when} 后再试", "Please try again from {when}"),
    ),
    "already_inside": (
        ("已在场内", "Already inside"),
        ("记录显示您已在场内，没有离场记录", "You are inside by the record; no exit was seen"),
        ("请先在出口刷卡离场，或到服务台", "Leave by the exit lane first, or go to the desk"),
    ),
    "area_full": (
        ("场内已满 {inside}/{capacity}", "Full {inside}/{capacity}"),
        ("场内人数已达上限", "The place is full"),
        ("请稍候，有人离场即可入场", "Please wait; entry goes on as people leave"),
    ),
}
