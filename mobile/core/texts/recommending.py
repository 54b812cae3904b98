"""Words of recommendations."""

from shared.localized_text import LocalizedText

TEXTS = {
    "recommend.title": LocalizedText("推荐去哪儿", "Places for you"),
    "recommend.switch": LocalizedText("按我的到访推荐", "Use my visits"),
    "recommend.switch.lead": LocalizedText(
        "原来是关的，您打开才用；随时一点就关。",
        "It is off until you switch it on; one touch switches it off again.",
    ),
    "recommend.uses.heading": LocalizedText("打开以后用什么", "What it uses"),
    "recommend.uses": LocalizedText(
        "只看您近三个月去过哪类场馆：图书馆、博物馆、景区、体育馆。不看医院，不看您在哪里，也不给别人。",
        "Only which kinds of venues you visited in three months: libraries, museums, sights, "
        "sports. Never hospitals, never where you are, and nobody else gets it.",
    ),
    "recommend.off.heading": LocalizedText("不打开会怎样", "If it stays off"),
    "recommend.off": LocalizedText(
        "什么都不少：看到的是全市人人一样的名单，首页也不显示推荐。",
        "Nothing is missing: you get everybody's list, and the start screen shows none.",
    ),
    "recommend.list": LocalizedText("可以去这些地方", "You could go to"),
    "recommend.basis.everybody": LocalizedText("这是人人一样的名单。", "Everybody gets this list."),
    "recommend.basis.too_little": LocalizedText(
        "去过的地方还少，先显示人人一样的名单。",
        "Too few visits yet: this is everybody's list.",
    ),
    "recommend.basis.own_visits": LocalizedText(
        "按您近三个月的到访排的。", "Ordered by your visits of three months."
    ),
    "recommend.unread": LocalizedText("联网后会显示。", "Shown once you are online."),
    "recommend.home": LocalizedText("为您推荐", "For you"),
    "recommend.done.on": LocalizedText("推荐打开了", "Switched on"),
    "recommend.done.on.next": LocalizedText(
        "首页会显示；随时可以在这里关掉。",
        "The start screen shows them; switch it off here at any time.",
    ),
    "recommend.done.off": LocalizedText("推荐关掉了", "Switched off"),
    "recommend.done.off.next": LocalizedText(
        "从现在起不再用您的到访来推荐。", "From now on your visits are not used for it."
    ),
    "recommend.reading.on": LocalizedText("按我的到访推荐，已打开。", "Use my visits: on. "),
    "recommend.reading.off": LocalizedText("按我的到访推荐，没有打开。", "Use my visits: off. "),
    "service.recommendations": LocalizedText("推荐去哪儿", "Places for you"),
}
