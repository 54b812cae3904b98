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
    "rights.data_copy": LocalizedText("拿一份我的信息副本", "Get a copy of my data"),
    "rights.closing": LocalizedText("注销账户", "Close my account"),
    "rights.corrections": LocalizedText("更正信息、换手机号", "Correct my data, change my phone"),
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
    # a copy of my data
    "copy.title": LocalizedText("我的信息副本", "A copy of my data"),
    "copy.lead": LocalizedText(
        "平台保存的关于您的全部信息，做成一个文件，存到这部手机上。",
        "Everything the platform holds about you, as one file, saved on this phone.",
    ),
    "copy.care": LocalizedText(
        "里面有完整的姓名和号码，请保管好，不要发给别人。每次获取都会记入“谁用过我的信息”。",
        "It holds your full name and numbers: keep it safe and send it to nobody. Each copy is "
        "listed under Who used my data.",
    ),
    "copy.pdf": LocalizedText("PDF：给人看的", "PDF: to be read"),
    "copy.other": LocalizedText("要给电脑用的格式？", "Need it for a computer?"),
    "copy.json": LocalizedText("JSON：可转给别的系统", "JSON: for other systems"),
    "copy.preparing": LocalizedText("正在准备副本…", "Preparing the copy…"),
    "copy.progress": LocalizedText("正在接收：{size}", "Receiving: {size}"),
    "copy.done": LocalizedText("副本已保存", "The copy is saved"),
    "copy.done.next": LocalizedText("在这里：{place}", "It is here: {place}"),
    # corrections
    "corrections.title": LocalizedText("更正信息", "Correct my data"),
    "corrections.intro": LocalizedText(
        "登记的信息有错，可以在这里申请更正。工作人员核对后，结果显示在下面。",
        "Something on your record is wrong? Ask here; staff check it and answer below.",
    ),
    "corrections.begin": LocalizedText("申请更正", "Ask for a correction"),
    "corrections.empty": LocalizedText("还没有申请过更正", "You have not asked for any yet."),
    "corrections.withdraw": LocalizedText("撤回申请", "Take it back"),
    "corrections.since": LocalizedText("{moment} 提交", "Asked {moment}"),
    "corrections.ask.field": LocalizedText("哪里要改？", "What is wrong?"),
    "corrections.ask.name": LocalizedText("正确的姓名", "The right name"),
    "corrections.ask.birth": LocalizedText("正确的出生日期", "The right birth date"),
    "corrections.ask.number": LocalizedText("正确的证件号码", "The right identity number"),
    "corrections.ask.phone": LocalizedText("新的手机号码", "Your new mobile number"),
    "corrections.ask.code": LocalizedText("短信里的 6 位验证码", "The 6-digit code in the message"),
    "corrections.ask.why": LocalizedText("为什么要改？", "Why does it change?"),
    "corrections.lead.field": LocalizedText("选一项，一次改一项。", "Choose one at a time."),
    "corrections.lead.name": LocalizedText("和身份证上一样。", "As on your identity card."),
    "corrections.lead.birth": LocalizedText(
        "年月日共 8 位，例如 19650102。", "Year, month, day: 8 digits, such as 19650102."
    ),
    "corrections.lead.number": LocalizedText(
        "身份证上的 18 位号码，最后一位可以是 X。", "18 characters; the last may be X."
    ),
    "corrections.lead.phone": LocalizedText(
        "我们会发送验证码，确认是您的号码。", "We send a code to make sure that it is yours."
    ),
    "corrections.lead.code": LocalizedText(
        "已发往 {phone}，{until} 前有效。", "Sent to {phone}, good until {until}."
    ),
    "corrections.lead.why": LocalizedText(
        "工作人员可能会请您带证件到网点。", "Staff may ask you to bring your document to an outlet."
    ),
    "corrections.field.name": LocalizedText("姓名", "Name"),
    "corrections.field.birth": LocalizedText("出生日期", "Birth date"),
    "corrections.field.number": LocalizedText("证件号码", "Identity number"),
    "corrections.field.phone": LocalizedText("手机号码", "Mobile number"),
    "corrections.field.other": LocalizedText("其他信息", "Something else"),
    "corrections.why.typo": LocalizedText("登记时录错了", "It was entered wrongly"),
    "corrections.why.changed": LocalizedText("依法变更过", "It was changed officially"),
    "corrections.why.other": LocalizedText(
        "其他原因，到网点说明", "Another reason, told at an outlet"
    ),
    "corrections.submit.phone": LocalizedText("获取验证码", "Get a code"),
    "corrections.submit.code": LocalizedText("换成这个号码", "Change to this number"),
    "corrections.submit.why": LocalizedText("提交申请", "Ask for it"),
    "corrections.state.submitted": LocalizedText("等待核对", "Being checked"),
    "corrections.state.accepted": LocalizedText("已更正", "Corrected"),
    "corrections.state.declined": LocalizedText("未通过", "Declined"),
    "corrections.state.withdrawn": LocalizedText("已撤回", "Taken back"),
    "corrections.state.other": LocalizedText("请咨询网点", "Ask an outlet"),
    "corrections.done": LocalizedText("已提交", "Your request is sent"),
    "corrections.done.next": LocalizedText(
        "工作人员核对后，结果显示在这里。", "Staff check it; the result appears here."
    ),
    "corrections.withdrawn": LocalizedText("已撤回", "Taken back"),
    "corrections.withdrawn.next": LocalizedText("登记信息没有变。", "Your record stays as it was."),
    "corrections.phone_changed": LocalizedText("手机号码已更换", "Your mobile number is changed"),
    "corrections.phone_changed.next": LocalizedText(
        "以后用新号码登录和收验证码。", "Use the new number to sign in from now on."
    ),
    "corrections.reading": LocalizedText(
        "更正信息。点“申请更正”开始。{names}", "Correct my data. Touch to ask. {names}"
    ),
    # closing the account
    "closing.title": LocalizedText("注销账户", "Close my account"),
    "closing.erased": LocalizedText("会清除", "What is erased"),
    "closing.kept": LocalizedText("法律要求保留", "What the law keeps"),
    "closing.cooling": LocalizedText(
        "提交后有 {days} 天冷静期，期间随时可以撤回，账户照常使用。",
        "For {days} days after you ask, you may take it back at any time; all works as before.",
    ),
    "closing.request": LocalizedText("申请注销", "Ask for the closing"),
    "closing.ask.title": LocalizedText("确定要注销账户吗？", "Close your account?"),
    "closing.ask.points": LocalizedText(
        "{days} 天后，前面列出的信息会清除，不能恢复。\n"
        "您将不能登录，手机上的码会失效。\n"
        "实体社保卡和各项待遇不受影响。\n"
        "只是想停用丢失的手机？在“我的设备”里解绑就够了。",
        "In {days} days what is listed is erased and cannot be restored.\n"
        "You can no longer sign in, and codes on phones are void.\n"
        "Your physical card and your benefits are not affected.\n"
        "Only want to stop a lost phone? Unlink it under My phones.",
    ),
    "closing.ask.yes": LocalizedText("我明白，继续", "I understand, go on"),
    "closing.sure.title": LocalizedText("最后确认：提交注销申请", "Last question: ask for it now"),
    "closing.sure.points": LocalizedText(
        "点下面的按钮提交。{days} 天内可以在这里撤回。",
        "The button below asks for it. For {days} days you may take it back here.",
    ),
    "closing.sure.yes": LocalizedText("确定，提交注销申请", "Yes, close my account"),
    "closing.no": LocalizedText("不注销了", "Keep my account"),
    "closing.runs": LocalizedText("账户将在 {day} 注销", "Your account closes on {day}"),
    "closing.runs.next": LocalizedText(
        "在这之前一切照常，改主意就点“撤回申请”。", "Until then all works; you may take it back."
    ),
    "closing.withdraw": LocalizedText("撤回申请，保留账户", "Take it back, keep my account"),
    "closing.withdrawn": LocalizedText("已撤回，账户保留", "Taken back: your account stays"),
    "closing.withdrawn.next": LocalizedText("一切照常使用。", "Everything works as before."),
    "closing.reading": LocalizedText(
        "注销账户会清除：{erased}。法律要求保留：{kept}。",
        "Closing erases: {erased}. The law keeps: {kept}.",
    ),
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
