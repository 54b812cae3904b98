"""Words of subsidies."""

from shared.localized_text import LocalizedText

TEXTS = {
    "service.subsidies": LocalizedText("我的补贴", "My subsidies"),
    "subsidies.title": LocalizedText("我的补贴", "My subsidies"),
    "subsidies.none": LocalizedText("还没有补贴记录", "No subsidies yet"),
    "subsidies.none.next": LocalizedText(
        "部门发放补贴后，这里会显示金额和到账情况。",
        "Once a department pays you one, its amount and arrival show here.",
    ),
    "subsidies.unread": LocalizedText("联网后会显示补贴。", "Shown once you are online."),
    "subsidies.older": LocalizedText("看更早的", "Show older ones"),
    "subsidies.home": LocalizedText(
        "{period}{policy} {amount} · {state}", "{policy}, {period}: {amount} · {state}"
    ),
    "subsidies.account": LocalizedText("发到哪里", "Paid to"),
    "subsidies.account.is": LocalizedText("{bank} 尾号 {tail}", "{bank}, ending in {tail}"),
    "subsidies.payer": LocalizedText("发放部门", "Paid by"),
    "subsidies.period": LocalizedText("哪一期", "For"),
    "subsidies.changed": LocalizedText("状态更新", "As of"),
    "subsidies.why": LocalizedText("为什么没到账", "Why it did not arrive"),
    "subsidies.to_do": LocalizedText("您要做什么", "What to do"),
    "subsidies.correct": LocalizedText("更正收款账户", "Correct the payout account"),
    "subsidies.state.approved": LocalizedText("已批准，等待发放", "Approved, not sent yet"),
    "subsidies.state.sent": LocalizedText("已送银行，等待到账", "Sent to the bank"),
    "subsidies.state.paid": LocalizedText("已到账", "Paid"),
    "subsidies.state.failed": LocalizedText("没有发成", "Not paid"),
    "subsidies.state.returned": LocalizedText("被银行退回", "Returned by the bank"),
    "subsidies.state.other": LocalizedText("请更新应用后查看", "Update the app to see it"),
    "subsidies.reading": LocalizedText(
        "{policy}，{period}，{amount}，{state}。", "{policy}, {period}: {amount}, {state}."
    ),
}
