"""How help requests are stored."""

from datetime import datetime, timedelta
from typing import ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.help_requests.rules import HelpTopic

_FORGOTTEN = timedelta(days=30)


class HelpRequest(Document):
    """One request; it stands to `until` unless it was answered or withdrawn before."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    mandate: str
    principal: str
    delegate: str
    topic: HelpTopic
    asked_at: datetime
    until: datetime
    answered_at: datetime | None = None
    withdrawn_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "help_requests"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("principal", ASCENDING), ("until", DESCENDING)]),
            IndexModel([("delegate", ASCENDING), ("until", DESCENDING)]),
            IndexModel("until", expireAfterSeconds=int(_FORGOTTEN.total_seconds())),
        ]
