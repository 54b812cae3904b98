"""Words of the timeline."""

from shared.localized_text import LocalizedText

TEXTS = {
    "timeline.title": LocalizedText("我的一卡通记录", "My history"),
    "timeline.kind": LocalizedText("种类：", "Kind: "),
    "timeline.all": LocalizedText("全部", "All"),
    "timeline.visit": LocalizedText("到访", "Visits"),
    "timeline.booking": LocalizedText("预约", "Bookings"),
    "timeline.pass": LocalizedText("票券", "Passes"),
    "timeline.loan": LocalizedText("借书", "Loans"),
    "timeline.card": LocalizedText("办卡", "Card"),
    "timeline.more": LocalizedText("看更早的", "Earlier ones"),
    "timeline.empty": LocalizedText("这里还没有记录", "Nothing here yet"),
    "timeline.empty.next": LocalizedText(
        "出示码、预约或办票券以后，记录会出现在这里。",
        "Show your code, book or take a pass, and it appears here.",
    ),
    "timeline.export": LocalizedText("保存成表格", "Save as a table"),
    "timeline.export.busy": LocalizedText("正在保存，已读 {count} 条", "Saving, {count} rows read"),
    "timeline.export.done": LocalizedText("记录已保存", "Your history is saved"),
    "timeline.export.done.next": LocalizedText(
        "共 {count} 条，在：{place}", "{count} rows, in: {place}"
    ),
    "timeline.export.cut": LocalizedText(
        "只保存了最近的 {count} 条，更早的请到“我的信息副本”下载。在：{place}",
        "Only the newest {count} rows are saved; download a copy of your data for earlier ones. "
        "In: {place}",
    ),
    "timeline.copy": LocalizedText("下载全部个人信息", "Download all my data"),
    "timeline.column.at": LocalizedText("时间", "Time"),
    "timeline.column.kind": LocalizedText("种类", "Kind"),
    "timeline.column.title": LocalizedText("内容", "What"),
    "timeline.column.detail": LocalizedText("情况", "How it was"),
    "timeline.reading": LocalizedText(
        "最近一条：{moment}，{title}，{detail}。", "Latest: {moment}, {title}, {detail}."
    ),
}
