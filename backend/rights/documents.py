"""How acknowledgements and consents are stored: one row each, which version, and when."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel


class NoticeReceipt(Document):
    """A resident acknowledged one version of a notice; `digest` names its words."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    notice: str
    version: int
    digest: str
    acknowledged_at: datetime

    class Settings:
        """Where it is stored."""

        name = "notice_receipts"
        indexes: ClassVar = [
            IndexModel(
                [("resident_id", ASCENDING), ("notice", ASCENDING), ("version", ASCENDING)],
                unique=True,
            )
        ]


class ConsentReceipt(Document):
    """A resident's separate consent to one purpose, from when until when, as it was explained.

    `latest` marks the last one given for the purpose; there is one at most. A withdrawn receipt
    stays, with the instant of withdrawal.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    purpose: str
    version: int
    digest: str
    title: dict[str, str]
    fields: list[dict[str, str]]
    recipient: dict[str, Any]
    given_at: datetime
    until: datetime
    withdrawn_at: datetime | None = None
    latest: bool

    class Settings:
        """Where it is stored."""

        name = "consent_receipts"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("resident_id", ASCENDING), ("purpose", ASCENDING)],
                name="latest_consent",
                unique=True,
                partialFilterExpression={"latest": True},
            ),
            IndexModel([("resident_id", ASCENDING), ("given_at", DESCENDING), ("_id", DESCENDING)]),
        ]
