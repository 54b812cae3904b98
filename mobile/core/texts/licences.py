"""Words of electronic licences, and of what desks ask to see of them."""

from shared.localized_text import LocalizedText

TEXTS = {
    "service.licences": LocalizedText("电子证照", "Licences"),
    "licences.title": LocalizedText("电子证照", "Licences"),
    "licences.lead": LocalizedText(
        "窗口要看您的证照，先要您在这里同意。每一步都记在“谁用过我的信息？”里。",
        "A desk sees your licences only if you agree here. Who used my data lists each step.",
    ),
    "licences.none": LocalizedText(
        "现在没有窗口申请查看。请先在窗口出示卡或码。",
        "No desk is asking. Show your card or code at the desk first.",
    ),
    "licences.own": LocalizedText("查看我的证照", "See my licences"),
    "licences.own.title": LocalizedText("我的证照", "My licences"),
    "licences.own.lead": LocalizedText(
        "刚从市电子证照库查到（{moment}）；手机和平台都不保存。",
        "Looked up just now ({moment}); neither this phone nor the platform keeps it.",
    ),
    "licences.own.none": LocalizedText(
        "没有查到证照。如果应该有，请问发证部门。",
        "Nothing on record. If there should be something, ask its issuer.",
    ),
    "licences.issuer": LocalizedText("谁发的", "Issued by"),
    "licences.valid": LocalizedText("有效期", "Valid"),
    "licences.time": LocalizedText("{since}\n至 {until}", "{since}\nto {until}"),
    "licences.time.no_end": LocalizedText("{since} 起", "Since {since}"),
    "licences.own.again": LocalizedText("再查一次", "Look again"),
    "licences.status.VALID": LocalizedText("有效", "Valid"),
    "licences.status.NOT_YET": LocalizedText("未生效", "Not valid yet"),
    "licences.status.EXPIRED": LocalizedText("已过期", "Expired"),
    "licences.status.REVOKED": LocalizedText("已注销", "Revoked"),
    "licences.asks": LocalizedText("{desk}等您决定", "{desk} waits for you"),
    "licences.line": LocalizedText("{desk}\n{state} · {moment}", "{desk}\n{state} · {moment}"),
    "licences.state.ASKED": LocalizedText("等您决定", "Waits for you"),
    "licences.state.GRANTED": LocalizedText("您已同意，还没有查看", "You agreed, not seen yet"),
    "licences.state.REFUSED": LocalizedText("您没有同意", "You did not agree"),
    "licences.state.WITHDRAWN": LocalizedText("您已撤回", "You took it back"),
    "licences.state.USED": LocalizedText("已查看一次", "Seen once"),
    "licences.state.EXPIRED": LocalizedText("已过期", "Expired"),
    "licences.one.title": LocalizedText("同意窗口查看吗？", "Let this desk see them?"),
    "licences.one.lead": LocalizedText(
        "同意就是下面的全部证照，只能看一次；不同意就一样也看不到。",
        "You agree to all of these, to be seen once, or the desk sees none of them.",
    ),
    "licences.one.over": LocalizedText("查看申请", "A desk's request"),
    "licences.one.who": LocalizedText("谁要看", "Who asks"),
    "licences.one.why": LocalizedText("做什么用", "What for"),
    "licences.one.what": LocalizedText("要看哪些", "To see"),
    "licences.one.until.ASKED": LocalizedText("请在这之前决定", "Decide before"),
    "licences.one.until.GRANTED": LocalizedText("在这之前可以看一次", "May be seen once before"),
    "licences.agree": LocalizedText("全部同意", "Agree to all"),
    "licences.refuse": LocalizedText("不同意", "Do not agree"),
    "licences.withdraw": LocalizedText("撤回同意", "Take it back"),
}
