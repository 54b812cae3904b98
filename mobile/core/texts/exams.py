"""Words of examinations."""

from shared.localized_text import LocalizedText

TEXTS = {
    "exam.title": LocalizedText("我的考试", "My examinations"),
    "exam.when": LocalizedText("什么时候考", "When"),
    "exam.start": LocalizedText("{day} {start}", "{day}, {start}"),
    "exam.end": LocalizedText("到 {end} 结束", "Ends at {end}"),
    "exam.where": LocalizedText("考点", "Where"),
    "exam.venue": LocalizedText("{number} 号考点", "Venue no. {number}"),
    "exam.venue.unread": LocalizedText(
        "联网后会显示考点的名称和地址。", "Its name and address show once you are online."
    ),
    "exam.seat": LocalizedText("座位", "Seat"),
    "exam.seat.number": LocalizedText("{number} 号", "No. {number}"),
    "exam.entry": LocalizedText("什么时候进场", "When to come"),
    "exam.entry.times": LocalizedText(
        "{open} 开门，{until} 以前到", "Doors open {open}; come before {until}"
    ),
    "exam.entry.late": LocalizedText(
        "到了 {until} 就不能再进场。", "From {until} on nobody is let in."
    ),
    "exam.bring": LocalizedText("带什么", "What to bring"),
    "exam.bring.either": LocalizedText(
        "社会保障卡，或者手机上的码", "Your social security card, or the code on this phone"
    ),
    "exam.code": LocalizedText("出示我的码", "Show my code"),
    "exam.state.ahead": LocalizedText("还没到进场时间", "Ahead"),
    "exam.state.open": LocalizedText("现在可以进场", "Doors are open"),
    "exam.state.shut": LocalizedText("已停止进场", "Doors are closed"),
    "exam.state.checked_in": LocalizedText("{time} 已签到", "Checked in at {time}"),
    "exam.state.over": LocalizedText("已结束", "Over"),
    "exam.shut": LocalizedText(
        "有疑问，请问考点的工作人员。", "Ask the staff of the venue if you are unsure."
    ),
    "exam.none": LocalizedText("还没有考试安排", "No examinations yet"),
    "exam.none.next": LocalizedText(
        "有考试开放报名时会显示在这里；座位排好后，时间和座位也会显示在这里。",
        "What you can register for appears here; so do time and seat once you have one.",
    ),
    "exam.offers": LocalizedText("考试报名", "Registration"),
    "exam.offer.open": LocalizedText("可以报名，还有 {left} 个名额", "Open, {left} places left"),
    "exam.offer.open_few": LocalizedText("可以报名，还有 1 个名额", "Open, one place left"),
    "exam.offer.ahead": LocalizedText("还没开始报名", "Not open yet"),
    "exam.offer.over": LocalizedText("报名已结束", "Registration is over"),
    "exam.offer.full": LocalizedText("名额已满", "All places are taken"),
    "exam.offer.refused": LocalizedText("您不能报名", "Not open to you"),
    "exam.offer.registered": LocalizedText("已报名，等待排座", "Registered; no seat yet"),
    "exam.window": LocalizedText("报名时间", "Registration"),
    "exam.window.opens": LocalizedText("{at} 开始", "From {at}"),
    "exam.window.closes": LocalizedText("{at} 截止", "Until {at}"),
    "exam.who": LocalizedText("谁能报名", "Who may register"),
    "exam.who.all": LocalizedText("持本市社会保障卡的人都可以", "Everybody with the city's card"),
    "exam.who.between": LocalizedText("{youngest} 到 {oldest} 周岁", "Aged {youngest} to {oldest}"),
    "exam.who.from": LocalizedText("年满 {youngest} 周岁", "Aged {youngest} or older"),
    "exam.who.to": LocalizedText("不超过 {oldest} 周岁", "Aged {oldest} at most"),
    "exam.who.only": LocalizedText("仅限{names}", "Only for {names}"),
    "exam.who.or": LocalizedText("、", ", "),
    "exam.fee": LocalizedText("考务费", "Fee"),
    "exam.fee.none": LocalizedText("不用交费", "Nothing to pay"),
    "exam.fee.where": LocalizedText(
        "按考试部门的通知交费，这里不收。", "Pay as the department tells you; not here."
    ),
    "exam.register": LocalizedText("我要报名", "Register"),
    "exam.register.sure": LocalizedText("报名参加“{name}”？", "Register for {name}?"),
    "exam.register.sure.until": LocalizedText(
        "{closes} 以前可以退出。", "You can withdraw until {closes}."
    ),
    "exam.register.sure.fee": LocalizedText(
        "考务费 {total}，按考试部门的通知交费。",
        "The fee is {total}; the department tells you how to pay.",
    ),
    "exam.register.yes": LocalizedText("确定报名", "Register"),
    "exam.register.no": LocalizedText("先不报", "Not now"),
    "exam.registered": LocalizedText("报名好了", "You are registered"),
    "exam.registered.next": LocalizedText(
        "座位排好后会显示在这里。", "Your seat appears here once it is given."
    ),
    "exam.withdraw": LocalizedText("退出报名", "Withdraw"),
    "exam.withdraw.sure": LocalizedText("退出“{name}”？", "Withdraw from {name}?"),
    "exam.withdraw.sure.until": LocalizedText(
        "名额会让给别人；{closes} 以前还有名额时可以再报。",
        "Others can take your place; until {closes} you can register again if one is left.",
    ),
    "exam.withdraw.yes": LocalizedText("确定退出", "Withdraw"),
    "exam.withdraw.no": LocalizedText("继续参加", "Stay registered"),
    "exam.withdrawn": LocalizedText("已退出报名", "You have withdrawn"),
    "exam.withdrawn.next": LocalizedText(
        "改变主意时，报名结束前可以再报。", "You can register again while it is open."
    ),
    "unanswered.RegisterForExam": LocalizedText("考试报名", "Registering for an examination"),
    "unanswered.WithdrawExamRegistration": LocalizedText(
        "退出考试报名", "Withdrawing from an examination"
    ),
    "exam.unread": LocalizedText("联网后会显示您的考试。", "Shown once you are online."),
    "exam.reading": LocalizedText(
        "{name}，{state}。{start}，{end}。{venue}，座位 {seat}。{entry}。",
        "{name}: {state}. {start}. {end}. {venue}, seat {seat}. {entry}.",
    ),
    "service.exams": LocalizedText("我的考试", "My examinations"),
}
