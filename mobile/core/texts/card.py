"""Words of the code, the card, its visits, and the notices beside them."""

from shared.localized_text import LocalizedText

TEXTS = {
    # the code
    "code.hint": LocalizedText("请将二维码对准扫码口", "Hold the code up to the scanner"),
    "code.live": LocalizedText("{time} · 每 5 秒换新", "{time} · renews every 5 s"),
    "code.last_visit": LocalizedText("今天最近一次到访", "Latest visit today"),
    "code.no_visit": LocalizedText("今天还没有到访", "No visit yet today"),
    "code.reading": LocalizedText(
        "这是您的一卡通码，{state}。请将二维码对准扫码口。",
        "This is your code. Card: {state}. Hold the code up to the scanner.",
    ),
    "code.eye.open": LocalizedText("显示姓名", "Show name"),
    "code.eye.close": LocalizedText("隐藏姓名", "Hide name"),
    "code.eye.left": LocalizedText("{seconds} 秒后自动隐藏", "Hidden again in {seconds} s"),
    "code.eye.offline": LocalizedText(
        "现在读不到全名，连上网再试", "The full name cannot be read now; try again online"
    ),
    "code.eye.reading": LocalizedText("{name}，{tail}，", "{name}, {tail}, "),
    # 挑战码
    "challenge.open": LocalizedText("现场要输挑战码？", "Asked for a challenge code?"),
    "challenge.title": LocalizedText("请输入现场的挑战码", "Challenge code"),
    "challenge.lead": LocalizedText(
        "扫码口或上门人员出示的 6 位数字。别人发来的不要输。",
        "The 6 digits shown at the gate or by staff at your door. Enter none that somebody sent.",
    ),
    "challenge.submit": LocalizedText("出示我的码", "Show my code"),
    "challenge.answered": LocalizedText("已带挑战码 {digits}", "Answers challenge {digits}"),
    "challenge.drop": LocalizedText("不用挑战码", "Without the challenge"),
    "challenge.reading": LocalizedText(
        "请输入扫码口或上门人员出示的六位挑战码，然后出示您的码。别人发来的挑战码不要输。",
        "Enter the six digits that the gate, or staff at your door, show; then show your code. "
        "Never enter digits that somebody sent you.",
    ),
    "code.suspended": LocalizedText("卡找到了？去解挂", "Found it? Lift the suspension"),
    "code.lost": LocalizedText("接下来怎么办？", "What to do next?"),
    "code.enrol_again": LocalizedText("重新绑定", "Link this phone again"),
    # the card
    "card.name": LocalizedText("社会保障卡", "Social security card"),
    "card.tail": LocalizedText("尾号 {tail}", "Ends in {tail}"),
    "card.active": LocalizedText("正常", "Active"),
    "card.suspended": LocalizedText("已临时挂失", "Suspended"),
    "card.lost": LocalizedText("已正式挂失", "Reported lost"),
    "card.replaced": LocalizedText("已补换新卡", "Replaced"),
    "card.expired": LocalizedText("已过期", "Expired"),
    "card.cancelled": LocalizedText("已注销", "Cancelled"),
    "card.other": LocalizedText("请咨询网点", "Ask an outlet"),
    "card.valid_until": LocalizedText(
        "本机凭证有效至 {moment}", "This phone may show it until {moment}"
    ),
    "card.seen": LocalizedText("{age} 更新", "Updated {age}"),
    # visits
    "visits.title": LocalizedText("到访记录", "Visits"),
    "visits.empty": LocalizedText("还没有到访记录", "No visits yet"),
    "visits.empty.next": LocalizedText(
        "刷码进门后，记录会出现在这里。", "They appear here once you have shown your code."
    ),
    "visits.admitted": LocalizedText("已进入", "Admitted"),
    "visits.refused": LocalizedText("未进入", "Not admitted"),
    "visits.by_code": LocalizedText("二维码", "Code"),
    "visits.by_paper": LocalizedText("纸质码", "Paper code"),
    "visits.by_card": LocalizedText("实体卡", "Card"),
    "visits.reading": LocalizedText(
        "最近一次到访：{venue}，{moment}，{verdict}。",
        "Latest visit: {venue}, {moment}, {verdict}.",
    ),
    "wallet.reading": LocalizedText(
        "{name}的社会保障卡，尾号 {tail}，{state}。", "{name}, card ending in {tail}, {state}."
    ),
    # notices: what happened and why, then what to do
    "notice.offline": LocalizedText("{since} 起连不上网", "Offline since {since}"),
    "notice.offline.next": LocalizedText(
        "码照常可用，有效到 {until}。", "Your code still works, until {until}."
    ),
    "notice.server.next": LocalizedText("{step}。{usable}", "{step}. {usable}"),
    "notice.ending": LocalizedText(
        "本机凭证还剩 {left}", "This phone's certificate ends in {left}"
    ),
    "notice.ending.next": LocalizedText(
        "请连一次网，会自动续期。", "Go online once; it renews by itself."
    ),
    "notice.ended": LocalizedText(
        "本机凭证已于 {moment} 到期", "The certificate ended on {moment}"
    ),
    "notice.ended.next": LocalizedText(
        "请连上网络，几秒内自动续期；急用请出示实体卡。",
        "Go online and it renews in seconds; in a hurry, show your physical card.",
    ),
    "notice.not_yet": LocalizedText("本机凭证还没到生效时间", "The certificate is not valid yet"),
    "notice.not_yet.next": LocalizedText(
        "请连上网络，会自动校准时间。", "Go online; the time will be corrected."
    ),
    "notice.suspended": LocalizedText(
        "卡已临时挂失，码暂停使用", "Card suspended: the code is paused"
    ),
    "notice.suspended.next": LocalizedText(
        "找到卡后，登录解挂，或到服务网点、拨打 12333。",
        "Found it? Sign in to lift this, go to an outlet or call 12333.",
    ),
    "notice.lost": LocalizedText(
        "卡已正式挂失，码不能再用", "Card reported lost: the code cannot be used"
    ),
    "notice.lost.next": LocalizedText(
        "请到社保卡服务网点补办新卡。", "Please get a new card at a card service outlet."
    ),
    "notice.replaced": LocalizedText("这张卡已换成新卡", "This card was replaced by a new one"),
    "notice.replaced.next": LocalizedText(
        "请用新卡的激活码重新绑定这部手机。", "Link this phone again with the new card's code."
    ),
    "notice.expired": LocalizedText(
        "这张卡已过期，码不能再用", "Card expired: the code cannot be used"
    ),
    "notice.expired.next": LocalizedText(
        "请到社保卡服务网点换新卡。", "Please exchange it at a card service outlet."
    ),
    "notice.cancelled": LocalizedText(
        "这张卡已注销，码不能再用", "Card cancelled: the code is void"
    ),
    "notice.cancelled.next": LocalizedText(
        "如有疑问，请到服务网点或拨打 12333。", "If in doubt, ask at an outlet or call 12333."
    ),
    "notice.other": LocalizedText("这张卡现在不能出示", "This card cannot be shown at present"),
    "notice.other.next": LocalizedText(
        "请到服务网点或拨打 12333 咨询。", "Ask at an outlet or call 12333."
    ),
    "notice.clock_ahead": LocalizedText("手机时间快了 {span}", "This phone's clock is {span} fast"),
    "notice.clock_behind": LocalizedText(
        "手机时间慢了 {span}", "This phone's clock is {span} slow"
    ),
    "notice.clock.next": LocalizedText(
        "码已按服务器时间校准。建议在系统设置里打开自动时间。",
        "The code uses the server's time. Turn on automatic time in the phone's settings.",
    ),
}
