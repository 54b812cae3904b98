"""How groups of venues, accounts and the ledger of stored value are stored; money in fen."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.stored_value.rules import EntryKind, GroupState


class StoredValueGroup(Document):
    """Venues that share a stored value; its id is its code."""

    id: str  # type: ignore[assignment]  # a text of our own
    name: dict[str, str]
    venues: list[int]
    prices: list[dict[str, Any]]
    terms: list[dict[str, Any]]
    state: GroupState
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "value_groups"
        indexes: ClassVar = [IndexModel([("venues", ASCENDING), ("_id", ASCENDING)])]


class StoredValueAccount(Document):
    """What one person stored with one group: the sums of its ledger, changed only with a row of it.

    Every write that takes from `balance` does so on the condition that it is there.
    """

    id: str  # type: ignore[assignment]  # a random text
    resident_id: str
    group: str
    topped_up: int = 0
    spent: int = 0
    refunded: int = 0
    balance: int = 0
    opened_at: datetime
    changed_at: datetime

    class Settings:
        """Where it is stored: one a person and group."""

        name = "value_accounts"
        indexes: ClassVar = [
            IndexModel([("resident_id", ASCENDING), ("group", ASCENDING)], unique=True),
            IndexModel("group", name="to_refund", partialFilterExpression={"balance": {"$gt": 0}}),
        ]


class StoredValueEntry(Document):
    """A row of the ledger: added and never changed; the database's role forbids it (`infra`).

    Its person stands in it by their random id alone. `reference` is the receipt of a top-up,
    `booking` the court that was paid for; `after` is the balance then, `by` who did it.
    `payee` is the payout account that counted at a refund; without one its payment waits (D22).
    """

    id: str  # type: ignore[assignment]  # a random text, or one of our own where there is one
    account: str
    resident_id: str
    group: str
    kind: EntryKind
    fen: int
    after: int
    at: datetime
    by: str
    venue: int | None = None
    booking: str | None = None
    reference: str | None = None
    payee: str | None = None

    class Settings:
        """Where it is stored: a receipt counts once, a booking is paid for once."""

        name = "value_entries"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("account", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("resident_id", ASCENDING), ("at", DESCENDING)]),
            IndexModel(
                [("group", ASCENDING), ("reference", ASCENDING)],
                name="receipt_once",
                unique=True,
                partialFilterExpression={"reference": {"$exists": True}},
            ),
            IndexModel(
                [("booking", ASCENDING), ("kind", ASCENDING)],
                name="booking_once",
                unique=True,
                partialFilterExpression={"booking": {"$exists": True}},
            ),
        ]
