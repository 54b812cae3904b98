"""How payments of subsidies are stored: one document each, as its department filed it last."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

COLLECTION = "subsidy_payments"


class SubsidyPayment(Document):
    """A payment to a person; the account's last four digits are sealed under their own key.

    `reference` is the payer's own name of it, one for ever.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    payer: str
    payer_name: dict[str, str]
    reference: str
    resident_id: str
    policy: dict[str, str]
    period: str
    amount_fen: int
    bank: dict[str, str]
    tail_sealed: bytes
    state: str
    reason: str | None = None
    filed_at: datetime
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = COLLECTION
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("payer", ASCENDING), ("reference", ASCENDING)],
                name="one_a_reference",
                unique=True,
            ),
            IndexModel([("resident_id", ASCENDING), ("filed_at", DESCENDING), ("_id", DESCENDING)]),
        ]
