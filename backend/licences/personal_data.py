"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, told, without
from shared.localized_text import LocalizedText

REQUESTS = PersonalRecords(
    code="licences.requests",
    title=LocalizedText("证照调取申请", "Requests to see my licences"),
    collection="licence_requests",
    person="resident_id",
    kept=LocalizedText("申请后30天。", "Thirty days after it was made."),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "desk": told("desk", "申请单位", "Who asked", without("desk", "staff", "terminal")),
        "kinds": told("kinds", "证照种类", "Kinds of licences"),
        "purpose": told("purpose", "用途", "What for"),
        "state": told("state", "状态", "How it stands"),
        "asked_at": told("asked_at", "申请时间", "Asked at"),
        "until": told("until", "有效期至", "Until"),
        "decided_at": told("decided_at", "决定时间", "Decided at"),
        "ended_at": told("ended_at", "调取或撤回时间", "Seen or taken back at"),
    },
    newest_first="asked_at",
    purpose=LocalizedText("经您同意后调取电子证照", "Showing licences to a desk that you let"),
    every=label.ACTIVITY,
    labels={label.ACTIVITY: "desk kinds", label.WORDS: "purpose"},
)
PERSONAL = (REQUESTS,)
