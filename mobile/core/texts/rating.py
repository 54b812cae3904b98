"""Words of rating a visit."""

from shared.localized_text import LocalizedText

TEXTS = {
    "rate.act": LocalizedText("评价", "Rate"),
    "rate.title": LocalizedText("评价一次到访", "Rate a visit"),
    "rate.ask": LocalizedText("这次怎么样？", "How was it?"),
    "rate.very_satisfied": LocalizedText("非常满意", "Very satisfied"),
    "rate.satisfied": LocalizedText("满意", "Satisfied"),
    "rate.fairly_satisfied": LocalizedText("基本满意", "Fairly satisfied"),
    "rate.dissatisfied": LocalizedText("不满意", "Dissatisfied"),
    "rate.very_dissatisfied": LocalizedText("非常不满意", "Very dissatisfied"),
    "rate.nameless": LocalizedText(
        "点一下就交了，不能改。只计数，不记名：系统记下您评过，不记您评了什么。",
        "One touch sends it, and it stays. It is counted without your name: that you rated is "
        "noted, what you said is not.",
    ),
    "rate.choose": LocalizedText("您想评价哪一次？", "Which visit?"),
    "rate.none": LocalizedText("现在没有要评价的到访", "Nothing to rate now"),
    "rate.none.next": LocalizedText(
        "进馆后14天内可以评价，同一场馆每月一次。",
        "A visit may be rated within 14 days, each venue once a month.",
    ),
    "rate.unread": LocalizedText("联网后会显示。", "Shown once you are online."),
    "rate.done": LocalizedText("谢谢您的评价", "Thank you"),
    "rate.done.next": LocalizedText(
        "已经计入，没有记您的名字。", "Your answer is counted, without your name."
    ),
    "rate.others": LocalizedText("评价别的到访", "Rate another visit"),
    "rate.visits": LocalizedText("回卡包看到访", "Back to my visits"),
    "rate.reading": LocalizedText(
        "{venue}，{at}。{ask}{grades}。", "{venue}, {at}. {ask} {grades}."
    ),
    "service.rating": LocalizedText("评价一次到访", "Rate a visit"),
}
