"""Every "no" of the library network: its name, words and next step."""

from collections.abc import Mapping

from backend.foundation.refusals import Refusal, refusal
from shared.money import format_yuan

_DESK = ("请到服务台办理。", "Ask at the service desk.")
_RELOAD = ("请刷新后重新选择。", "Load the list again and choose from it.")

PATRON_UNKNOWN = refusal(
    "library_patron_unknown",
    ("没有找到这位读者。", "No such reader is known."),
    ("请出示社保卡或读者证号。", "Show the social security card or the reader number."),
)
CARD_FOREIGN = refusal(
    "library_card_foreign",
    ("外地社保卡可以入馆，不能借书。", "A card of another region opens the door, not the shelves."),
    ("请在本馆阅览，或向发卡地图书馆借阅。", "Read here, or borrow from the library at home."),
)
LEAVING = refusal(
    "library_patron_leaving",
    ("读者账户已注销，不能再借。", "This reader's account is closed."),
    ("请归还在借图书并缴清费用。", "Return what is out and pay what is owed."),
)
COPY_UNKNOWN = refusal(
    "library_copy_unknown", ("没有这个条码的图书。", "No book has this barcode."), _DESK
)
COPY_NOT_LENT = refusal(
    "library_copy_not_lent",
    ("这本书目前不外借。", "This book is not lent at present."),
    _DESK,
)
COPY_ON_LOAN = refusal(
    "library_copy_on_loan",
    ("这本书登记为他人在借。", "This book is recorded as lent to somebody."),
    ("请先还书再借。", "Return it first, then borrow it."),
)
COPY_YOURS = refusal(
    "library_copy_yours",
    ("这本书您已借出。", "You have this book already."),
    ("如需延长，请续借。", "Renew it to keep it longer."),
)
COPY_RESERVED = refusal(
    "library_copy_reserved",
    ("这本书已为其他读者预留。", "This book is kept for another reader."),
    ("可以预约下一本。", "Place a hold on the next copy."),
)
OVERDUE = refusal(
    "library_overdue",
    ("您有图书逾期未还，借阅已暂停。", "Something is overdue, so nothing more is lent."),
    ("归还逾期图书后即可恢复。", "Return it and you can borrow at once."),
)
BUSY = refusal(
    "library_busy",
    ("这本书正在别处办理。", "This book is being handled elsewhere at this moment."),
    ("请再试一次。", "Try once more."),
)
UNDONE = refusal(
    "library_undone",
    ("借书已撤销。", "The loan was taken back."),
    ("请重新借书，或到服务台办理。", "Borrow it again, or ask at the service desk."),
)
LOAN_UNKNOWN = refusal(
    "library_loan_unknown", ("没有这条借阅。", "There is no such loan of yours."), _RELOAD
)
LOAN_OVER = refusal(
    "library_loan_over",
    ("这本书已不在借。", "This book is not out any more."),
    ("请重新操作，或到服务台询问。", "Try again, or ask at the service desk."),
)
RENEWED_OUT = refusal(
    "library_renewed_out",
    ("续借次数已用完。", "It was renewed as often as the rules allow."),
    ("请按期归还。", "Return it by the due date."),
)
WANTED = refusal(
    "library_wanted",
    ("有读者正在等候这本书，不能续借。", "Another reader waits for it; it is not renewed."),
    ("请按期归还。", "Return it by the due date."),
)
TITLE_UNKNOWN = refusal(
    "library_title_unknown", ("没有这种书。", "There is no such title."), _RELOAD
)
NO_COPY = refusal(
    "library_no_copy",
    ("目前没有可供外借的复本。", "No copy of it can be lent."),
    ("请选择其他版本。", "Choose another edition."),
)
LIBRARY_UNKNOWN = refusal(
    "library_unknown",
    ("没有这家图书馆，或其已退出通借通还。", "No such library lends in this network."),
    ("请选择其他成员馆。", "Choose another member library."),
)
TAKE_HOME = refusal(
    "library_left_network",
    ("本馆已退出通借通还，只收本馆图书。", "This library left the network and takes its own only."),
    ("请到任一成员馆归还。", "Return it at any member library."),
)
HELD_ALREADY = refusal(
    "library_held_already",
    ("您已预约或已借这种书。", "You hold or have this title already."),
    ("请在“我的借阅”中查看。", "Look among your loans and holds."),
)
HOLD_UNKNOWN = refusal(
    "library_hold_unknown", ("没有这条预约。", "There is no such hold of yours."), _RELOAD
)
HOLD_OVER = refusal(
    "library_hold_over",
    ("这条预约已经结束。", "This hold has ended."),
    ("如仍需要，请重新预约。", "Place another if you still want it."),
)
AMOUNT_FORM = refusal(
    "library_amount",
    ("金额应大于零，且不超过欠费。", "Pay more than nothing and no more than is owed."),
    ("请核对欠费金额。", "Check what is owed."),
)
REFERENCE_FORM = refusal(
    "library_reference",
    ("缴费凭证号格式不对。", "The payment's reference has a wrong form."),
    ("请填写收据编号，只含字母、数字和“./-”。", "Enter the receipt's number: letters, digits, ./-"),
)
RECORD_FORM = refusal(
    "library_record_form",
    ("书目或馆藏记录不完整。", "The record is not whole."),
    ("请检查题名、条码、馆名和价格。", "Check title, barcode, library and price."),
)
BARCODE_FORM = refusal(
    "library_barcode_form",
    ("条码格式不对。", "The barcode has a wrong form."),
    ("条码为4至32位字母、数字或连字符。", "Write 4 to 32 letters, digits or hyphens."),
)
BARCODE_TWICE = refusal(
    "library_barcode_twice",
    ("同一批中条码重复。", "The barcode stands in this lot already."),
    ("请核对两行。", "Look at both rows."),
)
PRICE_FORM = refusal(
    "library_price_form",
    ("赔偿价格不对。", "The price is not right."),
    ("请按分填写，不得为负。", "Write it in fen, not below zero."),
)
TITLE_FORM = refusal(
    "library_title_form",
    ("题名、责任者、出版项或记录号不对。", "Title, author, publication or record is not right."),
    ("请检查该行各栏，每栏最多200字。", "Check the row's fields: 200 characters each at most."),
)
ISBN_FORM = refusal(
    "library_isbn_form",
    ("ISBN 校验位不对。", "The ISBN's check digit is wrong."),
    ("请核对，或留空。", "Check it, or leave it out."),
)
COPY_OF_OTHERS = refusal(
    "library_copy_of_others",
    ("该条码属于其他图书馆。", "Another library's copy has this barcode."),
    ("请核对条码。", "Check the barcode."),
)
TITLE_DIFFERS = refusal(
    "library_title_differs",
    (
        "该书目已有不同的著录，且不由本馆单独收藏。",
        "The record says otherwise, and is not yours alone.",
    ),
    (
        "请与其他馆核对，或使用新的记录号。",
        "Settle it with the others, or use a record of its own.",
    ),
)
LOT_SIZE = refusal(
    "library_lot_size",
    ("每批应为1至200行。", "A lot has 1 to 200 rows."),
    ("请分批提交。", "Send it in lots."),
)
OF_ROWS: Mapping[str, Refusal] = {
    one.code: one
    for one in (
        *(BARCODE_FORM, BARCODE_TWICE, PRICE_FORM, TITLE_FORM, ISBN_FORM),
        *(COPY_OF_OTHERS, TITLE_DIFFERS),
    )
}
"""What a row of a list can be refused for, by its name."""
TERMINAL_FORM = refusal(
    "library_terminal_form",
    ("终端名称应为3至32个字母、数字或“-”。", "A terminal has 3 to 32 letters, digits or hyphens."),
    ("请改正后再试。", "Correct it and try again."),
)


def too_many(limit: int) -> Refusal:
    """Return that a reader has as many books as they may."""
    return refusal(
        "library_too_many",
        (f"在借图书已达上限{limit}册。", f"You have the {limit} books you may have at a time."),
        ("请先归还，或缴存押金提高册数。", "Return one, or leave a deposit to have more."),
    )


def too_many_holds(limit: int) -> Refusal:
    """Return that a reader waits for as many titles as they may."""
    return refusal(
        "library_too_many_holds",
        (f"预约已达上限{limit}种。", f"You have the {limit} holds you may have at a time."),
        ("请先取消一条预约。", "Cancel one of them first."),
    )


def owes(fen: int) -> Refusal:
    """Return that a reader owes more than is let pass."""
    yuan = format_yuan(fen)
    return refusal(
        "library_owes",
        (f"您欠费{yuan}，借阅已暂停。", f"You owe {yuan}, so nothing more is lent."),
        ("缴清后即可恢复。", "Pay it and you can borrow at once."),
    )
