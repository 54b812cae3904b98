"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, told
from shared.localized_text import LocalizedText

_KEPT = LocalizedText(
    "服务期间保存；退款后仍作为资金凭证保存（《单用途商业预付卡管理办法（试行）》）。",
    "As long as you use the service, and afterwards as the record of prepaid money.",
)
_CLERK = LocalizedText(
    "经办人员的编号，属于他人信息。", "The id of the member of staff, who is somebody else."
)
ACCOUNTS = PersonalRecords(
    code="stored_value.accounts",
    title=LocalizedText("储值账户", "Stored value"),
    collection="value_accounts",
    person="resident_id",
    kept=_KEPT,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "group": told("group", "储值项目", "Group of venues"),
        "topped_up": told("topped_up", "累计充值（分）", "Topped up in all, in fen"),
        "spent": told("spent", "累计消费（分）", "Spent in all, in fen"),
        "refunded": told("refunded", "累计退款（分）", "Refunded in all, in fen"),
        "balance": told("balance", "余额（分）", "Balance, in fen"),
        "opened_at": told("opened_at", "开户时间", "Opened at"),
        "changed_at": told("changed_at", "最近变动", "Changed at"),
    },
    purpose=LocalizedText("储值、消费和退款", "Storing, spending and refunding money"),
    labels={label.ACTIVITY: "group", label.ACCOUNT: "topped_up spent refunded balance"},
)
ENTRIES = PersonalRecords(
    code="stored_value.entries",
    title=LocalizedText("储值明细", "Entries of stored value"),
    collection="value_entries",
    person="resident_id",
    kept=_KEPT,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "account": told("account", "储值账户编号", "Account"),
        "group": told("group", "储值项目", "Group of venues"),
        "kind": told("kind", "类别", "Kind"),
        "fen": told("fen", "金额（分）", "Amount, in fen"),
        "after": told("after", "变动后余额（分）", "Balance then, in fen"),
        "at": told("at", "时间", "At"),
        "venue": told("venue", "场馆编号", "Venue's number"),
        "booking": told("booking", "预约编号", "Booking"),
        "reference": told("reference", "缴费凭证号", "Receipt"),
        "payee": told("payee", "收款账户编号", "Payout account"),
    },
    withheld={"by": _CLERK},
    newest_first="at",
    purpose=LocalizedText("储值、消费和退款", "Storing, spending and refunding money"),
    labels={
        label.ACTIVITY: "group",
        label.ACCOUNT: "fen after reference",
        label.WHEREABOUTS: "venue",
        label.IDENTIFIER: "account by booking payee",
    },
)
PERSONAL = (ACCOUNTS, ENTRIES)
