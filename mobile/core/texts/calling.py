"""Words of asking family for help 求助, on both phones."""

from shared.localized_text import LocalizedText

TEXTS = {
    "elder.call_family": LocalizedText("打给家人", "Call family"),
    "call.title": LocalizedText("找哪位家人？", "Whom do you want?"),
    "call.lead": LocalizedText("点名字，再说要帮什么。", "Touch a name, then what you need."),
    "call.nobody": LocalizedText(
        "还没有家人能代您办。先请一位。", "Nobody may act for you yet. Invite somebody first."
    ),
    "call.invite": LocalizedText("请家人代我办事", "Let family act for me"),
    "call.person": LocalizedText("{name}（{who}）", "{name} ({who})"),
    "call.need": LocalizedText("请 {name} 帮什么？", "{name}: what do you need?"),
    "call.topic.SHOW_CODE": LocalizedText("替我出示码", "Show my code"),
    "call.topic.BOOK": LocalizedText("替我预约", "Book for me"),
    "call.topic.PASSES": LocalizedText("看看我的票券", "Look at my passes"),
    "call.topic.TALK": LocalizedText("给我回个电话", "Call me back"),
    "call.asked": LocalizedText("已经告诉 {name}", "{name} is told"),
    "call.asked.lead": LocalizedText(
        "对方打开应用就能看到，一天内有效。", "They see it when they open the app, for a day."
    ),
    "call.asked.waits": LocalizedText(
        "{moment} 请 {name}：{words}，还没看到",
        "{moment} {name}: {words}, not seen yet",
    ),
    "call.asked.answered": LocalizedText(
        "{moment} {name} 看到了：{words}", "{moment} {name} has seen it: {words}"
    ),
    "call.back": LocalizedText("不用了：{words}", "No longer: {words}"),
    "call.dial": LocalizedText("现在打电话", "Call now"),
    "call.number": LocalizedText("存一个电话号码", "Keep a phone number"),
    "call.number.change": LocalizedText("换一个号码", "Change the number"),
    "call.number.keep": LocalizedText("存好", "Keep it"),
    "call.number.lead": LocalizedText(
        "只存在这部手机里，别人看不到。", "It is kept on this phone alone."
    ),
    "call.no_telephone": LocalizedText(
        "这台设备不能打电话，请用电话拨", "This device makes no calls; dial it yourself"
    ),
    "help_wanted": LocalizedText("{name} 向您求助：{words}", "{name} asks you: {words}"),
    "help_wanted.go": LocalizedText("去帮忙", "Help now"),
    "help_wanted.later": LocalizedText("等一下", "Later"),
}
