"""Every "no" about stored value: its name, words and next step."""

from backend.foundation.refusals import Refusal, refusal
from shared.money import format_yuan

_RELOAD = ("请刷新后重新选择。", "Load the list again and choose from it.")

GROUP_UNKNOWN = refusal(
    "stored_value_group_unknown", ("没有这个储值项目。", "There is no such stored value."), _RELOAD
)
GROUP_FORM = refusal(
    "stored_value_group_form",
    ("储值项目设置不完整。", "The group of venues is not described as a whole."),
    ("请检查场馆、价格和退订规则。", "Check venues, prices and the cancellation terms."),
)
GROUP_CLOSED = refusal(
    "stored_value_closed",
    (
        "该储值项目已停止，不再充值和消费。",
        "This stored value was ended.",
    ),
    ("余额可全额退款。", "All that is left of it is refunded."),
)
AMOUNT_FORM = refusal(
    "stored_value_amount",
    ("金额应为1分至5000元。", "The amount is from 0.01 to 5,000 yuan."),
    ("请修改金额。", "Change the amount."),
)
REFERENCE_FORM = refusal(
    "stored_value_reference",
    ("缴费凭证号格式不对。", "The payment's reference has a wrong form."),
    ("请填写收据编号，只含字母、数字和“./-”。", "Enter the receipt's number: letters, digits, ./-"),
)
REFERENCE_USED = refusal(
    "stored_value_reference_used",
    ("这张收据已经充值过。", "This receipt was topped up already."),
    ("请核对收据编号。", "Check the receipt's number."),
)
ACCOUNT_UNKNOWN = refusal(
    "stored_value_unknown",
    ("名下没有这项储值。", "There is no such stored value of this person."),
    ("请先在场馆柜台充值。", "Top up at the venue's counter first."),
)
NOTHING_LEFT = refusal(
    "stored_value_empty",
    ("没有可退的余额。", "There is no balance to refund."),
    ("无需操作。", "There is nothing to do."),
)
CODE_NEEDED = refusal(
    "stored_value_code_needed",
    ("消费须出示电子社保卡码。", "To spend, the holder shows the code of their e-card."),
    ("请持卡人打开二维码后再扫。", "Have the holder open their code and scan it."),
)
NOT_PRICED = refusal(
    "stored_value_not_priced",
    ("该预约不能用这项储值支付。", "This booking is not paid for with this stored value."),
    ("请选择其他支付方式，或到柜台办理。", "Pay another way, or ask at the counter."),
)
NOT_PAYABLE = refusal(
    "stored_value_booking_not_payable",
    ("该预约未确认、已取消或已结束。", "This booking is not confirmed, or it is over."),
    ("请先确认预约。", "Confirm the booking first."),
)
ALREADY_PAID = refusal(
    "stored_value_booking_paid",
    ("该预约已支付。", "This booking is paid for."),
    ("无需重复支付。", "It is paid for once."),
)
NOT_PAID = refusal(
    "stored_value_booking_not_paid",
    ("该预约没有用储值支付。", "This booking was not paid for with stored value."),
    _RELOAD,
)
STILL_BOOKED = refusal(
    "stored_value_still_booked",
    ("预约尚未取消。", "The booking was not cancelled."),
    ("请先取消预约，再退回款项。", "Cancel it first; the money comes back then."),
)
USED = refusal(
    "stored_value_booking_used",
    ("已使用或未按时到场的预约不退款。", "A booking that was used or missed is not paid back."),
    ("如有疑问，请咨询场馆。", "Ask the venue."),
)
TOO_LATE = refusal(
    "stored_value_cancelled_late",
    ("取消过晚，按退订规则不退款。", "It was cancelled too late to be paid back by the terms."),
    ("下次请提前取消。", "Cancel earlier next time."),
)
PAID_BACK = refusal(
    "stored_value_paid_back",
    ("款项已退回储值。", "The money was given back already."),
    ("请查看储值明细。", "Look at the entries of the stored value."),
)


def too_little(left_fen: int) -> Refusal:
    """Return that the balance does not pay for it."""
    left = format_yuan(left_fen)
    return refusal(
        "stored_value_too_little",
        (f"余额不足，现有{left}。", f"The balance is too little: {left}."),
        ("请到柜台充值。", "Top up at the counter."),
    )


def too_much(most_fen: int) -> Refusal:
    """Return that nobody may store more; named prepaid cards hold 5,000 yuan at most."""
    most = format_yuan(most_fen)
    return refusal(
        "stored_value_too_much",
        (f"余额不得超过{most}。", f"A balance is at most {most}."),
        ("请减少充值金额。", "Top up with less."),
    )
