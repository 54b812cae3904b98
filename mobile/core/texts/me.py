"""Words of the settings, of who used one's data, and of one's phones."""

from shared.localized_text import LocalizedText

TEXTS = {
    # me
    "me.title": LocalizedText("我的", "Me"),
    "me.account": LocalizedText("我的账号", "My account"),
    "me.account.lead": LocalizedText(
        "登录后可以看谁用过您的信息、停用丢失的手机。出示码不用登录。",
        "Sign in to see who used your data and to disable a lost phone. Showing the code needs "
        "no sign-in.",
    ),
    "me.sign_out": LocalizedText("退出登录", "Sign out"),
    "me.look": LocalizedText("怎么看着舒服？", "How should it look?"),
    "me.look.reading": LocalizedText(
        "这里可以换语言、字号、对比度、浅色深色，也可以回到标准版。",
        "Change language, text size, contrast, light or dark, or go back to the standard look.",
    ),
    "me.language": LocalizedText("语言", "Language"),
    "me.elder": LocalizedText("长辈版", "Elder mode"),
    "me.elder.lead": LocalizedText("大字、大按钮，一页只办一件事", "Large type, large buttons"),
    "me.contrast": LocalizedText("高对比度", "High contrast"),
    "me.contrast.lead": LocalizedText(
        "黑白分明，强光下更清楚", "Black and white, for bright light"
    ),
    "me.ground": LocalizedText("浅色还是深色", "Light or dark"),
    "me.ground.phone": LocalizedText("跟随手机", "As the phone"),
    "me.ground.light": LocalizedText("浅色", "Light"),
    "me.ground.dark": LocalizedText("深色", "Dark"),
    "me.text_size": LocalizedText("字号", "Text size"),
    "me.text_size.1.0": LocalizedText("标准", "Normal"),
    "me.text_size.1.2": LocalizedText("大", "Large"),
    "me.text_size.1.4": LocalizedText("特大", "Larger"),
    "me.text_size.2.0": LocalizedText("最大", "Largest"),
    "me.phone": LocalizedText("这部手机绑定了什么？", "What is linked to this phone?"),
    "me.device": LocalizedText("本机名称", "This phone"),
    "me.certificate": LocalizedText("本机凭证", "Certificate"),
    "me.until": LocalizedText(
        "有效至 {moment}，到期前自动续期", "Until {moment}; renews by itself"
    ),
    "me.stored": LocalizedText("手机里存了什么？", "What is stored here?"),
    "me.stored.lead": LocalizedText(
        "打码的姓名、卡尾号、本机凭证、登录凭证、最近的到访记录和预约，全部加密，只存在这部手机里。",
        "Your masked name, the card's last digits, this phone's certificate, your sign-in, "
        "recent visits and bookings. All encrypted, on this phone only.",
    ),
    "me.forget": LocalizedText("从这部手机移除", "Remove from this phone"),
    "me.forget.lead": LocalizedText(
        "移除后这部手机不能再出示码，要用新的激活码重新绑定。实体卡不受影响。",
        "This phone can then no longer show your code; linking it again takes a new activation "
        "code. Your physical card is not affected.",
    ),
    "me.forget.sure": LocalizedText("确定移除", "Remove"),
    "me.help": LocalizedText("帮助和关于", "Help and about"),
    "me.reading": LocalizedText(
        "这里可以换语言、字号和长辈版，也可以看手机里存了什么。",
        "Change language, text size and elder mode here, and see what is stored.",
    ),
    # who used my data
    "data_use.title": LocalizedText("谁用过我的信息？", "Who used my data?"),
    "data_use.system.app": LocalizedText("手机应用", "in the app"),
    "data_use.system.counter": LocalizedText("服务窗口", "at a counter"),
    "data_use.system.reader": LocalizedText("扫码设备", "at a gate"),
    "data_use.system.batch": LocalizedText("批量办理", "in a batch"),
    "data_use.system.other": LocalizedText("其他系统", "in another system"),
    "data_use.refused": LocalizedText("未获准，没有拿到信息", "Refused: nothing was given"),
    "data_use.more": LocalizedText("看更早的", "Earlier ones"),
    "data_use.empty": LocalizedText("还没有人用过您的信息", "Nobody has used your data yet"),
    "data_use.empty.next": LocalizedText(
        "有人查看或您出示码以后，记录会出现在这里。",
        "Whenever somebody looks, or you show your code, it appears here.",
    ),
    "data_use.wrong": LocalizedText("看着不对怎么办？", "Something looks wrong?"),
    "data_use.wrong.lead": LocalizedText(
        "记下日期和单位，拨打 12333，或带身份证到服务网点查问。",
        "Note the day and the office, then call 12333, or ask at an outlet with your identity "
        "card.",
    ),
    "data_use.reading": LocalizedText(
        "最近一次：{moment}，{who}，{what}。", "Latest: {moment}, {who}, {what}."
    ),
    # my phones
    "devices.title": LocalizedText("我的设备", "My phones"),
    "devices.lead": LocalizedText(
        "绑定过的手机；标“已解绑”的不能再出示码。",
        "Phones linked to your card, now or before. An unlinked one shows no code.",
    ),
    "devices.this": LocalizedText("本机", "This phone"),
    "devices.state.bound": LocalizedText("可出示", "May show it"),
    "devices.state.awaiting_verification": LocalizedText("待核验", "To be verified"),
    "devices.state.unbound": LocalizedText("已解绑", "Unlinked"),
    "devices.state.other": LocalizedText("请咨询网点", "Ask an outlet"),
    "devices.since": LocalizedText("{moment} 绑定", "Linked {moment}"),
    "devices.certificate": LocalizedText(
        "最近的凭证有效至 {moment}", "Last certificate until {moment}"
    ),
    "devices.unbound": LocalizedText("{moment} 解绑", "Unlinked {moment}"),
    "devices.unbind": LocalizedText("解绑", "Unlink"),
    "devices.unbind.lead": LocalizedText(
        "解绑后那部手机不能再出示码，各场馆几分钟内都会拒绝它的码。要再用，须重新领激活码。"
        "实体卡和其他手机不受影响。",
        "That phone can then no longer show your code; venues refuse it within minutes. To use it "
        "again takes a new activation code. Your physical card and other phones still work.",
    ),
    "devices.unbind.this": LocalizedText(
        "这是您手里的这部手机。解绑后它不能再出示码，要再用，须重新领激活码。实体卡不受影响。",
        "This is the phone in your hand. It can then no longer show your code; to use it again "
        "takes a new activation code. Your physical card still works.",
    ),
    "devices.unbind.sure": LocalizedText("确定解绑", "Unlink it"),
    "devices.done": LocalizedText("{name} 已解绑", "{name} is unlinked"),
    "devices.done.next": LocalizedText(
        "它的码几分钟内在各场馆失效。", "Venues refuse its code within minutes."
    ),
    "devices.empty": LocalizedText("还没有绑定手机", "No phone is linked"),
    "devices.empty.next": LocalizedText(
        "到服务网点领激活码，就能绑定。", "Get an activation code at an outlet to link one."
    ),
    "devices.lost": LocalizedText("手机丢了怎么办？", "Lost a phone?"),
    "devices.lost.lead": LocalizedText(
        "在上面找到它，点“解绑”。没有别的手机时，拨打 12333 或带身份证到服务网点。"
        "手机号也请找运营商挂失。",
        "Find it above and unlink it. Without another phone, call 12333 or go to an outlet with "
        "your identity card. Have your mobile operator block the number, too.",
    ),
    "devices.card_loss": LocalizedText("卡也丢了？去挂失", "Lost the card, too? Report it"),
    "devices.reading": LocalizedText(
        "绑定了 {count} 部手机：{names}。", "{count} phones: {names}."
    ),
}
