"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, told
from shared.localized_text import LocalizedText

_ENDS = LocalizedText(
    "归还或缴清后14天即与您解除关联；您选择保留历史的，保留到您取消为止。",
    "14 days after it came back or was paid, unless you keep your history: then until you do not.",
)
_ID = told("id", "编号", "Id")
_WHO = told("resident_id", "居民编号", "Resident id")
_FORGET = told("forget_at", "解除关联时间", "Forgotten at")
PATRON = PersonalRecords(
    code="library.reader",
    title=LocalizedText("读者", "Reader"),
    collection="library_patrons",
    person="resident_id",
    kept=LocalizedText("服务期间保存，用于借阅。", "As long as you use the service: for lending."),
    told={
        "_id": _ID,
        "resident_id": _WHO,
        "number": told("number", "读者证号", "Reader number"),
        "deposit_fen": told("deposit_fen", "押金（分）", "Deposit, in fen"),
        "open_loans": told("open_loans", "在借册数", "Books out"),
        "open_holds": told("open_holds", "预约数", "Holds"),
        "owed_fen": told("owed_fen", "欠费（分）", "Owed, in fen"),
        "keeps_history": told("keeps_history", "是否保留历史", "Whether history is kept"),
        "leaving": told("leaving", "是否已注销", "Whether the account is closed"),
        "opened_at": told("opened_at", "开通时间", "Reader since"),
    },
    purpose=LocalizedText("借阅图书", "Lending"),
    labels={
        label.CARD: "number",
        label.ACTIVITY: "deposit_fen open_loans open_holds owed_fen",
    },
)
LOANS = PersonalRecords(
    code="library.loans",
    title=LocalizedText("借阅", "Loans"),
    collection="library_loans",
    person="resident_id",
    kept=_ENDS,
    told={
        "_id": _ID,
        "resident_id": _WHO,
        "copy_id": told("copy_id", "图书条码", "Barcode"),
        "title": told("title", "书目编号", "Title"),
        "state": told("state", "状态", "State"),
        "lent_at": told("lent_at", "借出时间", "Lent at"),
        "lent_in": told("lent_in", "借出馆", "Lent in"),
        "due_at": told("due_at", "应还时间", "Due"),
        "renewals": told("renewals", "续借次数", "Renewals"),
        "terminal": told("terminal", "自助终端", "Machine"),
        "offline": told("offline", "是否离线办理", "Whether it was done offline"),
        "ended_at": told("ended_at", "归还时间", "Ended at"),
        "returned_in": told("returned_in", "归还馆", "Returned in"),
        "forget_at": _FORGET,
    },
    newest_first="lent_at",
    purpose=LocalizedText("借阅图书", "Lending"),
    every=label.ACTIVITY,
    labels={
        label.ACTIVITY: "title lent_in returned_in renewals",
        label.OPERATION: "terminal",
    },
)
HOLDS = PersonalRecords(
    code="library.holds",
    title=LocalizedText("图书预约", "Holds"),
    collection="library_holds",
    person="resident_id",
    kept=_ENDS,
    told={
        "_id": _ID,
        "resident_id": _WHO,
        "title": told("title", "书目编号", "Title"),
        "pickup": told("pickup", "取书馆", "Pick-up library"),
        "place": told("place", "排队号", "Place in the queue"),
        "state": told("state", "状态", "State"),
        "placed_at": told("placed_at", "预约时间", "Placed at"),
        "changed_at": told("changed_at", "最近变动", "Changed at"),
        "copy_id": told("copy_id", "图书条码", "Barcode"),
        "shelf_until": told("shelf_until", "保留至", "Kept until"),
        "why": told("why", "结束原因", "Why it ended"),
        "forget_at": _FORGET,
    },
    newest_first="placed_at",
    purpose=LocalizedText("预约图书", "Holds"),
    every=label.ACTIVITY,
    labels={
        label.ACTIVITY: "title pickup place why",
    },
)
FINES = PersonalRecords(
    code="library.fines",
    title=LocalizedText("图书馆费用", "Library fines"),
    collection="library_fines",
    person="resident_id",
    kept=_ENDS,
    told={
        "_id": _ID,
        "resident_id": _WHO,
        "loan": told("loan", "借阅编号", "Loan"),
        "kind": told("kind", "类别", "Kind"),
        "fen": told("fen", "金额（分）", "Amount, in fen"),
        "paid_fen": told("paid_fen", "已缴（分）", "Paid, in fen"),
        "open": told("open", "是否未缴清", "Whether it is still owed"),
        "at": told("at", "时间", "At"),
        "references": told("references", "缴费凭证号", "Receipts"),
        "forget_at": _FORGET,
    },
    purpose=LocalizedText("收取图书馆费用", "Library fines"),
    every=label.ACTIVITY,
    labels={
        label.ACTIVITY: "fen paid_fen references",
        label.IDENTIFIER: "loan",
    },
)
PERSONAL = (PATRON, LOANS, HOLDS, FINES)
