"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, told
from shared.localized_text import LocalizedText

_OTHER = LocalizedText("对方的编号，是他人的信息。", "The other person's id is their data.")
_KEPT = LocalizedText("到期后30天。", "Thirty days after it has expired.")
_PURPOSE = LocalizedText("向家人求助", "Asking family for help")
_FIELDS = {
    "_id": told("id", "编号", "Id"),
    "mandate": told("mandate", "授权编号", "Mandate's id"),
    "topic": told("topic", "求助事项", "What it is about"),
    "asked_at": told("asked_at", "求助时间", "Asked at"),
    "until": told("until", "有效期至", "Until"),
    "answered_at": told("answered_at", "回应时间", "Answered at"),
    "withdrawn_at": told("withdrawn_at", "取消时间", "Taken back at"),
}
_LABELS = {
    label.IDENTIFIER: "principal delegate mandate",
    label.ACTIVITY: "topic",
}
OF_PRINCIPAL = PersonalRecords(
    code="help_requests.of_principal",
    title=LocalizedText("我的求助", "My calls for help"),
    collection="help_requests",
    person="principal",
    kept=_KEPT,
    told={**_FIELDS, "principal": told("principal", "居民编号", "Resident id")},
    withheld={"delegate": _OTHER},
    newest_first="until",
    labels=_LABELS,
    purpose=_PURPOSE,
)
OF_DELEGATE = PersonalRecords(
    code="help_requests.of_delegate",
    title=LocalizedText("家人向我的求助", "Calls for help to me"),
    collection="help_requests",
    person="delegate",
    kept=_KEPT,
    told={**_FIELDS, "delegate": told("delegate", "居民编号", "Resident id")},
    withheld={"principal": _OTHER},
    newest_first="until",
    labels=_LABELS,
    purpose=_PURPOSE,
)
PERSONAL = (OF_PRINCIPAL, OF_DELEGATE)
