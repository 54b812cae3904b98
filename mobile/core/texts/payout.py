"""Words of the account one is paid to 收款账户."""

from shared.localized_text import LocalizedText

TEXTS = {
    "payout.title": LocalizedText("我的收款账户", "The account I am paid to"),
    "payout.lead": LocalizedText(
        "退款和补贴打到这里。换账户要等72小时，您和代办人都会收到通知。",
        "Refunds and benefits go here. A change waits 72 hours; you and your delegates are told.",
    ),
    "payout.present": LocalizedText(
        "现在用：{bank}，尾号 {tail}", "In use: {bank}, ending in {tail}"
    ),
    "payout.none": LocalizedText("还没有收款账户", "No account is named yet"),
    "payout.held": LocalizedText(
        "要换成：{bank}，尾号 {tail}，{moment} 起生效",
        "Changes to: {bank}, ending in {tail}, from {moment}",
    ),
    "payout.stop": LocalizedText("不是我，停止更换", "Not me: stop this change"),
    "payout.change": LocalizedText("换一个账户", "Name another account"),
    "payout.first": LocalizedText("登记收款账户", "Name an account"),
    "payout.bank": LocalizedText("哪家银行？", "Which bank?"),
    "payout.bank.lead": LocalizedText(
        "没有您的银行，请到服务网点登记。", "Another bank is named at a service outlet."
    ),
    "payout.number": LocalizedText("银行账号", "Account number"),
    "payout.number.lead": LocalizedText(
        "{bank}，照卡或存折上的数字输入。", "{bank}: as on the bank card or book."
    ),
    "payout.next": LocalizedText("下一步", "Next"),
    "payout.check": LocalizedText("对不对？", "Is this right?"),
    "payout.check.lead": LocalizedText(
        "账号要是您本人的。72小时后生效，这期间随时可以停止。",
        "It has to be your own. It counts in 72 hours; until then it can be stopped.",
    ),
    "payout.check.fact": LocalizedText("{bank}，{number}", "{bank}, {number}"),
    "payout.send": LocalizedText("对，换成它", "Yes, change to it"),
    "payout.sign_in": LocalizedText("用短信重新登录", "Sign in by SMS code"),
    "payout.changed": LocalizedText("已提交", "Sent"),
    "payout.changed.next": LocalizedText(
        "72小时后生效，在这之前仍打到原来的账户",
        "It counts in 72 hours; until then the account before does",
    ),
    "payout.stopped": LocalizedText("已停止更换", "The change is stopped"),
    "payout.stopped.next": LocalizedText(
        "账户没有变；怀疑手机被别人用过，请换密码",
        "The account is as before; if somebody used your phone, change your password",
    ),
}
