"""Words of the timeline."""

from shared.localized_text import LocalizedText

TEXTS = {
    "timeline.title": LocalizedText("我的一卡通记录", "My history"),
    "timeline.all": LocalizedText("全部", "All"),
    "timeline.visit": LocalizedText("到访", "Visits"),
    "timeline.booking": LocalizedText("预约", "Bookings"),
    "timeline.pass": LocalizedText("票券", "Passes"),
    "timeline.more": LocalizedText("看更早的", "Earlier ones"),
    "timeline.empty": LocalizedText("这里还没有记录", "Nothing here yet"),
    "timeline.empty.next": LocalizedText(
        "出示码、预约或办票券以后，记录会出现在这里。",
        "Show your code, book or take a pass, and it appears here.",
    ),
    "timeline.export": LocalizedText("下载全部记录", "Download everything"),
    "timeline.reading": LocalizedText(
        "最近一条：{moment}，{title}，{detail}。", "Latest: {moment}, {title}, {detail}."
    ),
}
