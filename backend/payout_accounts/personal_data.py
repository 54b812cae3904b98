"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, opened, told
from backend.payout_accounts.documents import COLLECTION
from shared.localized_text import LocalizedText

ACCOUNTS = PersonalRecords(
    code="payout_accounts.accounts",
    title=LocalizedText("收款账户", "Payout accounts"),
    collection=COLLECTION,
    person="resident_id",
    kept=LocalizedText("账户存续期间。", "As long as the account."),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "bank": told("bank", "开户银行", "Bank"),
        "number_sealed": told("number", "账号", "Number", opened(COLLECTION, "number_sealed")),
        "asked_at": told("asked_at", "申请时间", "Asked at"),
        "starts_at": told("starts_at", "生效时间", "Counts from"),
        "withdrawn_at": told("withdrawn_at", "撤回时间", "Withdrawn at"),
    },
    newest_first="starts_at",
    purpose=LocalizedText("向本人付款", "Paying you"),
    labels={label.ACCOUNT: "bank number_sealed"},
)
PERSONAL = (ACCOUNTS,)
