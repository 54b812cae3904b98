"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PROOF, PersonalRecords, told
from shared.localized_text import LocalizedText

_SERVICE = LocalizedText(
    "服务期间保存，用于入场核验和退票。", "As long as you use the service: for entry and refunds."
)
PASSES = PersonalRecords(
    code="passes.passes",
    title=LocalizedText("票和通票", "Passes"),
    collection="passes",
    person="resident_id",
    kept=_SERVICE,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "product": told("product", "票种", "Product"),
        "kind": told("kind", "类别", "Kind"),
        "name": told("name", "名称", "Name"),
        "venues": told("venues", "场馆编号", "Venues' numbers"),
        "first": told("first", "起始日", "First day"),
        "last": told("last", "截止日", "Last day"),
        "uses": told("uses", "总次数", "Uses"),
        "left": told("left", "剩余次数", "Uses left"),
        "used": told("used", "已用次数", "Uses made"),
        "over": told("over", "超出人次", "Entries beyond it"),
        "blackouts": told("blackouts", "不可用日期", "Days it is not good on"),
        "personal": told("personal", "是否实名", "Whether it is personal"),
        "quantity": told("quantity", "人数", "For how many"),
        "stock": told("stock", "余量类别", "What it was taken from"),
        "state": told("state", "状态", "State"),
        "lines": told("lines", "价格明细", "Price, line by line"),
        "paid_fen": told("paid_fen", "缴费金额（分）", "Paid, in fen"),
        "reference": told("reference", "缴费凭证号", "Receipt"),
        "refund_until": told("refund_until", "可退截止日", "Refunded until"),
        "issued_at": told("issued_at", "领取时间", "Taken at"),
        "held_since": told("held_since", "持有起始", "Held since"),
        "changed_at": told("changed_at", "最近变动", "Changed at"),
        "ended_at": told("ended_at", "退回或撤销时间", "Refunded or revoked at"),
    },
    withheld={"invitation": PROOF},
    newest_first="issued_at",
    purpose=LocalizedText("购买和使用通票", "Buying and using passes"),
    labels={
        label.ACTIVITY: (
            "product name venues first last uses left used over blackouts quantity stock lines "
            "paid_fen reference refund_until invitation"
        ),
    },
)
USES = PersonalRecords(
    code="passes.uses",
    title=LocalizedText("用票记录", "Uses of passes"),
    collection="pass_uses",
    person="resident_id",
    kept=LocalizedText("180天，到期自动删除。", "180 days, then deleted by themselves."),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "pass_id": told("pass_id", "票编号", "Pass"),
        "persons": told("persons", "入场人数", "Persons"),
        "counted": told("counted", "扣减次数", "Uses taken"),
        "flags": told("flags", "异常标记", "What was odd"),
        "at": told("at", "时间", "At"),
        "counted_at": told("counted_at", "记录时间", "Recorded at"),
    },
    newest_first="at",
    purpose=LocalizedText("通票计次", "Counting uses of passes"),
    every=label.WHEREABOUTS,
    labels={
        label.WHEREABOUTS: "persons counted flags",
    },
)
ALLOWANCES = PersonalRecords(
    code="passes.allowances",
    title=LocalizedText("已领数量", "How many you took"),
    collection="pass_allowances",
    person="resident_id",
    kept=_SERVICE,
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "taken": told("taken", "数量", "How many"),
    },
    purpose=LocalizedText("限制每人购票的数量", "Limits on passes per person"),
    labels={
        label.ACTIVITY: "taken",
    },
)
VOUCHERS = PersonalRecords(
    code="passes.vouchers",
    title=LocalizedText("职业培训券", "Training vouchers"),
    collection="training_vouchers",
    person="resident_id",
    kept=LocalizedText(
        "服务期间保存，用于核销补贴。", "As long as you use the service: for what is owed on them."
    ),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "programme": told("programme", "项目", "Programme"),
        "name": told("name", "名称", "Name"),
        "value_fen": told("value_fen", "面值（分）", "Value, in fen"),
        "course_types": told("course_types", "课程类别", "Types of course"),
        "hold_days": told("hold_days", "预约保留天数", "Days a reservation waits"),
        "least_percent": told("least_percent", "最低出勤（%）", "Least attendance, percent"),
        "first": told("first", "起始日", "First day"),
        "last": told("last", "截止日", "Last day"),
        "state": told("state", "状态", "State"),
        "issued_at": told("issued_at", "发放时间", "Issued at"),
        "changed_at": told("changed_at", "最近变动", "Changed at"),
        "revision": told("revision", "变动次数", "Times changed"),
        "reservation": told("reservation", "预约的课程", "Course reserved"),
        "settlement": told("settlement", "核销结果", "Settlement"),
    },
    newest_first="issued_at",
    purpose=LocalizedText("发放和结算培训券", "Giving and settling training vouchers"),
    labels={
        label.ACTIVITY: (
            "programme name value_fen course_types hold_days least_percent first last "
            "reservation settlement"
        ),
        label.OPERATION: "revision",
    },
)
PERSONAL = (PASSES, USES, ALLOWANCES, VOUCHERS)
