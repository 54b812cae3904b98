"""Words of the records that authorities hold, and of daily safe checks."""

from shared.localized_text import LocalizedText

TEXTS = {
    "records.title": LocalizedText("档案查询", "My records"),
    "records.health": LocalizedText("健康档案和接种", "Health and vaccinations"),
    "records.student": LocalizedText("学籍", "Student record"),
    "records.care": LocalizedText("养老服务计划", "Care plan"),
    "records.lead": LocalizedText(
        "点开一项才会去查；每次查询都有记录，手机和平台都不保存结果。",
        "Asked for only when you touch one. Each look is recorded; neither this phone nor the "
        "platform keeps the answer.",
    ),
    "records.lead.acting": LocalizedText(
        "点开一项才会去查；每次查询都会告诉本人。",
        "Asked for only when you touch one; they are told of each look.",
    ),
    "records.lead.none": LocalizedText(
        "本人没有授权您查看档案。", "They have not let you see any of their records."
    ),
    "records.source": LocalizedText("{source} · {moment}", "{source} · {moment}"),
    "records.nothing": LocalizedText("没有查到记录", "Nothing on record"),
    "records.nothing.next": LocalizedText(
        "如果应该有，请问主管部门的窗口。", "If there should be something, ask at their counter."
    ),
    "records.section.none": LocalizedText("没有记录", "Nothing on record"),
    "records.consent": LocalizedText("阅读说明并决定", "Read about it and decide"),
    "service.records": LocalizedText("档案查询", "My records"),
    "safe.title": LocalizedText("每日报平安", "Daily safe check"),
    "safe.lead": LocalizedText(
        "每天按一下“我平安”。到时间没有按，会告诉您选的家人。",
        'Touch "I am well" once a day. If you have not by your hour, the family you chose is told.',
    ),
    "safe.begin": LocalizedText("开启", "Switch it on"),
    "safe.well": LocalizedText("我平安", "I am well"),
    "safe.change": LocalizedText("换时间或家人", "Change hour or family"),
    "safe.stop": LocalizedText("关闭报平安", "Switch it off"),
    "safe.hour": LocalizedText("每天什么时候按？", "When each day?"),
    "safe.contacts": LocalizedText("没有按，告诉谁？", "Who is told if you do not?"),
    "safe.contact.deaf": LocalizedText("{name}（收不到通知）", "{name} (gets no notices)"),
    "safe.deaf": LocalizedText(
        "有人现在收不到通知，请重新选", "Somebody gets no notices now; choose again"
    ),
    "safe.missed": LocalizedText(
        "到时间没有按，已经告诉家人", "Your hour passed, so your family was told"
    ),
    "safe.missed.next": LocalizedText(
        "按一下“我平安”他们就放心了。", "One touch tells them that you are well."
    ),
    "safe.next": LocalizedText("下一次什么时候按？", "When is the next?"),
    "safe.next.day": LocalizedText("{day} {hour} 以前", "{day}, before {hour}"),
    "safe.hour.lead": LocalizedText("每天几点以前按？", "By when each day?"),
    "safe.by": LocalizedText("{hour} 以前", "Before {hour}"),
    "safe.whom.lead": LocalizedText("没有按，告诉谁？最多三位。", "Whom to tell? At most three."),
    "safe.whom.chosen": LocalizedText("{name}（已选）", "{name} (chosen)"),
    "safe.whom.not": LocalizedText("{name}", "{name}"),
    "safe.keep": LocalizedText("就这样开启", "Switch it on"),
    "safe.nobody": LocalizedText(
        "还没有家人能收到通知。请先授权一位，并选“收到通知抄送”。",
        "Nobody gets copies of your notices yet. Let one of your family act for you first, with "
        "copies of notices.",
    ),
    "safe.invite": LocalizedText("去授权家人", "Choose family"),
    "safe.done.well": LocalizedText("已报平安", "Said"),
    "safe.done.well.next": LocalizedText("今天不用再按。", "Nothing more to do today."),
    "safe.done.kept": LocalizedText("已开启", "It is on"),
    "safe.done.kept.next": LocalizedText("每天按一下“我平安”。", 'Touch "I am well" once a day.'),
    "safe.of.title": LocalizedText("家人的平安", "Are they well"),
    "safe.of.well": LocalizedText("没有漏报", "Nothing was missed"),
    "safe.of.well.next": LocalizedText("漏报时会马上通知您。", "You are told at once if it is."),
    "safe.of.missed": LocalizedText("到时间没有报平安", "They said nothing by their hour"),
    "safe.of.missed.next": LocalizedText(
        "请打个电话，或去看看。", "Please call, or look in on them."
    ),
    "safe.last": LocalizedText("最近一次报平安", "Last said to be well"),
    "safe.of.never": LocalizedText("还没有报过平安", "Has not said so yet"),
    "safe.of.hour": LocalizedText("约好每天什么时候报？", "When each day was agreed?"),
    "safe.of.off": LocalizedText(
        "没有开启每日报平安。", "Daily safe checks are not switched on here."
    ),
    "service.safe_check": LocalizedText("每日报平安", "Daily safe check"),
}
