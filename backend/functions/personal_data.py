"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation import data_labels as label
from backend.foundation.personal_data import PersonalRecords, told
from shared.localized_text import LocalizedText

CHOICES = PersonalRecords(
    code="functions.choices",
    title=LocalizedText("卡功能的开通与关闭", "Card functions you enabled or disabled"),
    collection="function_choices",
    person="resident_id",
    kept=LocalizedText("您是本市持卡人期间。", "As long as you hold the city's card."),
    told={
        "_id": told("id", "编号", "Id"),
        "resident_id": told("resident_id", "居民编号", "Resident id"),
        "function": told("function", "卡功能", "Card function"),
        "enabled": told("enabled", "是否开通", "Enabled"),
        "since": told("since", "自何时起", "Since"),
    },
    purpose=LocalizedText("加载或关闭卡功能", "Card functions you chose"),
    labels={
        label.CARD: "function",
    },
)
PERSONAL = (CHOICES,)
