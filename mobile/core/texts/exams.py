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
        "这里不能报名。向考试部门报名、排好座位以后，考试会显示在这里。",
        "Register with the department that holds the examination, not here. It appears once "
        "they gave you a seat.",
    ),
    "exam.unread": LocalizedText("联网后会显示您的考试。", "Shown once you are online."),
    "exam.reading": LocalizedText(
        "{name}，{state}。{start}，{end}。{venue}，座位 {seat}。{entry}。",
        "{name}: {state}. {start}. {end}. {venue}, seat {seat}. {entry}.",
    ),
    "service.exams": LocalizedText("我的考试", "My examinations"),
}
