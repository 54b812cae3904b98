"""Words of one's own attendance."""

from shared.localized_text import LocalizedText

TEXTS = {
    "service.attendance": LocalizedText("考勤记录", "My attendance"),
    "attendance.title": LocalizedText("考勤记录", "My attendance"),
    "attendance.lead": LocalizedText(
        "您本人在门禁刷卡或亮码的进出时间。点开一处看每天的记录。",
        "When you went in and out at doors with your card or code. Touch a building to see its "
        "days.",
    ),
    "attendance.lead.days": LocalizedText(
        "这里只有进出时间。迟到、缺勤由单位按班次认定；有出入请找单位核对。",
        "These are times in and out only. Your employer judges by its shifts who was late or "
        "absent; ask there if something is not right.",
    ),
    "attendance.month": LocalizedText("月份：", "Month: "),
    "attendance.last": LocalizedText("最近进门 {moment}", "Last came in {moment}"),
    "attendance.more": LocalizedText("更多地方", "More buildings"),
    "attendance.none": LocalizedText("这个月没有进出记录", "No doors entered in this month"),
    "attendance.none.next": LocalizedText(
        "换一个月份看看；记录保留半年。", "Try another month; records are kept for half a year."
    ),
    "attendance.sum": LocalizedText(
        "{days} 天有记录，在内共 {length}", "{days} days with records, {length} inside"
    ),
    "attendance.sum.one": LocalizedText(
        "1 天有记录，在内共 {length}", "1 day with records, {length} inside"
    ),
    "attendance.in": LocalizedText("{time} 进", "In {time}"),
    "attendance.in_out": LocalizedText("{first} 进，{last} 出", "In {first}, out {last}"),
    "attendance.overnight": LocalizedText(
        "{first} 进，次日 {last} 出", "In {first}, out {last} the next day"
    ),
    "attendance.inside": LocalizedText("在内 {length}", "{length} inside"),
    "attendance.length": LocalizedText("{hours} 小时 {minutes} 分", "{hours} h {minutes} min"),
    "attendance.length.short": LocalizedText("{minutes} 分钟", "{minutes} min"),
    "attendance.still": LocalizedText("还没有刷出", "Not out yet"),
    "attendance.missing": LocalizedText(
        "{count} 次进门没有刷出，没有计时", "{count} × in without out, not counted as time"
    ),
}
