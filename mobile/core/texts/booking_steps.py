"""Words of choosing a time, the number of people, and confirming."""

from shared.localized_text import LocalizedText

TEXTS = {
    "book.title": LocalizedText("预约", "Book"),
    "book.day": LocalizedText("哪一天去？", "Which day?"),
    "book.slot": LocalizedText("几点去？", "What time?"),
    "book.count": LocalizedText("连您自己，一共几个人？", "How many people, you included?"),
    "book.count.for": LocalizedText(
        "连家人本人，一共几个人？", "How many people, your relative included?"
    ),
    "book.count.most": LocalizedText("每人最多约 {most} 个名额", "One person books at most {most}"),
    "book.count.less": LocalizedText("少一人", "One less"),
    "book.count.more": LocalizedText("多一人", "One more"),
    "book.today": LocalizedText("今天", "Today"),
    "book.tomorrow": LocalizedText("明天", "Tomorrow"),
    "book.day.free": LocalizedText("有名额", "Places"),
    "book.day.full": LocalizedText("约满", "Full"),
    "book.day.none": LocalizedText("无时段", "None"),
    "book.days.later": LocalizedText("再往后 7 天", "The 7 days after"),
    "book.days.sooner": LocalizedText("回到这 7 天", "Back to these 7 days"),
    "book.places": LocalizedText("余 {free}", "{free} left"),
    "book.places.few": LocalizedText("仅剩 {free}", "Only {free} left"),
    "book.places.full": LocalizedText("已满，可候补", "Full: waiting list"),
    "book.places.waiting": LocalizedText("已满，{waiting} 个在候补", "Full, {waiting} waiting"),
    "book.slots.none": LocalizedText("这一天没有能约的时段", "Nothing can be booked on this day"),
    "book.slots.none.next": LocalizedText(
        "请换一天，或问问场馆。", "Choose another day, or ask the venue."
    ),
    "book.cancel_until": LocalizedText(
        "{until} 前可以免费取消", "Cancel free of charge until {until}"
    ),
    "book.no_free_cancel": LocalizedText(
        "这个时段已经过了免费取消的时间", "It is too late to cancel this one free of charge"
    ),
    "book.too_many": LocalizedText(
        "这个时段只剩 {free} 个名额，{count}要候补。",
        "Only {free} places are left: for {count}, wait for more.",
    ),
    "book.none_free": LocalizedText(
        "这个时段已满，{count}要候补。", "It is full: for {count}, wait for places."
    ),
    "book.day.other": LocalizedText("换一天", "Another day"),
    "book.submit": LocalizedText("下一步", "Next"),
    "book.wait": LocalizedText("加入候补", "Join the waiting list"),
    "book.held": LocalizedText("名额为您留着", "Places are held for you"),
    "book.held.next": LocalizedText(
        "还剩 {left}，{until} 前点“确认预约”。", "{left} left: confirm by {until}."
    ),
    "book.held.calm": LocalizedText("{until} 前点“确认预约”就行。", "Just confirm by {until}."),
    "book.confirm": LocalizedText("确认预约", "Confirm"),
    "book.give_up": LocalizedText("不要了", "Give it up"),
    "book.lapsed": LocalizedText("保留时间过了", "The places are no longer held"),
    "book.lapsed.next": LocalizedText(
        "名额已经让给别人，请重新选时间。", "They went to others. Choose a time again."
    ),
    "book.other": LocalizedText("选别的时间", "Choose another time"),
    "book.next_free": LocalizedText("改约 {when}", "Book {when}"),
    "book.done": LocalizedText("预约好了", "Booked"),
    "book.done.next": LocalizedText(
        "到时候打开票，出示我的码就能进。", "Open the ticket there and show your code."
    ),
    "book.waiting": LocalizedText("已加入候补", "You are on the waiting list"),
    "book.waiting.next": LocalizedText(
        "有名额时会在“我的预约”里告诉您，要按时确认。",
        "My bookings tells you when there are places; confirm them in time.",
    ),
    "book.ticket": LocalizedText("看票", "Show the ticket"),
    "book.to_booking": LocalizedText("看我的候补", "Show it"),
    "book.reading.days": LocalizedText(
        "{venue}，哪一天去？{days}。", "{venue}. Which day? {days}."
    ),
    "book.reading.slots": LocalizedText("{day}，几点去？{slots}。", "{day}. What time? {slots}."),
    "book.reading.count": LocalizedText(
        "{when}，一共几个人？现在是 {count}。", "{when}. How many? Now {count}."
    ),
    # moving a booking 改签
    "move.title": LocalizedText("改签", "Move the booking"),
    "move.from": LocalizedText("现在约的是 {when}，改到：", "Booked for {when}. Move it to:"),
    "move.places.short": LocalizedText("余 {free}，不够", "Only {free} left: too few"),
    "move.next_free": LocalizedText("改到 {when}", "Move to {when}"),
    "move.sure": LocalizedText("改到这个时间吗？", "Move it to this time?"),
    "move.change": LocalizedText("从 {before}\n改到 {after}", "From {before}\nto {after}"),
    "move.count": LocalizedText("还是 {count}，不用重新填", "Still for {count}"),
    "move.safe": LocalizedText(
        "改不成的话，原来的预约不变。", "If it cannot be moved, the booking stays as it is."
    ),
    "move.yes": LocalizedText("确定改签", "Yes, move it"),
    "move.no": LocalizedText("不改，保留原来的", "No, keep it as it is"),
    "move.done": LocalizedText("改好了", "Moved"),
    "move.done.next": LocalizedText(
        "请按新的时间来，出示我的码就能进。", "Come at the new time and show your code."
    ),
    # an answer that did not come
    "unanswered.title": LocalizedText("有一次办理没有收到回音", "One request had no answer"),
    "unanswered.next": LocalizedText(
        "{what}，{age}。可能办成了，也可能没有。点“再问一次”不会重复办理。",
        "{what}, {age}. It may or may not have been done; asking again never does it twice.",
    ),
    "unanswered.again": LocalizedText("再问一次", "Ask again"),
    "unanswered.let_be": LocalizedText("不办了", "Let it be"),
    "unanswered.BookPlace": LocalizedText("预约名额", "Booking places"),
    "unanswered.JoinWaitingList": LocalizedText("加入候补", "Joining a waiting list"),
    "unanswered.RescheduleBooking": LocalizedText("改签", "Moving a booking"),
    "unanswered.TakePass": LocalizedText("领票", "Taking a pass"),
    "unanswered.AcceptPass": LocalizedText("接收转赠的票", "Accepting a pass"),
    "unanswered.ReserveTrainingVoucher": LocalizedText("预约课程", "Reserving a course"),
    "unanswered.done": LocalizedText("回音来了", "The answer came"),
    "unanswered.done.next": LocalizedText("已经办成，只办了一次。", "It is done, once."),
}
