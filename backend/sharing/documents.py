"""How consumers, agreements, their calls and impact assessments are stored."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.sharing.assessment_rules import Processing
from backend.sharing.rules import AgreementState, LegalBasis

COUNTED = timedelta(days=2)


class DataConsumer(Document):
    """A department's or partner's system that asks for data; its id is its code."""

    id: str  # type: ignore[assignment]  # the code, not an ObjectId
    zh: str
    en: str
    thumbprint: str
    stopped: bool = False
    abroad: bool = False
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "data_consumers"
        indexes: ClassVar = [IndexModel("thumbprint", unique=True)]


class Provider(BaseModel):
    """The department that gives the data."""

    code: str
    zh: str
    en: str


class StoredAgreement(Document):
    """One version of an agreement; its terms never change, and at most one version is `live`.

    Its id is the agreement's and the version's number.
    """

    id: str  # type: ignore[assignment]  # a text of our own, not an ObjectId
    agreement: str
    version: int
    live: bool
    state: AgreementState
    provider: Provider
    consumer: str
    fields: list[dict[str, Any]]
    purpose: str
    purpose_words: dict[str, str]
    basis: LegalBasis
    basis_words: dict[str, str]
    consent_purpose: str | None = None
    transfer: dict[str, Any] | None = None
    starts_at: datetime
    ends_at: datetime
    per_day: int
    per_minute: int
    assessment: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    reason: str | None = None
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "sharing_agreements"
        keep_nulls = False
        indexes: ClassVar = [
            # The version that counts comes first, else the newest.
            IndexModel(
                [("agreement", ASCENDING), ("live", DESCENDING), ("version", DESCENDING)],
                name="counting",
            ),
            IndexModel(
                [("agreement", ASCENDING), ("version", DESCENDING)], name="versions", unique=True
            ),
            IndexModel(
                "agreement",
                name="one_live",
                unique=True,
                partialFilterExpression={"live": True},
            ),
            IndexModel([("proposed_at", DESCENDING), ("_id", DESCENDING)], name="newest"),
            IndexModel(
                [("state", ASCENDING), ("proposed_at", DESCENDING), ("_id", DESCENDING)],
                name="of_state",
            ),
            IndexModel([("assessment", ASCENDING), ("state", ASCENDING)], name="resting_on"),
        ]


class SharingCount(Document):
    """How many calls an agreement had in a minute or a local day; its id names both."""

    id: str  # type: ignore[assignment]  # agreement and time, not an ObjectId
    calls: int
    at: datetime

    class Settings:
        """Where it is stored."""

        name = "sharing_counts"
        indexes: ClassVar = [IndexModel("at", expireAfterSeconds=int(COUNTED.total_seconds()))]


class VisitDay(Document):
    """Visits of a local day, as far as they may be told; its id is the day, and it never changes.

    `others` are the venues that are not named, together.
    """

    id: str  # type: ignore[assignment]  # the day, not an ObjectId
    venues: list[dict[str, Any]]
    others: int | None
    total: int | None
    counted_at: datetime

    class Settings:
        """Where it is stored."""

        name = "visit_days"


class ImpactAssessment(Document):
    """A record of the register; nothing deletes it, so it is kept three years and longer."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    title: str
    kinds: list[Processing]
    items: list[str]
    necessity: str
    impact: str
    measures: str
    starts_at: datetime
    ends_at: datetime
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    reason: str | None = None

    class Settings:
        """Where it is stored."""

        name = "impact_assessments"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("recorded_at", DESCENDING), ("_id", DESCENDING)], name="newest")
        ]
