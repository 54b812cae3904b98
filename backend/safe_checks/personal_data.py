"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, told
from shared.localized_text import LocalizedText

CHECKS = PersonalRecords(
    code="safe_checks.own",
    title=LocalizedText("每日报平安", "Daily safe checks"),
    collection="safe_checks",
    person="_id",
    kept=LocalizedText("关闭时删除。", "Deleted when you switch it off."),
    told={
        "_id": told("resident_id", "居民编号", "Resident id"),
        "minute": told("minute", "每天几点前（分钟）", "By which minute of the day"),
        "contacts": told("contacts", "通知的家人（授权编号）", "Whom to tell (mandates)"),
        "due_at": told("due_at", "下次应报时间", "Next due"),
        "checked_at": told("checked_at", "上次报平安", "Last said"),
        "missed_at": told("missed_at", "未报自", "Missed since"),
    },
    purpose=LocalizedText("没有报平安时通知家人", "Telling family where nothing was heard"),
    labels={label.IDENTIFIER: "contacts", label.ACTIVITY: "minute checked_at missed_at due_at"},
)
PERSONAL = (CHECKS,)
