"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PROOF, PersonalRecords, opened, told
from shared.localized_text import LocalizedText

_OTHER = LocalizedText("对方的编号，是他人的信息。", "The other person's id is their data.")
_KEPT = LocalizedText(
    "授权期间及结束后作为证明保存。", "While it is in force, and as proof after it."
)
_PURPOSE = LocalizedText("代他人办事", "Acting for another")
_FIELDS = {
    "_id": told("id", "编号", "Id"),
    "relation": told("relation", "关系", "Relation"),
    "wished": told("wished", "申请的事项", "What was asked for"),
    "days": told("days", "期限（天）", "Days"),
    "state": told("state", "状态", "State"),
    "offered_at": told("offered_at", "邀请时间", "Offered at"),
    "evidence": told("evidence", "关系证明", "Evidence"),
    "checker": told("checker", "核对人", "Who checked it"),
    "channel": told("channel", "确认方式", "How it was confirmed"),
    "text_version": told("text_version", "文本版本", "Version of the text"),
    "scopes": told("scopes", "授权事项", "What it allows"),
    "starts_at": told("starts_at", "开始", "From"),
    "ends_at": told("ends_at", "结束", "To"),
    "ends_as": told("ends_as", "到期原因", "Why it is to end"),
    "confirmed_at": told("confirmed_at", "确认时间", "Confirmed at"),
    "review_by": told("review_by", "复核期限", "Review by"),
    "consent_from": told("consent_from", "需本人同意的时间", "Own consent from"),
    "limits": told("limits", "支付限额", "Limits of payments"),
    "spent": told("spent", "代办已支付", "Paid by the delegate"),
    "daily_views": told("daily_views", "查看每日汇总通知", "Views told once a day"),
    "disputed": told("disputed", "有争议", "Disputed"),
    "money_frozen": told("money_frozen", "支付已冻结", "Payments frozen"),
    "used_at": told("used_at", "最近使用", "Last used"),
    "codes": told("codes", "可出示的手机", "Phones that show the code"),
    "uses": told("uses", "使用次数", "Uses"),
    "due_at": told("due_at", "下次提醒", "Next reminder"),
    "ended_at": told("ended_at", "结束时间", "Ended at"),
    "ended": told("ended", "结束原因", "Why it ended"),
    "invitation_until": told("invitation_until", "邀请截止", "Invitation until"),
}
_LABELS = {
    label.IDENTIFIER: "principal delegate offered_by checker",
    label.RELATION: "relation evidence",
    label.ACTIVITY: "wished days scopes limits spent uses",
    label.PROOF: "text_version text_hash invitation codes",
}
_WITHHELD = {"text_hash": PROOF, "invitation": PROOF, "offered_by": _OTHER}
OF_PRINCIPAL = PersonalRecords(
    code="mandates.of_principal",
    title=LocalizedText("别人为我代办的授权", "Mandates by which others act for me"),
    collection="mandates",
    person="principal",
    kept=_KEPT,
    told={**_FIELDS, "principal": told("principal", "居民编号", "Resident id")},
    withheld={**_WITHHELD, "delegate": _OTHER},
    newest_first="offered_at",
    labels=_LABELS,
    purpose=_PURPOSE,
)
OF_DELEGATE = PersonalRecords(
    code="mandates.of_delegate",
    title=LocalizedText("我为别人代办的授权", "Mandates by which I act for others"),
    collection="mandates",
    person="delegate",
    kept=_KEPT,
    told={**_FIELDS, "delegate": told("delegate", "居民编号", "Resident id")},
    withheld={**_WITHHELD, "principal": _OTHER},
    newest_first="offered_at",
    labels=_LABELS,
    purpose=_PURPOSE,
)
PARTY = PersonalRecords(
    code="mandates.party",
    title=LocalizedText("代办相关登记", "What is noted about acting for you"),
    collection="mandate_parties",
    person="_id",
    kept=LocalizedText("账户存续期间。", "As long as the account."),
    told={
        "_id": told("resident_id", "居民编号", "Resident id"),
        "revision": told("revision", "变动次数", "Times changed"),
        "under_guardianship": told("under_guardianship", "在监护之下", "Under guardianship"),
        "false_claims": told("false_claims", "不实的关系声明", "False claims of kinship"),
    },
    withheld={
        "excluded": _OTHER,
        "acted_on": LocalizedText("只用于代办员。", "Of doorstep agents only."),
        "acts": LocalizedText("只用于代办员。", "Of doorstep agents only."),
    },
    purpose=_PURPOSE,
    labels={
        label.OPERATION: "revision acted_on acts",
        label.STANDING: "under_guardianship false_claims",
        label.RELATION: "excluded",
    },
)
NOTICES = PersonalRecords(
    code="mandates.notices",
    title=LocalizedText("代办通知", "Notices about mandates"),
    collection="mandate_notices",
    person="person",
    kept=LocalizedText("账户存续期间。", "As long as the account."),
    told={
        "_id": told("id", "编号", "Id"),
        "person": told("resident_id", "居民编号", "Resident id"),
        "mandate": told("mandate", "授权编号", "Mandate's id"),
        "code": told("code", "类别", "Kind"),
        "words": told("words", "内容", "Words"),
        "words_sealed": told(
            "whole", "完整内容", "The whole of it", opened("mandate_notices", "words_sealed")
        ),
        "at": told("at", "时间", "At"),
        "times": told("times", "次数", "Times"),
        "sms_at": told("sms_at", "待送达", "To be delivered"),
        "channel": told("channel", "送达方式", "Delivered by"),
        "by_delegate": told("by_delegate", "代办人所为", "Done by a delegate"),
        "of_principal": told("of_principal", "被代办人所为", "Of the principal"),
    },
    newest_first="at",
    purpose=_PURPOSE,
    labels={
        label.IDENTIFIER: "person mandate",
        label.ACTIVITY: "code words times",
        label.OPERATION: "channel by_delegate of_principal",
        label.ACCOUNT: "words_sealed",
    },
)
PERSONAL = (OF_PRINCIPAL, OF_DELEGATE, PARTY, NOTICES)
