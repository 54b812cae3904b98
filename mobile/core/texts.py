"""Every text of the app that is not the server's, in plain Mandarin and in English."""

from shared.localized_text import Language, LocalizedText


def say(language: Language, key: str, **values: object) -> str:
    """Return the text of `key` with `values` filled in.

    Raises:
        KeyError: there is no such text, or a value is missing.
    """
    return TEXTS[key].in_language(language).format(**values)


def _text(zh: str, en: str) -> LocalizedText:
    return LocalizedText(zh, en)


TEXTS = {
    "app.name": _text("一卡通", "One Card"),
    "app.other_language": _text("English", "中文"),
    "nav.code": _text("码", "Code"),
    "nav.wallet": _text("卡包", "Wallet"),
    "nav.me": _text("我的", "Me"),
    "elder.on": _text("长辈版", "Elder mode"),
    "elder.off": _text("标准版", "Standard"),
    "elder.code": _text("我的码", "My code"),
    "act.back": _text("返回", "Back"),
    "act.home": _text("回主页", "Home"),
    "act.read": _text("朗读", "Read aloud"),
    "act.help": _text("帮助", "Help"),
    "act.refresh": _text("刷新", "Refresh"),
    "act.cancel": _text("取消", "Cancel"),
    # enrolment
    "enrol.lead": _text("请输入 10 位激活码", "Enter your 10-digit activation code"),
    "enrol.where": _text(
        "激活码在社保卡服务网点领取，15 分钟内有效。",
        "Card service outlets give you the code. It is valid for 15 minutes.",
    ),
    "enrol.submit": _text("绑定", "Link this phone"),
    "enrol.busy": _text("正在绑定…", "Linking…"),
    "enrol.missing": _text("还差 {count} 位", "{count} more to go"),
    "enrol.delete": _text("删除", "Delete"),
    "enrol.clear": _text("清空", "Clear"),
    "enrol.reading": _text(
        "绑定这部手机。请输入十位激活码。激活码在社保卡服务网点领取。",
        "Link this phone. Enter your ten-digit activation code from a card service outlet.",
    ),
    # the code
    "code.hint": _text("请将二维码对准扫码口", "Hold the code up to the scanner"),
    "code.live": _text("{time} · 每 5 秒换新", "{time} · renews every 5 s"),
    "code.last_visit": _text("今天最近一次到访", "Latest visit today"),
    "code.no_visit": _text("今天还没有到访", "No visit yet today"),
    "code.reading": _text(
        "这是您的一卡通码，{state}。请将二维码对准扫码口。",
        "This is your code. Card: {state}. Hold the code up to the scanner.",
    ),
    "code.enrol_again": _text("重新绑定", "Link this phone again"),
    # the card
    "card.name": _text("社会保障卡", "Social security card"),
    "card.tail": _text("尾号 {tail}", "Ends in {tail}"),
    "card.active": _text("正常", "Active"),
    "card.suspended": _text("已临时挂失", "Suspended"),
    "card.revoked": _text("已停用", "Cancelled"),
    "card.other": _text("请咨询网点", "Ask an outlet"),
    "card.valid_until": _text("本机凭证有效至 {moment}", "This phone may show it until {moment}"),
    "card.seen": _text("{age} 更新", "Updated {age}"),
    # visits
    "visits.title": _text("到访记录", "Visits"),
    "visits.empty": _text("还没有到访记录", "No visits yet"),
    "visits.empty.next": _text(
        "刷码进门后，记录会出现在这里。", "They appear here once you have shown your code."
    ),
    "visits.admitted": _text("已进入", "Admitted"),
    "visits.refused": _text("未进入", "Not admitted"),
    "visits.by_code": _text("二维码", "Code"),
    "visits.by_card": _text("实体卡", "Card"),
    "visits.reading": _text(
        "最近一次到访：{venue}，{moment}，{verdict}。",
        "Latest visit: {venue}, {moment}, {verdict}.",
    ),
    "wallet.reading": _text(
        "{name}的社会保障卡，尾号 {tail}，{state}。", "{name}, card ending in {tail}, {state}."
    ),
    # notices: what happened and why, then what to do
    "notice.offline": _text("{since} 起连不上网", "Offline since {since}"),
    "notice.offline.next": _text(
        "码照常可用，有效到 {until}。", "Your code still works, until {until}."
    ),
    "notice.server.next": _text("{step}。{usable}", "{step}. {usable}"),
    "notice.ending": _text("本机凭证还剩 {left}", "This phone's certificate ends in {left}"),
    "notice.ending.next": _text("请连一次网，会自动续期。", "Go online once; it renews by itself."),
    "notice.ended": _text("本机凭证已于 {moment} 到期", "The certificate ended on {moment}"),
    "notice.ended.next": _text(
        "请连上网络，几秒内自动续期；急用请出示实体卡。",
        "Go online and it renews in seconds; in a hurry, show your physical card.",
    ),
    "notice.not_yet": _text("本机凭证还没到生效时间", "The certificate is not valid yet"),
    "notice.not_yet.next": _text(
        "请连上网络，会自动校准时间。", "Go online; the time will be corrected."
    ),
    "notice.suspended": _text("卡已临时挂失，码暂停使用", "Card suspended: the code is paused"),
    "notice.suspended.next": _text(
        "找到卡后，到服务网点或拨打 12333 解除挂失。",
        "Found the card? Lift the suspension at an outlet or call 12333.",
    ),
    "notice.revoked": _text("这张卡已停用，码不能再用", "Card cancelled: the code cannot be used"),
    "notice.revoked.next": _text(
        "请到社保卡服务网点办理新卡。", "Please get a new card at a card service outlet."
    ),
    "notice.other": _text("这张卡现在不能出示", "This card cannot be shown at present"),
    "notice.other.next": _text(
        "请到服务网点或拨打 12333 咨询。", "Ask at an outlet or call 12333."
    ),
    "notice.clock_ahead": _text("手机时间快了 {span}", "This phone's clock is {span} fast"),
    "notice.clock_behind": _text("手机时间慢了 {span}", "This phone's clock is {span} slow"),
    "notice.clock.next": _text(
        "码已按服务器时间校准。建议在系统设置里打开自动时间。",
        "The code uses the server's time. Turn on automatic time in the phone's settings.",
    ),
    # me
    "me.title": _text("我的", "Me"),
    "me.look": _text("怎么看着舒服？", "How should it look?"),
    "me.language": _text("语言", "Language"),
    "me.elder": _text("长辈版", "Elder mode"),
    "me.elder.lead": _text("大字、大按钮，一页只办一件事", "Large type, large buttons"),
    "me.contrast": _text("高对比度", "High contrast"),
    "me.contrast.lead": _text("黑白分明，强光下更清楚", "Black on white, for bright light"),
    "me.text_size": _text("字号", "Text size"),
    "me.text_size.1.0": _text("标准", "Normal"),
    "me.text_size.1.2": _text("大", "Large"),
    "me.text_size.1.4": _text("特大", "Larger"),
    "me.text_size.2.0": _text("最大", "Largest"),
    "me.phone": _text("这部手机绑定了什么？", "What is linked to this phone?"),
    "me.device": _text("本机名称", "This phone"),
    "me.certificate": _text("本机凭证", "Certificate"),
    "me.until": _text("有效至 {moment}，到期前自动续期", "Until {moment}; renews by itself"),
    "me.stored": _text("手机里存了什么？", "What is stored here?"),
    "me.stored.lead": _text(
        "打码的姓名、卡尾号、本机凭证和最近的到访记录，全部加密，只存在这部手机里。",
        "Your masked name, the card's last digits, this phone's certificate and recent visits. "
        "All encrypted, on this phone only.",
    ),
    "me.forget": _text("从这部手机移除", "Remove from this phone"),
    "me.forget.lead": _text(
        "移除后这部手机不能再出示码，要用新的激活码重新绑定。实体卡不受影响。",
        "This phone can then no longer show your code; linking it again takes a new activation "
        "code. Your physical card is not affected.",
    ),
    "me.forget.sure": _text("确定移除", "Remove"),
    "me.help": _text("帮助和关于", "Help and about"),
    "me.reading": _text(
        "这里可以换语言、字号和长辈版，也可以看手机里存了什么。",
        "Change language, text size and elder mode here, and see what is stored.",
    ),
    # help
    "help.title": _text("帮助", "Help"),
    "help.scan": _text("码扫不出来怎么办？", "The code does not scan?"),
    "help.scan.lead": _text(
        "擦净屏幕，正对扫码口，离开 10 到 15 厘米。码每 5 秒换新，截图不能用。",
        "Wipe the screen and hold it straight, 10 to 15 cm away. The code renews every 5 s; "
        "a screenshot does not work.",
    ),
    "help.offline": _text("没有网络能用吗？", "Does it work without network?"),
    "help.offline.lead": _text(
        "能。码在手机里生成。两天左右连一次网，凭证自动续期。",
        "Yes. The phone makes the code itself. Go online every two days or so to renew.",
    ),
    "help.lost": _text("手机丢了怎么办？", "Lost your phone?"),
    "help.lost.lead": _text(
        "拨打 12333 或到服务网点停用那部手机。实体卡照常可用。",
        "Call 12333 or go to an outlet to disable that phone. Your physical card still works.",
    ),
    "help.code": _text("激活码从哪里来？", "Where does the activation code come from?"),
    "help.code.lead": _text(
        "带身份证到社保卡服务网点领取，10 位数字，15 分钟内有效，只能用一次。",
        "From a card service outlet, with your identity card: 10 digits, valid for 15 minutes, "
        "used once.",
    ),
    "help.about": _text("关于", "About"),
    "help.about.lead": _text(
        "一卡通 {version}，开源软件。字体 Noto Sans SC（OFL 1.1），图标 Material Design Icons"
        "（Apache 2.0）。",
        "Yikatong {version}, open source. Type: Noto Sans SC (OFL 1.1). Icons: Material Design "
        "Icons (Apache 2.0).",
    ),
}
