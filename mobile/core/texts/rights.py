"""Words of the rights over one's own data: notices, consents."""

from shared.localized_text import LocalizedText

TEXTS = {
    "rights.title": LocalizedText("我的权利", "My rights"),
    "rights.lead": LocalizedText(
        "您的信息您做主：看清楚、管授权、拿副本、改错误、销账户。",
        "Your data is yours: read how it is used, decide, copy, correct, close.",
    ),
    "rights.consents": LocalizedText("我授权了什么？", "What did I agree to?"),
    "rights.notices": LocalizedText("信息怎么被处理？告知书", "How is my data handled? Notices"),
    "rights.reading": LocalizedText("我的权利：{names}。", "My rights: {names}."),
    # notices
    "notices.title": LocalizedText("告知书", "Notices"),
    "notices.before_use": LocalizedText("使用前请先阅读", "Please read this first"),
    "notices.lead": LocalizedText(
        "这里写明谁在处理您的信息、为什么、保存多久。",
        "They say who handles your data, what for, and how long it is kept.",
    ),
    "notices.version": LocalizedText("第 {version} 版，{day}", "Version {version}, {day}"),
    "notices.unread": LocalizedText("未读", "Not read"),
    "notices.read": LocalizedText("已读", "Read"),
    "notices.acknowledge": LocalizedText("我已阅读", "I have read this"),
    "notices.reminder": LocalizedText("有告知书请您阅读", "A notice for you to read"),
    "notices.empty": LocalizedText("现在没有告知书", "There is no notice at present"),
    "notices.reading": LocalizedText("告知书：{titles}。", "Notices: {titles}."),
    # consents
    "consents.title": LocalizedText("授权管理", "My consents"),
    "consents.lead": LocalizedText(
        "这些事要您单独同意才能做。不同意或撤回，不影响其他服务。",
        "Each of these is done only with your consent. Other services work either way.",
    ),
    "consents.given": LocalizedText("已同意", "Agreed"),
    "consents.not_given": LocalizedText("未同意", "Not agreed"),
    "consents.why": LocalizedText("为什么要用", "What for"),
    "consents.what": LocalizedText("用哪些信息", "Which data"),
    "consents.who": LocalizedText("谁会得到", "Who gets it"),
    "consents.long": LocalizedText("管多久", "For how long"),
    "consents.long.days": LocalizedText(
        "同意后 {days} 天，随时可以撤回", "{days} days; you may withdraw at any time"
    ),
    "consents.long.until": LocalizedText(
        "到 {until} 为止，随时可以撤回", "Until {until}; you may withdraw at any time"
    ),
    "consents.impact": LocalizedText("对您有什么影响", "What it means for you"),
    "consents.give": LocalizedText("同意", "Agree"),
    "consents.withdraw": LocalizedText("撤回同意", "Withdraw"),
    "consents.done.given": LocalizedText("已同意", "You agreed"),
    "consents.done.given.next": LocalizedText(
        "随时可以在这里撤回。", "You may withdraw here at any time."
    ),
    "consents.done.withdrawn": LocalizedText("已撤回", "Withdrawn"),
    "consents.done.withdrawn.next": LocalizedText(
        "从现在起不再这样使用您的信息；撤回前已做的不受影响。",
        "Your data is no longer used for this; what was done before stands.",
    ),
    "consents.receipts": LocalizedText("同意记录", "Receipts"),
    "consents.receipt.given": LocalizedText("{moment} 同意", "Agreed {moment}"),
    "consents.receipt.until": LocalizedText("有效到 {day}", "Good until {day}"),
    "consents.receipt.ended": LocalizedText("{day} 到期", "Ended {day}"),
    "consents.receipt.withdrawn": LocalizedText("{moment} 撤回", "Withdrawn {moment}"),
    "consents.reading": LocalizedText("授权管理：{names}。", "My consents: {names}."),
}
