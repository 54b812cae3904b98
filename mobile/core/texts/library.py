"""Words of what somebody has of the libraries."""

from shared.localized_text import LocalizedText

TEXTS = {
    "library.title": LocalizedText("我的借阅", "My library books"),
    "library.loans": LocalizedText("在借的书", "Books I have"),
    "library.holds": LocalizedText("预约的书", "Books I wait for"),
    "library.fines": LocalizedText("欠的费", "What I owe"),
    "library.books": LocalizedText("{count} 本", "{count}"),
    "library.reader": LocalizedText(
        "读者证号 {number}，最多借 {limit} 本", "Reader {number}, up to {limit} books at a time"
    ),
    "library.reader.new": LocalizedText(
        "用社保卡就能借，最多借 {limit} 本", "Borrow by this card: up to {limit} books at a time"
    ),
    "library.none": LocalizedText("没有在借的书", "No books are out"),
    "library.none.next": LocalizedText(
        "到任一成员馆，刷社保卡就能借书，在哪家还都行。",
        "Borrow at any library with this card, and return to any of them.",
    ),
    "library.unread": LocalizedText("联网后会显示您借的书", "Your books show once you are online"),
    "library.due": LocalizedText("{day} 前还", "Return by {day}"),
    "library.left": LocalizedText("还有 {days} 天", "{days} days left"),
    "library.left.one": LocalizedText("明天到期", "Due tomorrow"),
    "library.left.none": LocalizedText("今天到期", "Due today"),
    "library.overdue": LocalizedText("逾期 {days} 天", "{days} days overdue"),
    "library.overdue.one": LocalizedText("逾期 1 天", "1 day overdue"),
    "library.lent_in": LocalizedText("借自 {place}", "From {place}"),
    "library.pickup": LocalizedText("到 {place} 取", "Pick up at {place}"),
    "library.hold.waiting": LocalizedText("前面还有 {ahead} 人", "{ahead} before you"),
    "library.hold.next": LocalizedText("下一个就是您", "You are next"),
    "library.hold.assigned": LocalizedText("书正在送来", "On its way"),
    "library.hold.ready": LocalizedText("可以取了", "Ready"),
    "library.hold.ready.until": LocalizedText("可以取了，留到 {day}", "Ready, kept until {day}"),
    "library.hold.over": LocalizedText("已结束", "Over"),
    "library.hold.other": LocalizedText("请问图书馆", "Ask the library"),
    "library.fine.overdue": LocalizedText("逾期费", "Overdue fee"),
    "library.fine.lost": LocalizedText("赔书款", "For a lost book"),
    "library.fine.other": LocalizedText("其他费用", "Other fee"),
    "library.fine.total": LocalizedText("一共欠 {total}", "{total} in all"),
    "library.fine.pay": LocalizedText(
        "请到任一成员馆服务台缴，缴清当场生效。",
        "Pay at the desk of any member library; it counts at once.",
    ),
    # one book
    "library.due.heading": LocalizedText("最晚哪天还", "Last day"),
    "library.where.heading": LocalizedText("在哪里还", "Where to return it"),
    "library.where": LocalizedText("任一成员馆都能还", "Any library of the network"),
    "library.renewals.heading": LocalizedText("还能续借吗", "Can it be renewed?"),
    "library.renewals.left": LocalizedText("还能续借 {left} 次", "Yes, {left} more"),
    "library.renewals.none": LocalizedText(
        "不能再续借了，请按期归还。", "No: return it by its last day."
    ),
    "library.queue.heading": LocalizedText("排到哪里了", "Where you stand"),
    "library.pickup.heading": LocalizedText("到哪里取", "Where to pick it up"),
    "library.renew": LocalizedText("续借这本", "Renew it"),
    "library.renewed": LocalizedText("续借好了", "Renewed"),
    "library.renewed.next": LocalizedText("{day} 前还就行。", "Return it by {day}."),
    "library.cancel": LocalizedText("不等了，取消预约", "Wait no longer"),
    "library.cancel.sure": LocalizedText("要取消这个预约吗？", "Wait for this book no longer?"),
    "library.cancel.place": LocalizedText(
        "排的队会让给后面的人；再想借要重新排。",
        "Your place goes to the next reader; to have it again you queue anew.",
    ),
    "library.cancel.yes": LocalizedText("确定取消", "Yes, cancel it"),
    "library.cancel.no": LocalizedText("不取消，继续等", "No, keep waiting"),
    "library.cancelled": LocalizedText("预约取消了", "Cancelled"),
    "library.cancelled.next": LocalizedText("不用再等这本书。", "You wait for it no longer."),
    "library.to_list": LocalizedText("回到我的借阅", "Back to my books"),
    "library.gone": LocalizedText("这一项已经不在了", "This is not there any more"),
    "library.reading": LocalizedText("{section}：{rows}。", "{section}: {rows}."),
    "library.thing.loans": LocalizedText("在借 {count} 本", "{count} out"),
    "library.thing.owed": LocalizedText("欠费 {total}", "{total} owed"),
    "library.thing.ready": LocalizedText("预约的书可以取了", "A book is ready"),
    "library.thing.holds": LocalizedText("预约 {count} 本", "{count} waited for"),
    "unanswered.RenewLibraryLoan": LocalizedText("续借图书", "Renewing a book"),
    "unanswered.CancelLibraryHold": LocalizedText("取消图书预约", "Cancelling a hold"),
}
