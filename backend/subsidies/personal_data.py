"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, opened, told
from backend.subsidies.documents import COLLECTION
from shared.localized_text import LocalizedText

PAYMENTS = PersonalRecords(
    code="subsidies.payments",
    title=LocalizedText("惠民补贴", "Subsidies"),
    collection=COLLECTION,
    person="resident_id",
    kept=LocalizedText("账户存续期间。", "As long as the account."),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "payer": told("payer", "发放部门代码", "Department's code"),
        "payer_name": told("payer_name", "发放部门", "Department"),
        "reference": told("reference", "业务编号", "Reference"),
        "policy": told("policy", "补贴项目", "Policy"),
        "period": told("period", "期间", "Period"),
        "amount_fen": told("amount_fen", "金额（分）", "Amount in fen"),
        "bank": told("bank", "银行", "Bank"),
        "tail_sealed": told("tail", "账号后四位", "Last digits", opened(COLLECTION, "tail_sealed")),
        "state": told("state", "状态", "State"),
        "reason": told("reason", "未到账原因", "Why it did not arrive"),
        "filed_at": told("filed_at", "登记时间", "Filed at"),
        "changed_at": told("changed_at", "更新时间", "Changed at"),
    },
    newest_first="filed_at",
    purpose=LocalizedText("告知您补贴的发放情况", "Telling you of your subsidies"),
    labels={
        label.PUBLIC: "payer payer_name",
        label.IDENTIFIER: "reference",
        # What a subsidy is for tells of poverty, illness or disability.
        label.STANDING: "policy",
        label.ACCOUNT: "amount_fen bank tail_sealed",
        label.ACTIVITY: "period state reason",
    },
)
PERSONAL = (PAYMENTS,)
