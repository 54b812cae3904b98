"""Words of the guides of where and how the card is used."""

from shared.localized_text import LocalizedText

TEXTS = {
    "guide.of": LocalizedText("服务指南：{service}", "Guide: {service}"),
    "service.guides": LocalizedText("服务指南", "Guides"),
    "guides.title": LocalizedText("服务指南", "Guides"),
    "guides.hint": LocalizedText("要办什么：文字或拼音首字母", "What do you want to do?"),
    "guides.found": LocalizedText("找到 {count} 项", "{count} found"),
    "guides.nothing": LocalizedText("没有找到“{query}”", "Nothing found for '{query}'"),
    "guides.nothing.next": LocalizedText(
        "换个说法再找，也可以拨打 12333。", "Try another word, or call 12333."
    ),
    "guides.unread": LocalizedText("还没有看过的指南", "No guides seen yet"),
    "guides.unread.next": LocalizedText(
        "连上网络后会显示在这里；急用拨打 12333。",
        "They are here once you are online; if you need help now, call 12333.",
    ),
    "guides.reading": LocalizedText("{title}。有：{names}。", "{title}: {names}."),
    "guide.facts": LocalizedText("办之前", "Before you begin"),
    "guide.who": LocalizedText("谁能办", "Who may"),
    "guide.bring": LocalizedText("带什么", "What to bring"),
    "guide.cost": LocalizedText("多少钱", "What it costs"),
    "guide.takes": LocalizedText("多久", "How long"),
    "guide.steps": LocalizedText("怎么办", "How to do it"),
    "guide.step": LocalizedText("第{number}步", "Step {number}"),
    "guide.outlets": LocalizedText("去哪里办", "Where to go"),
    "guide.outlets.none": LocalizedText("不用去网点。", "You need not go anywhere."),
    "guide.to.steps": LocalizedText("看怎么办", "How to do it"),
    "guide.to.outlets": LocalizedText("看去哪里办", "Where to go"),
    "guide.near": LocalizedText("离我近的在前", "Nearest first"),
    "guide.no_position": LocalizedText("不知道您在哪里", "Your position is not known"),
    "guide.no_position.next": LocalizedText(
        "网点按原来的次序列出。要按远近，请允许应用定位。",
        "Outlets stand in their usual order. Let the app find your position for the nearest.",
    ),
    "guide.reviewed": LocalizedText("{owner}于 {day} 复核", "Checked by the {owner} on {day}"),
    "guide.old": LocalizedText(
        "这份指南超过 90 天没有复核，办之前请拨打 12333 问一下。",
        "This guide was not checked for 90 days: call 12333 before you go.",
    ),
    "guide.all": LocalizedText("在应用里办", "Do it in the app"),
}
