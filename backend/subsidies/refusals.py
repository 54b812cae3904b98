"""Every "no" about subsidies: its name, words and next step."""

from backend.foundation.refusals import refusal

PAYMENT_FORM = refusal(
    "subsidy_form",
    (
        "发放信息不完整：业务编号、项目名称、期间、金额、银行、账号后四位、状态都要填写。",
        "A payment takes a reference, policy, period, amount, bank, last four digits and state.",
    ),
    (
        "期间写作2026、2026-Q3或2026-09；金额以分为单位；未发成的要写原因。",
        "A period is 2026, 2026-Q3 or 2026-09; amounts are in fen; what failed takes a reason.",
    ),
)
RECIPIENT_UNKNOWN = refusal(
    "subsidy_recipient",
    (
        "没有这位居民，或其已去世、已注销账户。",
        "No such resident, or they died or closed their account.",
    ),
    (
        "请核对人员后再登记；已注销账户的，不必再登记。",
        "Check whom it is for; of who closed their account nothing more needs filing.",
    ),
)
PAYMENT_DIFFERS = refusal(
    "subsidy_differs",
    (
        "这个业务编号已登记了另一笔发放，内容不同。",
        "This reference stands for a payment with other particulars.",
    ),
    ("补发请用新的业务编号。", "A payment made anew takes a reference of its own."),
)
STEP_BACK = refusal(
    "subsidy_step",
    (
        "这笔发放的状态只能向前，不能改成这个状态。",
        "A payment only goes forward; it cannot come to this state.",
    ),
    ("补发请用新的业务编号。", "A payment made anew takes a reference of its own."),
)
