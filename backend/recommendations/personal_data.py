"""What this area holds about a resident, for the copy they may ask for."""

from backend.foundation.personal_data import PersonalRecords, told
from shared.localized_text import LocalizedText

CHOICES = PersonalRecords(
    code="recommendations.choice",
    title=LocalizedText("个性化推荐开关", "Whether recommendations are yours"),
    collection="recommendation_choices",
    person="_id",
    kept=LocalizedText("服务期间保存。", "As long as you use the service."),
    told={
        "_id": told("resident_id", "居民编号", "Resident id"),
        "personalised": told("personalised", "是否个性化", "Personalised"),
        "since": told("since", "自何时起", "Since"),
    },
    purpose=LocalizedText("按您的选择推荐场馆", "Recommending venues the way you chose"),
    labels={},
)
PERSONAL = (CHOICES,)
