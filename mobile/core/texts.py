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
    "enrol.lost_phone": _text(
        "旧手机丢了？登录后停用它", "Lost your old phone? Sign in and disable it"
    ),
    # signing in
    "sign_in.title": _text("登录", "Sign in"),
    "sign_in.digits": _text("用下面的数字键输入", "Use the keys below"),
    "sign_in.phone": _text("您的手机号码", "Your mobile number"),
    "sign_in.phone.lead": _text(
        "登记一卡通时留的手机号，我们会发送验证码。",
        "The number you registered; we send a code to it.",
    ),
    "sign_in.phone.submit": _text("获取验证码", "Get a code"),
    "sign_in.code": _text("短信里的 6 位验证码", "The 6-digit code in the message"),
    "sign_in.code.lead": _text(
        "已发往 {phone}，{until} 前有效（5 分钟）。若此号没有登记，不会收到。",
        "Sent to {phone}, good until {until} (5 minutes). No message comes to a number that is "
        "not registered.",
    ),
    "sign_in.code.submit": _text("登录", "Sign in"),
    "sign_in.number": _text("您的证件号码", "Your identity number"),
    "sign_in.number.lead": _text(
        "身份证上的 18 位号码，最后一位可以是 X。", "18 characters; the last may be X."
    ),
    "sign_in.number.submit": _text("下一步", "Next"),
    "sign_in.number_wrong": _text("证件号码有误", "The identity number is not right"),
    "sign_in.password": _text("您的密码", "Your password"),
    "sign_in.password.lead": _text(
        "忘了密码就用短信验证码登录。", "Forgot it? Sign in with a code by SMS."
    ),
    "sign_in.password.hint": _text("点这里输入", "Touch here to type"),
    "sign_in.password.submit": _text("登录", "Sign in"),
    "sign_in.show": _text("显示", "Show"),
    "sign_in.hide": _text("隐藏", "Hide"),
    "sign_in.busy": _text("请稍候…", "One moment…"),
    "sign_in.resend": _text("没收到？再发一次", "No message? Send it again"),
    "sign_in.resend.wait": _text("{seconds} 秒后可再发一次", "Send again in {seconds} s"),
    "sign_in.resend.later": _text("没收到？稍等片刻可再发", "No message? You can ask again soon"),
    "sign_in.change_phone": _text("换一个手机号码", "Use another number"),
    "sign_in.change_number": _text("改证件号码", "Change the identity number"),
    "sign_in.by_password": _text("用证件号码和密码登录", "Use identity number and password"),
    "sign_in.by_sms": _text("用短信验证码登录", "Use a code by SMS"),
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
    "card.lost": _text("已正式挂失", "Reported lost"),
    "card.replaced": _text("已补换新卡", "Replaced"),
    "card.expired": _text("已过期", "Expired"),
    "card.cancelled": _text("已注销", "Cancelled"),
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
    "notice.lost": _text("卡已正式挂失，码不能再用", "Card reported lost: the code cannot be used"),
    "notice.lost.next": _text(
        "请到社保卡服务网点补办新卡。", "Please get a new card at a card service outlet."
    ),
    "notice.replaced": _text("这张卡已换成新卡", "This card was replaced by a new one"),
    "notice.replaced.next": _text(
        "请用新卡的激活码重新绑定这部手机。", "Link this phone again with the new card's code."
    ),
    "notice.expired": _text("这张卡已过期，码不能再用", "Card expired: the code cannot be used"),
    "notice.expired.next": _text(
        "请到社保卡服务网点换新卡。", "Please exchange it at a card service outlet."
    ),
    "notice.cancelled": _text("这张卡已注销，码不能再用", "Card cancelled: the code is void"),
    "notice.cancelled.next": _text(
        "如有疑问，请到服务网点或拨打 12333。", "If in doubt, ask at an outlet or call 12333."
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
    "me.account": _text("我的账号", "My account"),
    "me.account.lead": _text(
        "登录后可以看谁用过您的信息、停用丢失的手机。出示码不用登录。",
        "Sign in to see who used your data and to disable a lost phone. Showing the code needs "
        "no sign-in.",
    ),
    "me.sign_out": _text("退出登录", "Sign out"),
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
        "打码的姓名、卡尾号、本机凭证、登录凭证和最近的到访记录，全部加密，只存在这部手机里。",
        "Your masked name, the card's last digits, this phone's certificate, your sign-in and "
        "recent visits. All encrypted, on this phone only.",
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
    # who used my data
    "data_use.title": _text("谁用过我的信息？", "Who used my data?"),
    "data_use.system.app": _text("手机应用", "in the app"),
    "data_use.system.counter": _text("服务窗口", "at a counter"),
    "data_use.system.reader": _text("扫码设备", "at a gate"),
    "data_use.system.batch": _text("批量办理", "in a batch"),
    "data_use.system.other": _text("其他系统", "in another system"),
    "data_use.refused": _text("未获准，没有拿到信息", "Refused: nothing was given"),
    "data_use.more": _text("看更早的", "Earlier ones"),
    "data_use.empty": _text("还没有人用过您的信息", "Nobody has used your data yet"),
    "data_use.empty.next": _text(
        "有人查看或您出示码以后，记录会出现在这里。",
        "Whenever somebody looks, or you show your code, it appears here.",
    ),
    "data_use.wrong": _text("看着不对怎么办？", "Something looks wrong?"),
    "data_use.wrong.lead": _text(
        "记下日期和单位，拨打 12333，或带身份证到服务网点查问。",
        "Note the day and the office, then call 12333, or ask at an outlet with your identity "
        "card.",
    ),
    "data_use.reading": _text(
        "最近一次：{moment}，{who}，{what}。", "Latest: {moment}, {who}, {what}."
    ),
    # my phones
    "devices.title": _text("我的设备", "My phones"),
    "devices.lead": _text("这些手机可以出示您的码。", "These phones may show your code."),
    "devices.this": _text("本机", "This phone"),
    "devices.state.bound": _text("可出示", "May show it"),
    "devices.state.awaiting_verification": _text("待核验", "To be verified"),
    "devices.state.unbound": _text("已解绑", "Unlinked"),
    "devices.state.other": _text("请咨询网点", "Ask an outlet"),
    "devices.since": _text("{moment} 绑定", "Linked {moment}"),
    "devices.certificate": _text("最近的凭证有效至 {moment}", "Last certificate until {moment}"),
    "devices.unbound": _text("{moment} 解绑", "Unlinked {moment}"),
    "devices.unbind": _text("解绑", "Unlink"),
    "devices.unbind.lead": _text(
        "解绑后那部手机不能再出示码，各场馆几分钟内都会拒绝它的码。要再用，须重新领激活码。"
        "实体卡和其他手机不受影响。",
        "That phone can then no longer show your code; venues refuse it within minutes. To use it "
        "again takes a new activation code. Your physical card and other phones still work.",
    ),
    "devices.unbind.this": _text(
        "这是您手里的这部手机。解绑后它不能再出示码，要再用，须重新领激活码。实体卡不受影响。",
        "This is the phone in your hand. It can then no longer show your code; to use it again "
        "takes a new activation code. Your physical card still works.",
    ),
    "devices.unbind.sure": _text("确定解绑", "Unlink it"),
    "devices.done": _text("{name} 已解绑", "{name} is unlinked"),
    "devices.done.next": _text(
        "它的码几分钟内在各场馆失效。", "Venues refuse its code within minutes."
    ),
    "devices.empty": _text("还没有绑定手机", "No phone is linked"),
    "devices.empty.next": _text(
        "到服务网点领激活码，就能绑定。", "Get an activation code at an outlet to link one."
    ),
    "devices.lost": _text("手机丢了怎么办？", "Lost a phone?"),
    "devices.lost.lead": _text(
        "在上面找到它，点“解绑”。没有别的手机时，拨打 12333 或带身份证到服务网点。"
        "手机号也请找运营商挂失。",
        "Find it above and unlink it. Without another phone, call 12333 or go to an outlet with "
        "your identity card. Have your mobile operator block the number, too.",
    ),
    "devices.reading": _text("绑定了 {count} 部手机：{names}。", "{count} phones: {names}."),
    "state.loading": _text("正在读取…", "Loading…"),
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
        "用另一部手机登录，在“我的设备”里停用它；也可以拨打 12333 或到服务网点。实体卡照常可用。",
        "Sign in on another phone and disable it under My phones; or call 12333 or go to an "
        "outlet. Your physical card still works.",
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
