"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, told
from shared.localized_text import LocalizedText

SLIPS = PersonalRecords(
    code="surveys.slips",
    title=LocalizedText("评价过的到访（不含评价内容）", "Visits you rated, not how"),
    collection="survey_slips",
    person="resident_id",
    kept=LocalizedText("到评价次月月末。", "Until the end of the month after the rating."),
    told={
        "_id": told("visit", "到访记录编号", "Visit"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "venue": told("venue", "场馆编号", "Venue"),
        "month": told("month", "评价月份", "Month of the rating"),
        "until": told("until", "保存到", "Kept until"),
    },
    purpose=LocalizedText("一次服务只评价一次", "Counting each person once"),
    labels={label.WHEREABOUTS: "venue", label.ACTIVITY: "month"},
)
PERSONAL = (SLIPS,)
