"""Words of training vouchers 职业培训券."""

from shared.localized_text import LocalizedText

TEXTS = {
    "voucher.title": LocalizedText("职业培训券", "Training voucher"),
    "voucher.state.available": LocalizedText("可以用", "To be used"),
    "voucher.state.reserved": LocalizedText("等机构确认", "Waiting for the provider"),
    "voucher.state.confirmed": LocalizedText("报名已确认", "Enrolled"),
    "voucher.state.settled": LocalizedText("已核销", "Settled"),
    "voucher.state.expired": LocalizedText("过期了", "Expired"),
    "voucher.state.revoked": LocalizedText("已撤销", "Revoked"),
    "voucher.state.other": LocalizedText("请问发券部门", "Ask the department"),
    "voucher.next": LocalizedText("下一步做什么", "What to do next"),
    "voucher.next.available": LocalizedText(
        "选一门课预约名额。机构确认后，学费由这张券付。",
        "Reserve a course. Once the provider confirms, the voucher pays for it.",
    ),
    "voucher.next.reserved": LocalizedText(
        "等培训机构确认，最晚 {until}。过时没确认，券会退回来，可以重新约。",
        "The provider confirms by {until}. If not, the voucher is free again.",
    ),
    "voucher.next.confirmed": LocalizedText(
        "按时上课。到课满 {percent}%，学费由这张券付。要退出，请联系机构。",
        "Attend: from {percent}% of the hours on, it is paid. To leave, ask the provider.",
    ),
    "voucher.next.settled": LocalizedText(
        "上了 {attended} 课时，共 {planned} 课时，券付了 {paid}。不用再做什么。",
        "{attended} of {planned} hours attended, {paid} was paid. Nothing more to do.",
    ),
    "voucher.next.unpaid": LocalizedText(
        "上了 {attended} 课时，共 {planned} 课时，不到 {percent}%，券没有付。有疑问请问发券部门。",
        "{attended} of {planned} hours: below {percent}%, so nothing was paid. "
        "Ask the department if you doubt it.",
    ),
    "voucher.next.expired": LocalizedText("请关注下一期。", "Wait for the next programme."),
    "voucher.next.revoked": LocalizedText("有疑问，请问发券部门。", "Ask the department."),
    "voucher.next.other": LocalizedText(
        "请更新应用，或问发券部门。", "Update the app, or ask the department."
    ),
    "voucher.value": LocalizedText("值多少", "Worth"),
    "voucher.days": LocalizedText("哪些天能用", "When it is good"),
    "voucher.types": LocalizedText("能上哪些课", "For which courses"),
    "voucher.course": LocalizedText("约的课", "The course"),
    "voucher.course.words": LocalizedText("{kind}，课程号 {number}", "{kind}, course {number}"),
    "voucher.course.starts": LocalizedText("{place}，{day} 开课", "{place}, begins {day}"),
    "voucher.place.unknown": LocalizedText("培训机构", "The provider"),
    "voucher.type.electrician": LocalizedText("电工", "Electrician"),
    "voucher.type.elder-care": LocalizedText("养老护理", "Elder care"),
    "voucher.type.e-commerce": LocalizedText("电子商务", "E-commerce"),
    "voucher.reserve": LocalizedText("预约课程", "Reserve a course"),
    "voucher.release": LocalizedText("取消预约", "Cancel the reservation"),
    "voucher.release.sure": LocalizedText("要取消这个预约吗？", "Cancel this reservation?"),
    "voucher.release.after": LocalizedText(
        "名额会让出来，券退回给您，可以约别的课。",
        "The seat is given up; the voucher is free for another course.",
    ),
    "voucher.release.yes": LocalizedText("确定取消", "Yes, cancel"),
    "voucher.release.no": LocalizedText("不取消，保留", "No, keep it"),
    "voucher.released": LocalizedText("已取消预约", "Cancelled"),
    "voucher.released.next": LocalizedText("这张券又可以用了。", "The voucher can be used again."),
    "voucher.reserved": LocalizedText("预约好了", "Reserved"),
    "voucher.reserved.next": LocalizedText("等培训机构确认。", "Now the provider confirms it."),
    "voucher.step.type": LocalizedText("上哪一类课？", "Which kind of course?"),
    "voucher.step.provider": LocalizedText("哪家机构？", "Which provider?"),
    "voucher.step.provider.lead": LocalizedText(
        "输入机构名字里的几个字，再点“查找”。", "Enter some words of its name, then Find."
    ),
    "voucher.step.provider.none": LocalizedText(
        "没有找到，换几个字试试", "Nothing was found: try other words"
    ),
    "voucher.step.number": LocalizedText("课程号是多少？", "What is the course's number?"),
    "voucher.step.number.lead": LocalizedText(
        "机构的招生表或短信上有，只含字母、数字和“-”。",
        "It stands on the provider's leaflet: letters, figures and '-'.",
    ),
    "voucher.step.number.wrong": LocalizedText("课程号不对", "This is no course number"),
    "voucher.step.number.wrong.next": LocalizedText(
        "只能有字母、数字、“-”和“_”，最多 40 个。", "Letters, figures, '-' and '_', at most 40."
    ),
    "voucher.step.day": LocalizedText("哪天开课？", "When does it begin?"),
    "voucher.step.day.lead": LocalizedText(
        "8 位数字，比如 20261201。", "Eight figures, such as 20261201."
    ),
    "voucher.step.day.wrong": LocalizedText("日期不对", "It cannot begin on that day"),
    "voucher.step.day.wrong.next": LocalizedText(
        "请填今天或以后、券有效期内的日子，8 位数字。",
        "A day from today on while the voucher is good, in eight figures.",
    ),
    "voucher.step.find": LocalizedText("查找", "Find"),
    "voucher.step.next": LocalizedText("下一步", "Next"),
    "voucher.sure": LocalizedText("约这门课吗？", "Reserve this course?"),
    "voucher.sure.after": LocalizedText(
        "机构确认以前，可以随时取消。", "You can cancel until the provider confirms."
    ),
    "voucher.sure.yes": LocalizedText("确定预约", "Yes, reserve it"),
    "voucher.sure.no": LocalizedText("先不约", "Not now"),
    "voucher.reading": LocalizedText(
        "{name}，{state}，值 {value}。{next}", "{name}, {state}, worth {value}. {next}"
    ),
}
