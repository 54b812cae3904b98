"""Words of acting for another person 亲情代办."""

from shared.localized_text import LocalizedText

TEXTS = {
    "acting.band": LocalizedText("正在为 {name} 办理", "Acting for {name}"),
    "acting.back": LocalizedText("回到本人", "Back to me"),
    "acting.no_code": LocalizedText("{name} 的码还没有取到", "No code of {name} here yet"),
    "acting.no_code.next": LocalizedText(
        "连上网络会自动取；也可能这项代办没有“代为出示”",
        "It comes with a network, if the mandate allows it",
    ),
    "elder.family": LocalizedText("家人", "Family"),
    "family.title": LocalizedText("我授权了谁？我代谁办？", "Who acts for whom?"),
    "family.lead": LocalizedText(
        "家人用自己的手机、自己的登录代办；随时可以停。",
        "Family act on their own phone, signed in as themselves. Stop it at any time.",
    ),
    "family.for": LocalizedText("为 {name} 办事", "Act for {name}"),
    "family.by": LocalizedText("{name}（{who}）可代我办事", "{name} ({who}) may act for me"),
    "family.line.state": LocalizedText("{text}：{state}", "{text}: {state}"),
    "family.nobody": LocalizedText("还没有任何代办", "There is no mandate yet"),
    "family.invite": LocalizedText("请家人代我办事", "Let family act for me"),
    "family.offer": LocalizedText("我来代家人办事", "Act for a relative"),
    "family.take": LocalizedText("扫家人手机上的邀请码", "Scan a relative's invitation"),
    "family.scan": LocalizedText("打开相机扫码", "Scan with the camera"),
    "family.scan.lead": LocalizedText(
        "请家人打开“家人”里的邀请码，当面对着它拍。照片不保存。",
        "Have your relative open the invitation under Family and point the camera at it. The "
        "picture is not kept.",
    ),
    "family.card": LocalizedText("刷家人的社保卡", "Use their physical card"),
    "family.card.lead": LocalizedText(
        "家人没有手机也能办：把他的社保卡贴在手机背面，或放在读卡器上，再由他本人输卡密码。"
        "钱和医疗等敏感事项不能这样办。",
        "For who has no phone: hold their card to this phone or lay it on the card reader; they "
        "key in its PIN themselves. Nothing sensitive is allowed this way.",
    ),
    "family.card.read": LocalizedText("开始读卡", "Read the card"),
    "family.pin": LocalizedText("请持卡人输卡密码", "The holder keys in the PIN"),
    "family.pin.lead": LocalizedText(
        "6位社保卡密码，只有本人知道；请代办人转过脸去。",
        "The card's 6-digit PIN, which only its holder knows; please look away.",
    ),
    "family.granted": LocalizedText("已授权", "Granted"),
    "family.granted.next": LocalizedText(
        "本人会收到通知（没有应用的发短信），随时可以到网点停止",
        "Its principal is told, by SMS without the app, and can stop it at an outlet",
    ),
    "family.type": LocalizedText("扫不了，输入12位数字", "No camera: enter the 12 digits"),
    "family.outlet": LocalizedText(
        "没有手机也可以办：两人带身份证和本人社保卡到服务网点，本人输卡密码确认。",
        "Without a phone: both go to an outlet with their identity cards and the card; its holder "
        "keys in the PIN.",
    ),
    "family.news": LocalizedText("{moment} {words}", "{moment} {words}"),
    "family.state.OFFERED": LocalizedText("等对方扫码", "Waits for the other side"),
    "family.state.TAKEN": LocalizedText("等本人确认", "Waits to be confirmed"),
    "family.state.ACTIVE": LocalizedText("有效", "In force"),
    "family.state.DISPUTED": LocalizedText("有争议，已暂停", "Disputed, suspended"),
    "family.state.CHILD_CONSENT_DUE": LocalizedText("等孩子本人同意", "Waits for the child"),
    "family.state.REVIEW_DUE": LocalizedText("待网点复核", "Due for review at an outlet"),
    "family.state.ENDED": LocalizedText("已结束", "Ended"),
    "family.until": LocalizedText("到 {moment} 为止", "Until {moment}"),
    "family.days": LocalizedText("确认后 {days} 天内有效", "For {days} days from confirmation"),
    "family.no_end": LocalizedText("到监护结束为止", "Until the guardianship ends"),
    "family.uses": LocalizedText("已代办 {count} 次", "Used {count} times"),
    "family.can": LocalizedText("可以：{scope}", "Allowed: {scope}"),
    "family.stop_scope": LocalizedText("停止：{scope}", "Stop: {scope}"),
    "family.stop": LocalizedText("全部停止", "Stop all of it"),
    "family.stop_one": LocalizedText("停止 {name} 代我办事", "Stop {name} acting for me"),
    "family.withdraw": LocalizedText("不办了", "Take it back"),
    "family.stopped": LocalizedText("已停止", "Stopped"),
    "family.stopped.next": LocalizedText(
        "马上生效；没有网络的验票口更新名单后生效",
        "At once; at gates without a network with their next list",
    ),
    "family.did": LocalizedText("办过什么", "What was done"),
    "family.did.none": LocalizedText("还没有办过什么", "Nothing was done yet"),
    "family.did.more": LocalizedText("看更早的", "Earlier ones"),
    "family.did.own": LocalizedText(
        "{moment} 本人或网点：{words}", "{moment}, the holder or an outlet: {words}"
    ),
    "family.did.delegate": LocalizedText(
        "{moment} 代办人：{words}", "{moment}, the delegate: {words}"
    ),
    "family.did.refused": LocalizedText("{line}（没有办成）", "{line} (not done)"),
    "family.dispute": LocalizedText("不是我同意的，先暂停", "I did not agree: suspend it"),
    "family.confirm": LocalizedText("是我同意的，确认", "I agree: confirm"),
    "family.confirm.lead": LocalizedText(
        "请核对对方姓名。确认后对方就可以办下面的事。", "Check the name. They may then do this:"
    ),
    "family.limits": LocalizedText("能花多少钱", "How much may be paid"),
    "family.limits.act": LocalizedText("一次最多花多少？", "How much at once?"),
    "family.limits.day": LocalizedText("一天最多花多少？", "How much a day?"),
    "family.limits.month": LocalizedText("一个月最多花多少？", "How much a month?"),
    "family.limits.lead": LocalizedText(
        "超过的一律付不出去；钱不会付到代办人自己的账户。",
        "More is never paid, and nothing to the delegate's own account.",
    ),
    "family.limits.zero": LocalizedText("不许花钱", "Nothing"),
    "family.limits.none": LocalizedText("现在：一分钱也不能花", "Now: nothing may be paid"),
    "family.limits.now": LocalizedText(
        "现在：一次 {act}，一天 {day}，一个月 {month}",
        "Now: {act} at once, {day} a day, {month} a month",
    ),
    "family.spent": LocalizedText(
        "今天已花 {today}，还能花 {left_today}；本月已花 {month}，还能花 {left_month}",
        "Paid today {today}, {left_today} left; this month {month}, {left_month} left",
    ),
    "family.guarded": LocalizedText("还有谁代办", "Who else acts for them"),
    "family.guarded.lead": LocalizedText(
        "您是监护人，可以停止别人的代办。被监护人会收到您看过的通知。",
        "As the guardian you can stop what others do. The ward is told that you looked.",
    ),
    "family.guarded.by": LocalizedText("{name}（{who}）", "{name} ({who})"),
    "family.guarded.stop": LocalizedText("停止 {name} 的代办", "Stop {name}"),
    "family.guarded.none": LocalizedText("没有别人代办", "Nobody else acts for them"),
    "family.limited": LocalizedText("已改好", "Changed"),
    "family.limited.next": LocalizedText("马上生效", "At once"),
    "family.told": LocalizedText("怎么告诉我", "How I am told"),
    "family.told.lead": LocalizedText(
        "办了事，每件都马上告诉您；只是看一看，可以一天说一次。",
        "What is done is told at once, each thing. What is only looked at can wait a day.",
    ),
    "family.told.each": LocalizedText("每次都告诉我", "Each time"),
    "family.told.daily": LocalizedText("看的事一天说一次", "Looks once a day"),
    "family.switch": LocalizedText("现在为 {name} 办理", "Act for {name} now"),
    "family.relation": LocalizedText("您和家人是什么关系？", "Who are you to each other?"),
    "family.relation.PRINCIPAL.ELDER": LocalizedText("我是长辈", "I am the elder"),
    "family.relation.PRINCIPAL.CHILD": LocalizedText("我是子女", "I am the child"),
    "family.relation.PRINCIPAL.SPOUSE": LocalizedText("夫妻", "Married"),
    "family.relation.PRINCIPAL.OTHER": LocalizedText("其他亲友", "Other"),
    "family.relation.DELEGATE.ELDER": LocalizedText("对方是长辈", "They are the elder"),
    "family.relation.DELEGATE.CHILD": LocalizedText("对方是我子女", "They are my child"),
    "family.relation.DELEGATE.SPOUSE": LocalizedText("夫妻", "Married"),
    "family.relation.DELEGATE.OTHER": LocalizedText("其他亲友", "Other"),
    "family.scopes": LocalizedText("可以办哪些事？", "What may be done?"),
    "family.scopes.lead": LocalizedText(
        "先选最少的，以后可以再加。", "Begin with the least; more can follow."
    ),
    "family.add": LocalizedText("加上：{scope}", "Add: {scope}"),
    "family.take_away": LocalizedText("不要：{scope}", "Leave out: {scope}"),
    "family.sensitive": LocalizedText("还要加敏感事项", "Add something sensitive"),
    "family.sensitive.ask": LocalizedText("要不要允许“{scope}”？", "Allow: {scope}?"),
    "family.sensitive.lead": LocalizedText(
        "这一项比较敏感，不确定就选“不用”。钱和医疗的事确认后过一天才开始。",
        "This is sensitive; if in doubt, do not. Money and medical begin a day later.",
    ),
    "family.no": LocalizedText("不用", "No"),
    "family.yes": LocalizedText("允许", "Allow"),
    "family.next": LocalizedText("下一步", "Next"),
    "family.length": LocalizedText("多长时间？", "For how long?"),
    "family.length.1": LocalizedText("1 天", "1 day"),
    "family.length.31": LocalizedText("31 天", "31 days"),
    "family.length.182": LocalizedText("半年", "Half a year"),
    "family.length.365": LocalizedText("一年", "A year"),
    "family.make": LocalizedText("生成邀请码", "Make the invitation"),
    "family.shown": LocalizedText("请对方扫这个码", "Have them scan this code"),
    "family.shown.lead": LocalizedText(
        "当面给对方扫，一天内有效；扫不了就输入下面的数字。对方收到后，本人在手机上确认才生效。",
        "Face to face, good for a day; the digits below do too. It counts once its principal has "
        "confirmed.",
    ),
    "family.take.lead": LocalizedText(
        "在对方手机的“家人”里可以看到。", "They find it under Family on their phone."
    ),
    "family.taken": LocalizedText("已收到", "Taken"),
    "family.taken.next": LocalizedText("还要被代办的本人确认", "Its principal has to confirm it"),
    "family.confirmed": LocalizedText("已确认", "Confirmed"),
    "family.confirmed.next": LocalizedText("随时可以停止", "It can be stopped at any time"),
    "scope.CARD_SHOW": LocalizedText("代为出示码", "Show the code"),
    "scope.BOOK": LocalizedText("代为预约、领票", "Book, take passes"),
    "scope.BENEFIT_VIEW": LocalizedText("看卡状态和到访记录", "See the card and visits"),
    "scope.CASE_SUBMIT": LocalizedText("代交申请", "Hand in applications"),
    "scope.NOTICE_COPY": LocalizedText("收到通知抄送", "Get copies of notices"),
    "scope.STUDENT_VIEW": LocalizedText("看学籍", "See the student record"),
    "scope.CERTIFY_ASSIST": LocalizedText("协助养老资格认证", "Help with pension checks"),
    "scope.MEDICAL_VIEW": LocalizedText("看医疗信息", "See medical information"),
    "scope.PAY_SMALL": LocalizedText("小额支付", "Pay small sums"),
}
