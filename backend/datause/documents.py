"""How it is stored that an alert was looked at; the row that raised it is never changed."""

from datetime import datetime

from beanie import Document


class AlertAcknowledgement(Document):
    """Who looked at an alert; its id is the alert's row."""

    id: str  # type: ignore[assignment]  # the audit row's id, not an ObjectId
    by: str
    at: datetime

    class Settings:
        """Where it is stored."""

        name = "alert_acknowledgements"
