"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, told
from shared.localized_text import LocalizedText

SEATS = PersonalRecords(
    code="exams.seats",
    title=LocalizedText("考试座位", "Seats in examinations"),
    collection="exam_seats",
    person="resident_id",
    kept=LocalizedText(
        "服务期间保存，用于核验考生身份。", "As long as you use the service: to let you in."
    ),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "session": told("session", "考试场次", "Session"),
        "seat": told("seat", "座位号", "Seat"),
        "starts_at": told("starts_at", "开考时间", "Begins"),
        "ends_at": told("ends_at", "结束时间", "Ends"),
        "assigned_at": told("assigned_at", "安排时间", "Assigned at"),
        "entered_at": told("entered_at", "入场时间", "Let in at"),
        "photo": told("photo", "照片比对结果", "How the picture compared"),
        "impersonated_at": told("impersonated_at", "登记替考嫌疑的时间", "Impersonation noted at"),
    },
    newest_first="starts_at",
    purpose=LocalizedText("安排考试和核验考生身份", "Holding examinations and letting you in"),
    every=label.ACTIVITY,
    labels={label.ACTIVITY: "session seat photo"},
)
REGISTRATIONS = PersonalRecords(
    code="exams.registrations",
    title=LocalizedText("考试报名", "Registrations for examinations"),
    collection="exam_registrations",
    person="resident_id",
    kept=LocalizedText(
        "服务期间保存，用于安排考试。", "As long as you use the service: to hold examinations."
    ),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "session": told("session", "考试场次", "Session"),
        "state": told("state", "报名状态", "How it stands"),
        "starts_at": told("starts_at", "开考时间", "Begins"),
        "ends_at": told("ends_at", "结束时间", "Ends"),
        "lines": told("fee", "考务费明细", "The fee, line by line"),
        "registered_at": told("registered_at", "报名时间", "Registered at"),
        "changed_at": told("changed_at", "更新时间", "Changed at"),
    },
    newest_first="starts_at",
    purpose=LocalizedText("报名和安排考试", "Registering people and holding examinations"),
    every=label.ACTIVITY,
    labels={label.ACTIVITY: "session state lines"},
)
PERSONAL = (SEATS, REGISTRATIONS)
