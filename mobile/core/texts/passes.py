"""Words of passes, and of taking them."""

from shared.localized_text import LocalizedText

TEXTS = {
    # the wallet's stack
    "wallet.things": LocalizedText("我的票和券", "Passes and vouchers"),
    "wallet.things.none": LocalizedText("还没有票和券", "No passes and no vouchers yet"),
    "wallet.things.none.next": LocalizedText(
        "点“领票、办通票”，看看有哪些可以领。", "Look under 'Get a pass' at what there is."
    ),
    "wallet.things.over": LocalizedText("看用完和过期的", "Show those that are over"),
    "wallet.get": LocalizedText("领票、办通票", "Get a pass"),
    "wallet.things.reading": LocalizedText("票和券：{things}。", "Passes and vouchers: {things}."),
    "wallet.things.unread": LocalizedText(
        "联网后会显示您的票和券。", "They show once you are online."
    ),
    # kinds and states
    "pass.kind.single": LocalizedText("单次票", "Single ticket"),
    "pass.kind.uses": LocalizedText("次卡", "Multi-entry pass"),
    "pass.kind.period": LocalizedText("期限卡", "Period pass"),
    "pass.kind.bundle": LocalizedText("一卡打包，多馆通用", "One pass for several places"),
    "pass.kind.other": LocalizedText("票", "Pass"),
    "pass.state.not_yet": LocalizedText("还没到日子", "Not yet"),
    "pass.state.valid": LocalizedText("可以用", "Valid"),
    "pass.state.used_up": LocalizedText("用完了", "Used up"),
    "pass.state.expired": LocalizedText("过期了", "Expired"),
    "pass.state.refunded": LocalizedText("已退", "Given back"),
    "pass.state.revoked": LocalizedText("已撤销，请问场馆", "Revoked: ask the venue"),
    "pass.state.other": LocalizedText("请问场馆", "Ask the venue"),
    "pass.state.resting": LocalizedText("今天不能用", "Not good today"),
    "pass.state.offered": LocalizedText("正在转赠", "Being handed on"),
    "pass.left": LocalizedText("剩 {left} 次", "{left} left"),
    "pass.left.of": LocalizedText("剩 {left} 次，共 {uses} 次", "{left} of {uses} left"),
    "pass.unlimited": LocalizedText("不限次数", "Unlimited"),
    "pass.until": LocalizedText("到 {day}", "until {day}"),
    "pass.on": LocalizedText("{day} 当天", "on {day}"),
    "pass.days": LocalizedText("{first} 到 {last}", "{first} to {last}"),
    "pass.open_end": LocalizedText("{first} 起", "from {first}"),
    "pass.places": LocalizedText("{name}等 {count} 处", "{name}, {count} places in all"),
    # one pass
    "pass.title": LocalizedText("我的票", "My pass"),
    "pass.left.heading": LocalizedText("还能用几次", "Entries left"),
    "pass.days.heading": LocalizedText("哪些天能用", "When it is good"),
    "pass.rests": LocalizedText("这些天不能用：{days}", "Not good: {days}"),
    "pass.rests.today": LocalizedText(
        "今天不能用，{day} 起又能用。", "Not good today; good again from {day}."
    ),
    "pass.rests.end": LocalizedText("今天不能用。", "Not good today."),
    "pass.where": LocalizedText("在哪里用", "Where it is good"),
    "pass.holder": LocalizedText("谁能用", "Who can use it"),
    "pass.refund.heading": LocalizedText("能退吗", "Can it be given back?"),
    "pass.refund.until": LocalizedText("没用过就能退，最晚 {day}。", "Unused, until {day}."),
    "pass.refund.counter": LocalizedText(
        "在柜台付的 {paid}，最晚 {day} 带收据到柜台退。",
        "{paid} was paid at a counter: take the receipt there, by {day}.",
    ),
    "pass.refund.used": LocalizedText("用过了，不能退。", "It was used: no."),
    "pass.refund.no": LocalizedText("不能退。", "No."),
    "pass.personal": LocalizedText("只限本人用", "For its holder only"),
    "pass.transferable": LocalizedText("可以转赠", "Can be handed on"),
    "pass.over": LocalizedText(
        "门口多放行了 {count} 次，场馆会来核对。",
        "{count} got in beyond it; the venue checks this.",
    ),
    "pass.refund": LocalizedText("退票", "Give it back"),
    "pass.refund.sure": LocalizedText("要退这张票吗？", "Give this pass back?"),
    "pass.refund.free": LocalizedText(
        "领的时候没有付钱，没有退款。", "It was free: nothing is paid back."
    ),
    "pass.refund.after": LocalizedText(
        "退了就不能用了；还要的话重新领。",
        "It cannot be used then; to have it again, take a new one.",
    ),
    "pass.refund.yes": LocalizedText("确定退票", "Yes, give it back"),
    "pass.refund.keep": LocalizedText("不退，保留", "No, keep it"),
    "pass.refunded": LocalizedText("票已退", "Given back"),
    "pass.refunded.next": LocalizedText("“{name}”已退。", "'{name}' was given back."),
    "pass.hand_on": LocalizedText("转赠给别人", "Hand it on"),
    "pass.hand_on.again": LocalizedText("重新生成转赠码", "Make a new code"),
    "pass.hand_on.sure": LocalizedText("要转赠给别人吗？", "Hand this pass on?"),
    "pass.hand_on.how": LocalizedText(
        "会生成一个转赠码，72 小时有效。谁先用它领走，票就是谁的。",
        "You get a code, good for 72 hours. The pass goes to whoever uses it first.",
    ),
    "pass.hand_on.until": LocalizedText(
        "别人领走以前，票还是您的，也可以收回。",
        "Until then it is yours, and you can take it back.",
    ),
    "pass.hand_on.yes": LocalizedText("生成转赠码", "Make the code"),
    "pass.hand_on.no": LocalizedText("不转赠", "No, keep it"),
    "pass.offered": LocalizedText("正在转赠，{until} 前有效", "Being handed on, until {until}"),
    "pass.offered.next": LocalizedText(
        "把转赠码发给对方，让对方在“领票、办通票”里输入。",
        "Send the code; they enter it under 'Get a pass'.",
    ),
    "pass.offered.unseen": LocalizedText(
        "转赠码只在生成时显示。找不到了就重新生成，旧的会作废。",
        "The code shows only when it is made. Make a new one if it is gone; the old one ends.",
    ),
    "pass.invitation": LocalizedText("转赠码", "The code"),
    "pass.copy": LocalizedText("复制转赠码", "Copy the code"),
    "pass.copied": LocalizedText("已复制", "Copied"),
    "pass.copied.next": LocalizedText("粘贴到短信或微信里发给对方。", "Paste it into a message."),
    "pass.withdraw": LocalizedText("收回，不转赠了", "Take it back"),
    "pass.withdrawn": LocalizedText("收回了", "Taken back"),
    "pass.withdrawn.next": LocalizedText("“{name}”还是您的。", "'{name}' is yours."),
    "pass.to_wallet": LocalizedText("回卡包", "Back to the wallet"),
    "pass.reading": LocalizedText(
        "{name}，{state}，{figure}，{days}。在{where}用。",
        "{name}, {state}, {figure}, {days}. Good at {where}.",
    ),
    # taking one
    "shop.title": LocalizedText("领票、办通票", "Get a pass"),
    "shop.at": LocalizedText("{venue}的票", "Passes for {venue}"),
    "shop.bundles": LocalizedText("一卡打包：一张走多处", "One pass, several places"),
    "shop.singles": LocalizedText("单个场馆的票", "For one place"),
    "shop.none": LocalizedText("今天没有可以领的票", "No passes are given out today"),
    "shop.none.next": LocalizedText(
        "多数场馆刷码就能进，不用票。", "Most places let you in by your code alone."
    ),
    "shop.accept": LocalizedText("我有转赠码", "I was sent a code"),
    "shop.accept.title": LocalizedText("输入转赠码", "Enter the code"),
    "shop.accept.lead": LocalizedText(
        "别人发给您的那一串字母和数字。", "The letters and figures that were sent to you."
    ),
    "shop.accept.hint": LocalizedText("转赠码", "The code"),
    "shop.accept.yes": LocalizedText("接收这张票", "Accept the pass"),
    "shop.accepted": LocalizedText("接收了，在您的卡包里", "Accepted: it is in your wallet"),
    "shop.accepted.next": LocalizedText("到门口出示我的码就能用。", "Show your code at the gate."),
    "shop.uses": LocalizedText("能用 {uses} 次", "Entries: {uses}"),
    "shop.valid": LocalizedText("领后 {days} 天内有效", "Good for {days} days"),
    "shop.daily": LocalizedText("选一天用", "For a day of your choice"),
    "shop.season": LocalizedText("{days} 期间有效", "Good {days}"),
    "shop.rests": LocalizedText("{days} 不能用", "Not good {days}"),
    "shop.refund": LocalizedText(
        "没用过，{days} 天内能退", "Unused, given back within {days} days"
    ),
    "shop.refund.no": LocalizedText("不能退", "Not given back"),
    "shop.facts": LocalizedText("怎么用", "How it is used"),
    "shop.day": LocalizedText("哪一天用？", "For which day?"),
    "shop.days.later": LocalizedText("再往后的日子", "Later days"),
    "shop.days.sooner": LocalizedText("回到最近的日子", "The next days again"),
    "shop.count": LocalizedText("几张？", "How many?"),
    "shop.count.one": LocalizedText(
        "实名票，一人一张。同行的人各自领。", "One a person; those with you take their own."
    ),
    "shop.pieces": LocalizedText("{count} 张", "× {count}"),
    "shop.less": LocalizedText("少一张", "One less"),
    "shop.more": LocalizedText("多一张", "One more"),
    "shop.most": LocalizedText("每人最多 {most} 张", "One person has at most {most}"),
    "shop.price": LocalizedText("多少钱", "The price"),
    "shop.price.reading": LocalizedText("正在算价…", "Reckoning the price…"),
    "shop.price.unknown": LocalizedText("现在算不出价钱", "The price is not known now"),
    "shop.price.day": LocalizedText("先选日子，再算价", "Choose the day first"),
    "shop.total": LocalizedText("您要付", "You pay"),
    "shop.free": LocalizedText("免费", "Free"),
    "shop.pays": LocalizedText("App 里还不能付款", "The app takes no payments yet"),
    "shop.pays.next": LocalizedText(
        "请带社保卡到场馆售票处，按上面的价钱缴费领取；领到后会出现在卡包里。",
        "Pay this at the venue's counter with your card; the pass then shows in your wallet.",
    ),
    "shop.take": LocalizedText("免费领取", "Take it, free"),
    "shop.sure": LocalizedText("领这张票吗？", "Take this pass?"),
    "shop.sure.price": LocalizedText("免费，不用付款", "Free: nothing to pay"),
    "shop.sure.yes": LocalizedText("确定领取", "Yes, take it"),
    "shop.sure.no": LocalizedText("先不领", "Not now"),
    "shop.done": LocalizedText("领好了，在您的卡包里", "Taken: it is in your wallet"),
    "shop.done.next": LocalizedText("到门口出示我的码就能用。", "Show your code at the gate."),
    "shop.see": LocalizedText("看这张票", "Show the pass"),
    "shop.others": LocalizedText("看别的票", "Other passes"),
    "shop.reading": LocalizedText("领票：{names}。", "Passes to take: {names}."),
    "shop.reading.product": LocalizedText("{name}。{facts}。{price}", "{name}. {facts}. {price}"),
}
