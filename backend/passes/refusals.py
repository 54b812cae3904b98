"""Every "no" about passes: its name, words and next step."""

from backend.foundation.refusals import Refusal, refusal
from shared.money import format_yuan

_RELOAD = ("请刷新后重新选择。", "Load the list again and choose from it.")
_OTHER = ("请选择其他票种。", "Choose another product.")

PRODUCT_UNKNOWN = refusal(
    "pass_product_unknown", ("没有这种票。", "There is no such product."), _RELOAD
)
PRODUCT_CLOSED = refusal(
    "pass_product_closed", ("该票种已停止发放。", "This product is no longer given out."), _OTHER
)
PRODUCT_NOT_ON_SALE = refusal(
    "pass_product_not_on_sale",
    ("该票种不在发放日期内。", "This product is not given out today."),
    _OTHER,
)
SOLD_OUT = refusal(
    "pass_sold_out",
    ("余量不足。", "Not so many are left."),
    ("请减少数量，或选择其他日期或票种。", "Take fewer, or choose another day or product."),
)
PRODUCT_FORM = refusal(
    "pass_product_form",
    ("票种设置不完整。", "The product is not described as a whole."),
    ("请检查场馆、次数、有效期和价格。", "Check venues, uses, validity and prices."),
)
QUANTITY_FORM = refusal(
    "pass_quantity",
    ("数量应为1至1000。", "Take at least one and at most 1,000."),
    ("请修改数量。", "Change the number."),
)
PERSONAL_ONE = refusal(
    "pass_personal_one",
    ("实名票每人只能领取一张。", "A personal pass is for one person."),
    ("同行人请各自领取。", "Those who come with you take their own."),
)
DAY_FORM = refusal(
    "pass_day",
    ("所选日期不可用。", "It cannot be had for that day."),
    ("请选择开放日期，最多提前90天。", "Choose a day it is good on, at most 90 days ahead."),
)
REFERENCE_FORM = refusal(
    "pass_reference",
    ("缴费凭证号格式不对。", "The payment's reference has a wrong form."),
    ("请填写收据编号，只含字母、数字和“./-”。", "Enter the receipt's number: letters, digits, ./-"),
)
PASS_UNKNOWN = refusal("pass_unknown", ("没有这张票。", "There is no such pass of yours."), _RELOAD)
PASS_OVER = refusal(
    "pass_over",
    ("该票已用完、过期、退回或撤销。", "This pass is used up, expired, refunded or revoked."),
    ("如需使用，请重新领取。", "Take another one if you need it."),
)
PASS_USED = refusal(
    "pass_used",
    ("已使用的票不能退。", "A pass that was used is not refunded."),
    ("可继续使用剩余次数。", "What is left of it can be used."),
)
NO_REFUND = refusal(
    "pass_no_refund",
    ("该票不可退，或已过退票期限。", "It is not refunded, or not any more."),
    ("如有疑问，请咨询场馆。", "Ask the venue."),
)
REFUND_AT_COUNTER = refusal(
    "pass_refund_at_counter",
    ("该票在柜台缴费。", "This pass was paid at a counter."),
    ("请持缴费凭证到柜台退票退款。", "Bring the receipt to the counter; it pays you back."),
)
PASS_PERSONAL = refusal(
    "pass_personal",
    ("实名票不能转让。", "A personal pass is not handed on."),
    ("如不需要，可按规则退票。", "Give it back if you do not need it."),
)
INVITATION_UNKNOWN = refusal(
    "pass_invitation_unknown",
    ("转让邀请无效或已过期。", "The invitation is not valid, or not any more."),
    ("请对方重新发起转让。", "Ask them to hand the pass on again."),
)
OWN_INVITATION = refusal(
    "pass_invitation_own",
    ("这是您自己发起的转让。", "It is you who hands this pass on."),
    ("请把邀请发给接收人。", "Send the invitation to whom it is for."),
)
NOT_OFFERED = refusal(
    "pass_not_offered",
    ("该票没有进行中的转让。", "This pass is not being handed on."),
    ("无需操作。", "There is nothing to do."),
)


def too_many(most: int) -> Refusal:
    """Return that one person may not have so many of a product."""
    return refusal(
        "pass_too_many",
        (f"每人最多领取{most}张。", f"One person has at most {most} of these."),
        ("请减少数量，或先使用已有的票。", "Take fewer."),
    )


def costs(fen: int) -> Refusal:
    """Return that a pass is not free for who asks: payment in the app is not there yet."""
    price = format_yuan(fen)
    return refusal(
        "pass_costs",
        (f"该票对您的价格为{price}，暂不支持在线支付。", f"It costs you {price}."),
        (
            "请到场馆售票处缴费领取。",
            "Pay at the venue's counter; the app takes no payments yet.",
        ),
    )
