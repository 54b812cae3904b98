"""Words of 挂失: what each act means, before and after."""

from shared.localized_text import LocalizedText

TEXTS = {
    "loss.title": LocalizedText("卡丢了怎么办？", "Lost your card?"),
    "loss.state": LocalizedText("卡现在的状态", "Your card is now"),
    "loss.choose": LocalizedText("还可能找回来", "It may turn up"),
    "loss.choose.final": LocalizedText("确定找不回来", "It is gone for good"),
    "loss.choose.elder": LocalizedText("找不回来？正式挂失", "Gone for good? Report it lost"),
    "loss.choose.lift": LocalizedText("卡找到了", "Found it again"),
    "loss.after.active": LocalizedText("卡和码都能用。", "The card and the code can be used."),
    "loss.after.suspended": LocalizedText(
        "卡和码都暂停使用，余额和待遇不受影响。找到卡后可以随时解挂。",
        "The card and the code are paused; money and benefits are safe. Lift this once you have "
        "found the card.",
    ),
    "loss.after.lost": LocalizedText(
        "这张卡已经作废，不能恢复。请带身份证到社保卡服务网点补办新卡，也可以先拨打 12333 问清楚。"
        "新卡启用后，用新的激活码绑定手机。",
        "This card is void and cannot be restored. Get a new one at a card service outlet with "
        "your identity card; 12333 answers questions. Then link this phone with the new card's "
        "activation code.",
    ),
    "loss.after.over": LocalizedText(
        "这张卡不用挂失。请到服务网点或拨打 12333 咨询。",
        "This card need not be reported. Ask at an outlet or call 12333.",
    ),
    "loss.suspend": LocalizedText("临时挂失", "Suspend the card"),
    "loss.suspend.lead": LocalizedText(
        "马上停用，找到了可以解挂。不用登录。",
        "Stops it at once; can be lifted when you find it. No sign-in needed.",
    ),
    "loss.report": LocalizedText("正式挂失", "Report it lost for good"),
    "loss.report.lead": LocalizedText(
        "卡永久作废，不能恢复，要补办新卡。须登录。",
        "The card is void for ever and a new one is needed. Needs a sign-in.",
    ),
    "loss.lift": LocalizedText("解挂", "Lift the suspension"),
    "loss.lift.lead": LocalizedText(
        "卡和码马上恢复使用。须登录。", "The card and the code work again. Needs a sign-in."
    ),
    "loss.phone": LocalizedText("手机也丢了？停用它", "Lost a phone, too? Disable it"),
    "loss.by_phone": LocalizedText(
        "也可以拨打 12333 口头挂失，或带身份证到服务网点。",
        "You can also call 12333, or go to an outlet with your identity card.",
    ),
    "loss.not_sent": LocalizedText(
        "没有确认挂失办成，应用不会自动重试。请连上网再点一次，急用拨打 12333。",
        "Nothing is confirmed, and the app will not try by itself. Go online and touch again, or "
        "call 12333 now.",
    ),
    # each act, asked about
    "loss.suspend.title": LocalizedText("现在临时挂失？", "Suspend the card now?"),
    "loss.suspend.points": LocalizedText(
        "实体卡马上停用，各场馆几分钟内也会拒绝您的码。\n"
        "卡里的钱和各项待遇不受影响。\n"
        "找到卡后，在这里登录就能解挂。",
        "The physical card stops at once; venues refuse your code within minutes.\n"
        "Money and benefits are not affected.\n"
        "Once you find it, sign in here to lift this.",
    ),
    "loss.suspend.yes": LocalizedText("确定临时挂失", "Suspend it"),
    "loss.suspend.no": LocalizedText("先不挂失", "Not now"),
    "loss.lift.title": LocalizedText("卡在您手里吗？", "Is the card in your hand?"),
    "loss.lift.points": LocalizedText(
        "解挂后实体卡和码恢复使用，场馆几分钟内就能识别。\n卡还没找到就不要解挂。",
        "The card and the code work again; venues know within minutes.\n"
        "If you have not found it, leave it suspended.",
    ),
    "loss.lift.yes": LocalizedText("卡在手里，解挂", "I have it: lift"),
    "loss.lift.no": LocalizedText("还没找到", "Not found yet"),
    "loss.report.title": LocalizedText("正式挂失意味着什么？", "What reporting it lost means"),
    "loss.report.points": LocalizedText(
        "这张卡永久作废：以后找到了也不能再用，不能解挂。\n"
        "这张卡的码在所有手机上都不能再出示。\n"
        "要带身份证到网点补办新卡，再用新的激活码绑定手机。\n"
        "只是一时找不到？先办临时挂失就够了。",
        "The card is void for ever: even found again, it cannot be used or restored.\n"
        "Its code can no longer be shown on any phone.\n"
        "You need a new card from an outlet, with your identity card, and a new activation code.\n"
        "Only mislaid? Suspending it is enough.",
    ),
    "loss.report.yes": LocalizedText("我明白，继续", "I understand, go on"),
    "loss.report.no": LocalizedText("不办了", "Leave it"),
    "loss.report_sure.title": LocalizedText(
        "最后确认：正式挂失，不能撤销", "Last question: this cannot be undone"
    ),
    "loss.report_sure.card": LocalizedText(
        "要作废的是{name}的社保卡，尾号 {tail}。", "It is the card of {name}, ending in {tail}."
    ),
    "loss.report_sure.points": LocalizedText(
        "点下面的按钮，这张卡立即永久作废。",
        "The button below makes this card void at once and for ever.",
    ),
    "loss.report_sure.yes": LocalizedText("确定，永久作废", "Make it void for ever"),
    "loss.report_sure.no": LocalizedText("不办了", "Leave it"),
    # and done
    "loss.done.suspend": LocalizedText("已临时挂失", "The card is suspended"),
    "loss.done.suspend.next": LocalizedText(
        "卡和码都停用了。找到卡后回到这里解挂；确定找不回来，再办正式挂失。",
        "Card and code are stopped. Come back here to lift it, or report it lost for good.",
    ),
    "loss.done.lift_suspension": LocalizedText("已解挂", "The suspension is lifted"),
    "loss.done.lift_suspension.next": LocalizedText(
        "卡和码可以用了，各场馆几分钟内恢复。", "Card and code work again within minutes."
    ),
    "loss.done.report_lost": LocalizedText("已正式挂失", "The card is reported lost"),
    "loss.done.report_lost.next": LocalizedText(
        "请带身份证到社保卡服务网点补办新卡。",
        "Get a new card at a card service outlet, with your identity card.",
    ),
    "loss.reading": LocalizedText("卡的状态：{state}。{after}", "Your card: {state}. {after}"),
}
