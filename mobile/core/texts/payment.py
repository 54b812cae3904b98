"""Words of paying for a court."""

from shared.localized_text import LocalizedText

TEXTS = {
    "ticket.fee": LocalizedText("场地费：付款、退款", "Court fee: pay, refund"),
    "payment.title": LocalizedText("场地费", "Court fee"),
    "payment.place": LocalizedText("每个名额", "Each place"),
    "payment.count": LocalizedText("名额", "Places"),
    "payment.total": LocalizedText("一共", "In all"),
    "payment.balance": LocalizedText("储值余额", "Stored balance"),
    "payment.left": LocalizedText("付完还剩", "Left after it"),
    "payment.back": LocalizedText("已经退回", "Came back"),
    "payment.state.unpaid": LocalizedText("还没付", "Not paid"),
    "payment.state.paid": LocalizedText("付好了", "Paid"),
    "payment.state.returned": LocalizedText("已退款", "Paid back"),
    "payment.terms": LocalizedText("取消退多少", "If you cancel"),
    "payment.term": LocalizedText(
        "开场前 {before}以上取消，退 {percent}%。",
        "{percent}% comes back {before} or more before it begins.",
    ),
    "payment.called_off": LocalizedText(
        "场馆取消的，自动全额退回储值。",
        "If the venue calls it off, all of it comes back by itself.",
    ),
    "payment.day": LocalizedText("{count} 天", "{count} days"),
    "payment.day.one": LocalizedText("1 天", "a day"),
    "payment.hour": LocalizedText("{count} 小时", "{count} hours"),
    "payment.hour.one": LocalizedText("1 小时", "an hour"),
    "payment.minute": LocalizedText("{count} 分钟", "{count} minutes"),
    "payment.receipt": LocalizedText("收据", "Receipt"),
    "payment.receipt.paid": LocalizedText(
        "{moment} 付 {amount}，余额 {after}。编号 {number}",
        "Paid {amount} on {moment}, balance {after}. No. {number}",
    ),
    "payment.receipt.back": LocalizedText(
        "{moment} 退 {amount}，余额 {after}。编号 {number}",
        "{amount} came back on {moment}, balance {after}. No. {number}",
    ),
    "payment.short": LocalizedText("余额不够，还差 {missing}", "{missing} short"),
    "payment.short.next": LocalizedText(
        "到“{name}”的柜台，出示我的码，充 {missing} 以上，马上到账。位子先给您留着，开场前付都行。",
        "At a counter of {name}, show your code and top up {missing} or more; it counts at once. "
        "The place stays yours; pay before it begins.",
    ),
    "payment.code": LocalizedText("出示我的码去充值", "Show my code to top up"),
    "payment.pay": LocalizedText("用储值付 {total}", "Pay {total} from stored value"),
    "payment.sure": LocalizedText("付 {total} 吗？", "Pay {total}?"),
    "payment.sure.from": LocalizedText(
        "从“{name}”储值里付，付完还剩 {left}。",
        "From your stored value with {name}; {left} is left.",
    ),
    "payment.yes": LocalizedText("确定付款", "Yes, pay"),
    "payment.no": LocalizedText("先不付", "Not now"),
    "payment.done": LocalizedText("付好了", "Paid"),
    "payment.done.next": LocalizedText(
        "收据在下面，凭我的码入场。", "The receipt stands below; enter by your code."
    ),
    "payment.none": LocalizedText("联网后会显示价格。", "The price shows once you are online."),
    "payment.reading": LocalizedText("{what}，{state}。{lines}。", "{what}, {state}. {lines}. "),
    "unanswered.PayBooking": LocalizedText("付场地费", "Paying a court"),
}
