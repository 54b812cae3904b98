"""Words of my bookings, and of booking."""

from shared.localized_text import LocalizedText

TEXTS = {
    "nav.bookings": LocalizedText("预约", "Book"),
    "bookings.title": LocalizedText("我的预约", "My bookings"),
    "bookings.find": LocalizedText("找场馆、预约", "Find a venue and book"),
    "bookings.coming": LocalizedText("接下来", "Coming up"),
    "bookings.past": LocalizedText("以前的", "Earlier"),
    "bookings.past.show": LocalizedText("看以前的预约", "Show earlier bookings"),
    "bookings.empty": LocalizedText("现在没有预约", "You have no bookings"),
    "bookings.empty.next": LocalizedText(
        "点“找场馆、预约”，选时间就能约。", "Find a venue, choose a time, and it is booked."
    ),
    "bookings.unread": LocalizedText(
        "联网后会显示您的预约", "Your bookings show once you are online"
    ),
    "bookings.all": LocalizedText("全部预约", "All bookings"),
    "bookings.reading": LocalizedText(
        "我的预约，接下来有 {count} 个：{lines}。", "My bookings, {count} coming up: {lines}."
    ),
    "bookings.reading.none": LocalizedText(
        "我的预约：现在没有。要预约，请点找场馆。", "You have no bookings. Find a venue to book."
    ),
    # states
    "booking.state.waiting": LocalizedText("候补中", "On the waiting list"),
    "booking.state.offered": LocalizedText("有名额了，待您确认", "Places for you: please confirm"),
    "booking.state.held": LocalizedText("名额保留中，待确认", "Held for you: please confirm"),
    "booking.state.confirmed": LocalizedText("已预约", "Booked"),
    "booking.state.attended": LocalizedText("已使用", "Used"),
    "booking.state.no_show": LocalizedText("没有到场", "Not used"),
    "booking.state.cancelled": LocalizedText("已取消", "Cancelled"),
    "booking.state.forfeited": LocalizedText("逾期取消", "Cancelled too late"),
    "booking.state.expired": LocalizedText("没有确认，已作废", "Not confirmed in time"),
    "booking.state.closed": LocalizedText("场馆取消了", "Cancelled by the venue"),
    "booking.state.other": LocalizedText("请咨询场馆", "Ask the venue"),
    "booking.people": LocalizedText("{count} 人", "{count} people"),
    "booking.people.one": LocalizedText("1 人", "1 person"),
    # the ticket
    "ticket.title": LocalizedText("预约票", "Ticket"),
    "ticket.where": LocalizedText("在哪里", "Where"),
    "ticket.when": LocalizedText("什么时候", "When"),
    "ticket.how_many": LocalizedText("几个人", "How many"),
    "ticket.entered": LocalizedText("{count}，已进 {entered} 人", "{count}, {entered} inside"),
    "ticket.entry": LocalizedText("怎么进", "Getting in"),
    "ticket.entry.before": LocalizedText(
        "{start} 起可入场，最晚 {end} 前进场。到门口出示我的码。",
        "Entry from {start}, no later than {end}. Show your code at the gate.",
    ),
    "ticket.entry.now": LocalizedText(
        "现在可以入场，最晚 {end} 前进场。到门口出示我的码。",
        "You may enter now, no later than {end}. Show your code at the gate.",
    ),
    "ticket.entry.over": LocalizedText(
        "入场时间是 {start} 到 {end}，已经过了。请问场馆的工作人员。",
        "Entry was from {start} to {end}: it is over. Ask the staff of the venue.",
    ),
    "ticket.entry.waiting": LocalizedText(
        "还没有名额。有名额时会在这里告诉您，先不要去。",
        "No places yet. You will be told here when there are; do not go before.",
    ),
    "ticket.entry.unconfirmed": LocalizedText(
        "确认以后才能入场。", "You can get in once you have confirmed."
    ),
    "ticket.entry.visit.before": LocalizedText(
        "{start} 起报到取号：到科室刷我的码，或到时点这里的“报到取号”。",
        "Check in from {start}: show your code at the department, or touch “Check in” here then.",
    ),
    "ticket.entry.visit.now": LocalizedText(
        "现在可以报到。{end} 以后才到，会排在已到时间的人后面。",
        "You can check in now. After {end} you stand behind those whose time has come.",
    ),
    "ticket.entry.visit.in": LocalizedText(
        "您已报到。请在科室门口等叫号。", "You have checked in. Wait there to be called."
    ),
    "ticket.check_in": LocalizedText("报到取号", "Check in"),
    "ticket.check_in.again": LocalizedText("我来了，重新排队", "I am here: queue again"),
    "ticket.checked_in": LocalizedText("报到好了", "Checked in"),
    "ticket.checked_in.next": LocalizedText(
        "请在 {venue} 等叫号，轮到您时这里会显示。", "Wait at {venue}; your turn shows here."
    ),
    "queue.title": LocalizedText("排队号", "Your number"),
    "queue.ahead": LocalizedText("前面还有 {count} 人", "Before you: {count}"),
    "queue.next": LocalizedText("下一个就是您", "You are next"),
    "queue.late": LocalizedText(
        "您来晚了，排在已到时间的人后面。", "You came late: behind those whose time has come."
    ),
    "queue.called": LocalizedText("叫到您了，请到 {desk}", "It is your turn: go to {desk}"),
    "queue.missed": LocalizedText(
        "叫过您的号，您没有来。点“我来了，重新排队”，不用重新预约。",
        "You were called and not there. Queue again below; no new booking is needed.",
    ),
    "queue.seen": LocalizedText("已就诊", "You have been seen"),
    "queue.reading": LocalizedText(
        "排队号 {number}。{words}。", "Your number is {number}. {words}."
    ),
    "ticket.remark": LocalizedText("场馆说明", "From the venue"),
    "ticket.code": LocalizedText("出示我的码", "Show my code"),
    "ticket.offered": LocalizedText("轮到您了，有名额", "There are places for you"),
    "ticket.held": LocalizedText("名额为您留着", "Places are held for you"),
    "ticket.until": LocalizedText(
        "请在 {until} 前确认，还剩 {left}。过时名额会让给别人。",
        "Confirm by {until}, {left} left. After that the places go to others.",
    ),
    "ticket.accept": LocalizedText("接受并确认", "Accept and confirm"),
    "ticket.confirm": LocalizedText("确认预约", "Confirm"),
    "ticket.confirmed": LocalizedText("预约好了", "Booked"),
    "ticket.confirmed.next": LocalizedText(
        "到时候打开这张票，出示我的码就能进。", "Open this ticket there and show your code."
    ),
    "ticket.move": LocalizedText("改到别的时间", "Move to another time"),
    "ticket.cancel": LocalizedText("取消预约", "Cancel the booking"),
    "ticket.leave": LocalizedText("退出候补", "Leave the waiting list"),
    "ticket.decline": LocalizedText("不要了，让给别人", "Give the places to others"),
    "ticket.cancel.sure": LocalizedText("要取消这个预约吗？", "Cancel this booking?"),
    "ticket.leave.sure": LocalizedText("要退出候补吗？", "Leave the waiting list?"),
    "ticket.decline.sure": LocalizedText("不要这些名额了吗？", "Give these places up?"),
    "ticket.cancel.free": LocalizedText(
        "现在取消是免费的（{until} 以前都免费）。", "Cancelling is free now (until {until})."
    ),
    "ticket.cancel.forfeited": LocalizedText(
        "免费取消的时间已过（{until}）。现在取消会记为逾期取消，付过的钱不退。",
        "Free cancelling ended {until}. Cancelling now counts as too late; what was paid is lost.",
    ),
    "ticket.cancel.unconfirmed": LocalizedText("还没有确认，退出是免费的。", "This is free."),
    "ticket.cancel.others": LocalizedText(
        "{count}的名额会让给别人；再要须重新预约。",
        "Your places ({count}) go to others; to go, you book again.",
    ),
    "ticket.cancel.turn": LocalizedText(
        "排的位置不保留；再要须重新排。", "Your turn is lost; to wait again you join at the end."
    ),
    "ticket.cancel.yes": LocalizedText("确定取消", "Yes, cancel"),
    "ticket.leave.yes": LocalizedText("确定退出", "Yes, leave"),
    "ticket.decline.yes": LocalizedText("确定不要", "Yes, give up"),
    "ticket.keep": LocalizedText("不取消，保留", "No, keep it"),
    "ticket.cancelled": LocalizedText("已取消", "Cancelled"),
    "ticket.cancelled.next": LocalizedText(
        "{venue} {when} 的预约已取消。", "Your booking at {venue}, {when}, is cancelled."
    ),
    "ticket.reading": LocalizedText(
        "{venue}，{title}。{when}，{count}，{state}。{entry}",
        "{venue}, {title}. {when}, {count}, {state}. {entry}",
    ),
}
