"""Words of every page, and the answers of the help page."""

from shared.localized_text import LocalizedText

TEXTS = {
    "app.name": LocalizedText("一卡通", "One Card"),
    "app.other_language": LocalizedText("English", "中文"),
    "nav.code": LocalizedText("码", "Code"),
    "nav.wallet": LocalizedText("卡包", "Wallet"),
    "nav.me": LocalizedText("我的", "Me"),
    "elder.on": LocalizedText("长辈版", "Elder mode"),
    "elder.off": LocalizedText("标准版", "Standard"),
    "elder.help": LocalizedText("求助", "Get help"),
    "elder.code": LocalizedText("我的码", "My code"),
    "act.back": LocalizedText("返回", "Back"),
    "act.home": LocalizedText("回主页", "Home"),
    "act.read": LocalizedText("朗读", "Read aloud"),
    "act.help": LocalizedText("帮助", "Help"),
    "act.refresh": LocalizedText("刷新", "Refresh"),
    "act.cancel": LocalizedText("取消", "Cancel"),
    "home.today": LocalizedText("今天和接下来", "Today and next"),
    "home.coming.reading": LocalizedText("{when}，{venue}有预约。", " Booked: {venue}, {when}."),
    "state.loading": LocalizedText("正在读取…", "Loading…"),
    # focus
    "focus.on": LocalizedText("已打开", "on"),
    "focus.off": LocalizedText("已关闭", "off"),
    "focus.selected": LocalizedText("已选中", "selected"),
    "focus.line": LocalizedText("{words}，输入框", "{words}, text field"),
    # help
    "help.title": LocalizedText("帮助", "Help"),
    "help.call": LocalizedText("打 12333，问人工", "Call 12333 and ask a person"),
    "help.by_hand": LocalizedText("请用电话拨 12333", "Please dial 12333 on a telephone"),
    "help.by_hand.next": LocalizedText(
        "这台设备不能打电话。12333 是人社服务热线。",
        "This device makes no calls. 12333 is the social security hotline.",
    ),
    "help.scan": LocalizedText("码扫不出来怎么办？", "The code does not scan?"),
    "help.scan.lead": LocalizedText(
        "擦净屏幕，正对扫码口，离开 10 到 15 厘米。码每 5 秒换新，截图不能用。",
        "Wipe the screen and hold it straight, 10 to 15 cm away. The code renews every 5 s; "
        "a screenshot does not work.",
    ),
    "help.offline": LocalizedText("没有网络能用吗？", "Does it work without network?"),
    "help.offline.lead": LocalizedText(
        "能。码在手机里生成。两天左右连一次网，凭证自动续期。",
        "Yes. The phone makes the code itself. Go online every two days or so to renew.",
    ),
    "help.lost": LocalizedText("手机丢了怎么办？", "Lost your phone?"),
    "help.lost.lead": LocalizedText(
        "用另一部手机登录，在“我的设备”里停用它；也可以拨打 12333 或到服务网点。实体卡照常可用。",
        "Sign in on another phone and disable it under My phones; or call 12333 or go to an "
        "outlet. Your physical card still works.",
    ),
    "help.card": LocalizedText("社保卡丢了怎么办？", "Lost your card?"),
    "help.card.lead": LocalizedText(
        "在“我的”里临时挂失，卡和码马上停用；找到了可以解挂。正式挂失以后要补卡。",
        "Suspend it under Me: card and code stop at once, and start again when you lift it. "
        "After a final report you need a new card.",
    ),
    "help.face": LocalizedText("刷脸总不通过？", "Your face is not recognised?"),
    "help.face.lead": LocalizedText(
        "请在光线均匀处正对手机，摘下帽子和口罩。卡上照片太久的，可到网点换卡；也可以不刷脸，到网点领激活码。",
        "Face the phone in even light, without hat or mask. If the photo of your card is old, "
        "an outlet renews the card, or gives you an activation code instead.",
    ),
    "help.sealed": LocalizedText("卡显示封存、待领取？", "The card says it is to be collected?"),
    "help.sealed.lead": LocalizedText(
        "卡已经做好，还没有启用。请带身份证到领卡网点领取并启用。",
        "It is made and not yet enabled. Collect it with your ID at the outlet, which enables it.",
    ),
    "help.several": LocalizedText("有几张社保卡，用哪一张？", "Several cards: which one counts?"),
    "help.several.lead": LocalizedText(
        "一个人只有一张卡在用。新卡启用后，旧卡自动停用；码始终跟着在用的卡。",
        "One card a person is in use. Enabling a new one ends the old; the code follows it.",
    ),
    "help.code": LocalizedText("激活码从哪里来？", "Where does the activation code come from?"),
    "help.code.lead": LocalizedText(
        "带身份证到社保卡服务网点领取，10 位数字，15 分钟内有效，只能用一次。",
        "From a card service outlet, with your identity card: 10 digits, valid for 15 minutes, "
        "used once.",
    ),
    "help.about": LocalizedText("关于", "About"),
    "help.about.lead": LocalizedText(
        "一卡通 {version}，开源软件。字体 Noto Sans SC（OFL 1.1），图标 Material Design Icons"
        "（Apache 2.0）。",
        "Yikatong {version}, open source. Type: Noto Sans SC (OFL 1.1). Icons: Material Design "
        "Icons (Apache 2.0).",
    ),
}
