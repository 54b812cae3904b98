"""How notices, consents, closings and corrections are stored: one row each."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.rights.closing_rules import UNDER_WAY, ClosingState
from backend.rights.correction_rules import CorrectableField, CorrectionState


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


class Closing(Document):
    """A resident's wish that their account be closed, and how far it came.

    `due_at` is when the sweep looks at it next. `closed_at` names the instant at which the account
    was closed, which the resident's record carries too for as long as they have no account again.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    state: ClosingState
    requested_at: datetime
    effective_at: datetime
    due_at: datetime
    closed_at: datetime | None = None
    settled_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "closings"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                "resident_id",
                name="one_closing_under_way",
                unique=True,
                partialFilterExpression={"state": {"$in": list(UNDER_WAY)}},
            ),
            IndexModel("due_at", partialFilterExpression={"state": {"$in": list(UNDER_WAY)}}),
            IndexModel(
                [("resident_id", ASCENDING), ("requested_at", DESCENDING), ("state", ASCENDING)]
            ),
        ]


class CorrectionCase(Document):
    """A resident's request that a field be corrected; value and explanation are sealed.

    `reason` is the clerk's, in words that hold no number. `submitted_by` is the clerk who opened it
    for a relative of the deceased; they do not decide it.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    field: CorrectableField
    state: CorrectionState
    value_sealed: bytes
    explanation_sealed: bytes
    submitted_at: datetime
    submitted_by: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None

    class Settings:
        """Where it is stored."""

        name = "corrections"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("resident_id", ASCENDING), ("field", ASCENDING)],
                name="one_case_a_field",
                unique=True,
                partialFilterExpression={"state": CorrectionState.SUBMITTED},
            ),
            IndexModel(
                [("resident_id", ASCENDING), ("submitted_at", DESCENDING), ("_id", DESCENDING)]
            ),
            # The clerks' queue, the oldest first.
            IndexModel(
                [("state", ASCENDING), ("submitted_at", ASCENDING), ("_id", ASCENDING)],
                name="cases_waiting",
                partialFilterExpression={"state": CorrectionState.SUBMITTED},
            ),
        ]
