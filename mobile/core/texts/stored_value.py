"""Words of stored value."""

from shared.localized_text import LocalizedText

TEXTS = {
    "stored.title": LocalizedText("我的储值", "Stored value"),
    "stored.balance": LocalizedText("余额", "Balance"),
    "stored.open": LocalizedText("可以用", "In use"),
    "stored.closed": LocalizedText("已停止，不再收费", "Ended"),
    "stored.sums": LocalizedText(
        "一共充了 {topped_up}，用了 {spent}，退了 {refunded}",
        "{topped_up} put in, {spent} spent, {refunded} paid back",
    ),
    "stored.sums.heading": LocalizedText("钱去哪了", "Where it went"),
    "stored.how": LocalizedText("怎么充值", "How to top up"),
    "stored.how.counter": LocalizedText(
        "到场馆柜台付钱，出示我的码，工作人员充好就能看到。",
        "Pay at a venue's counter and show your code; it appears here at once.",
    ),
    "stored.how.ended": LocalizedText("余额怎么办", "What of the balance"),
    "stored.ended": LocalizedText(
        "这个储值已经停止。余额会全部退到您的收款账户；没有登记的，登记以后再退。",
        "It was ended. What was left is paid to your payout account, once you have one.",
    ),
    "stored.detail": LocalizedText("场馆储值", "Stored with venues"),
    "stored.code": LocalizedText("出示我的码", "Show my code"),
    "stored.movements": LocalizedText("明细", "Movements"),
    "stored.movements.none": LocalizedText("还没有明细", "No movements yet"),
    "stored.movements.unread": LocalizedText("联网后会显示明细。", "Shown once you are online."),
    "stored.after": LocalizedText("{moment} · 余额 {after}", "{moment} · balance {after}"),
    "stored.kind.top_up": LocalizedText("充值", "Top-up"),
    "stored.kind.spend": LocalizedText("消费", "Spent"),
    "stored.kind.give_back": LocalizedText("退订退回", "Given back"),
    "stored.kind.refund": LocalizedText("余额退款", "Refund"),
    "stored.refund": LocalizedText("把余额退出来", "Take the balance out"),
    "stored.refund.sure": LocalizedText("要把余额全退出来吗？", "Take the whole balance out?"),
    "stored.refund.amount": LocalizedText(
        "“{name}”的 {amount} 会全部退出，余额变成 ¥0.00。",
        "All {amount} of '{name}' is taken out; nothing is left.",
    ),
    "stored.refund.paid": LocalizedText(
        "钱退到您的收款账户；没有登记的，登记以后再退。这一步不能撤回。",
        "It is paid to your payout account, once you have one. This cannot be undone.",
    ),
    "stored.refund.yes": LocalizedText("确定退款", "Yes, take it out"),
    "stored.refund.no": LocalizedText("不退，留着用", "No, keep it"),
    "stored.refunded": LocalizedText("退款登记好了", "The refund is entered"),
    "stored.refunded.next": LocalizedText(
        "钱会退到您的收款账户；没有登记的，登记以后再退。",
        "It is paid to your payout account, once you have one.",
    ),
    "stored.none": LocalizedText("这里还没有储值", "Nothing is stored here"),
    "stored.reading": LocalizedText(
        "{name}，余额 {balance}，{state}。", "{name}: balance {balance}, {state}."
    ),
    "unanswered.RefundStoredValue": LocalizedText("储值退款", "Taking stored value out"),
}
