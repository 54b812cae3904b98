"""How the choice for or against personal recommendations is stored."""

from datetime import datetime

from beanie import Document


class RecommendationChoice(Document):
    """What a resident chose, by whose id it goes; who never chose anything has none."""

    id: str  # type: ignore[assignment]  # the resident's id
    personalised: bool
    since: datetime

    class Settings:
        """Where it is stored."""

        name = "recommendation_choices"
