"""How payout accounts are stored: one document for each that a person ever named."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

COLLECTION = "payout_accounts"


class PayoutAccount(Document):
    """One account; its number is sealed under the person's key of the account.

    It counts from `starts_at`, unless it was withdrawn, or replaced by another change, before.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    bank: str
    number_sealed: bytes
    asked_at: datetime
    starts_at: datetime
    withdrawn_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = COLLECTION
        keep_nulls = False
        indexes: ClassVar = [IndexModel([("resident_id", ASCENDING), ("starts_at", DESCENDING)])]
