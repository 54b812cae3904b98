"""Words of codes on paper 纸质当日码."""

from shared.localized_text import LocalizedText

TEXTS = {
    "paper.title": LocalizedText("纸质当日码", "Paper day code"),
    "paper.open": LocalizedText("出门不带手机？打印纸质码", "No phone on the way? Print a code"),
    "paper.lead": LocalizedText(
        "打印一张纸，当天没有手机也能用。一张只用一天，到 24:00 为止；有的场馆不收。",
        "One sheet for a day without a phone, until 24:00. Some venues take none.",
    ),
    "paper.today": LocalizedText("打印今天的", "Print for today"),
    "paper.tomorrow": LocalizedText("打印明天的", "Print for tomorrow"),
    "paper.busy": LocalizedText("正在准备…", "Preparing…"),
    "paper.care": LocalizedText(
        "谁拿着这张纸，谁就能用。请像身份证一样保管；同一天再打印，前一张就作废。",
        "Whoever holds the sheet can use it: keep it like your identity card. "
        "Printed again for the same day, the one before is void.",
    ),
    "paper.done": LocalizedText("纸质码已保存，请打印", "The sheet is saved: print it"),
    "paper.done.next": LocalizedText("在这里：{place}", "It is here: {place}"),
    "paper.revoked": LocalizedText("纸质码已作废", "The sheet is void"),
    "paper.revoked.next": LocalizedText(
        "没有网络的场馆要等下次更新", "A venue without a network learns it a little later"
    ),
    "paper.made": LocalizedText("{moment} 打印", "Printed {moment}"),
    "paper.by.holder": LocalizedText("本人打印", "by yourself"),
    "paper.by.delegate": LocalizedText("代办人打印", "by your delegate"),
    "paper.by.outlet": LocalizedText("网点打印", "at an outlet"),
    "paper.state.good": LocalizedText("可用", "Good"),
    "paper.state.void": LocalizedText("已作废", "Void"),
    "paper.state.over": LocalizedText("已过期", "Over"),
    "paper.revoke": LocalizedText("丢了？作废这一张", "Lost it? Make it void"),
    "paper.revoke.lead": LocalizedText(
        "作废后不能恢复；需要时再打印一张。", "This cannot be undone; print another if needed."
    ),
    "paper.revoke.sure": LocalizedText("确定作废", "Make it void"),
    "paper.empty": LocalizedText("还没有打印过", "None was printed yet"),
    "paper.reading": LocalizedText(
        "纸质当日码。打印一张纸，当天没有手机也能用。可用的有 {count} 张。",
        "Paper day code. One sheet for a day without a phone. {count} good.",
    ),
}
