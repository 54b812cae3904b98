"""How ratings are stored: who answered in one place, what was answered in another.

Nothing joins the two: a slip holds neither a grade nor an instant, and a count holds no person.
"""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pymongo import ASCENDING, IndexModel


class SurveySlip(Document):
    """That a visit was rated, and by whom; its id is the visit's. It ends by itself."""

    id: str  # type: ignore[assignment]  # the scan's id, not an ObjectId
    resident_id: str
    venue: int
    month: str
    until: datetime

    class Settings:
        """Where it is stored."""

        name = "survey_slips"
        indexes: ClassVar = [
            IndexModel(
                [("resident_id", ASCENDING), ("venue", ASCENDING), ("month", ASCENDING)],
                name="one_rating_a_month",
                unique=True,
            ),
            IndexModel("until", expireAfterSeconds=0),
        ]


class SatisfactionCount(Document):
    """How often each grade was given to a venue in a local month; its id is venue and month."""

    id: str  # type: ignore[assignment]  # see above
    counts: dict[str, int]

    class Settings:
        """Where it is stored."""

        name = "satisfaction_counts"
