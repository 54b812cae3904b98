"""Every "no" about payout accounts: its name, words and next step."""

from backend.foundation.refusals import refusal

ACCOUNT_FORM = refusal(
    "payout_account_form",
    ("请填写开户银行和10至30位的账号。", "A bank and an account number of 10 to 30 digits."),
    ("请核对银行卡或存折后重填。", "Check them on the bank card or book."),
)
SIGN_IN_AGAIN = refusal(
    "payout_account_sign_in_again",
    (
        "为了您的资金安全，请先用短信验证码重新登录。",
        "For your money's safety, sign in anew by a code by SMS first.",
    ),
    ("登录后10分钟内可以变更。", "You can change it within ten minutes of that."),
)
NOTHING_WAITS = refusal(
    "payout_account_nothing_waits",
    ("没有等待生效的收款账户变更。", "No change of the payout account waits."),
    ("如需更换，请重新填写。", "To change it, fill it in anew."),
)
