"""How products, passes, their uses and training vouchers are stored; days are ISO texts."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.passes.rules import PassKind, PassState
from backend.passes.voucher_rules import VoucherState

USES_KEPT = timedelta(days=180)
"""As long as the scans they were counted for."""


class StoredProduct(Document):
    """A product as data; its id is its code. `terms` are prices, scene and regions on the wire."""

    id: str  # type: ignore[assignment]  # a text of our own
    kind: PassKind
    name: dict[str, str]
    venues: list[int]
    terms: dict[str, Any]
    on_sale: dict[str, Any]
    uses: int | None = None
    valid_days: int | None = None
    season: dict[str, Any] | None = None
    blackouts: list[dict[str, Any]] = Field(default_factory=list)
    daily: bool = False
    quota: int | None = None
    per_holder: int = 1
    refund_days: int | None = None
    personal: bool = True
    closed: bool = False
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "pass_products"
        keep_nulls = False
        indexes: ClassVar = [IndexModel([("venues", ASCENDING), ("_id", ASCENDING)])]


class PassStock(Document):
    """How many of a product were given out: in all, or of one day; its id says which."""

    id: str  # type: ignore[assignment]  # a text of our own: product, and day
    taken: int

    class Settings:
        """Where it is stored."""

        name = "pass_stocks"


class PassAllowance(Document):
    """How many of a product one person took; its id is made of both."""

    id: str  # type: ignore[assignment]  # see above
    resident_id: str
    taken: int

    class Settings:
        """Where it is stored."""

        name = "pass_allowances"
        indexes: ClassVar = [IndexModel("resident_id")]


class Invitation(BaseModel):
    """A pass is being handed on to whoever sends this text."""

    text: str
    until: datetime


class StoredPass(Document):
    """A pass of one holder, with what its product said when it was taken.

    `used` and `left` add up to `uses`, or there is no limit and neither of the two is stored;
    `over` counts who came in beyond that. `quantity` persons took it of the stock `stock`. It is
    the present holder's since `held_since`.
    """

    id: str  # type: ignore[assignment]  # a random text
    resident_id: str
    product: str
    kind: PassKind
    name: dict[str, str]
    venues: list[int]
    first: str
    last: str
    uses: int | None = None
    left: int | None = None
    used: int = 0
    over: int = 0
    blackouts: list[dict[str, Any]] = Field(default_factory=list)
    personal: bool
    quantity: int
    stock: str
    state: PassState
    lines: list[dict[str, Any]]
    paid_fen: int
    reference: str | None = None
    refund_until: str | None = None
    issued_at: datetime
    held_since: datetime
    changed_at: datetime
    ended_at: datetime | None = None
    invitation: Invitation | None = None

    class Settings:
        """Where it is stored."""

        name = "passes"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("resident_id", ASCENDING), ("issued_at", DESCENDING), ("_id", DESCENDING)]
            ),
            # Equality, then the order of a reader's set, then the range (`entries.of_venue`).
            IndexModel(
                [
                    ("venues", ASCENDING),
                    ("state", ASCENDING),
                    ("resident_id", ASCENDING),
                    ("last", ASCENDING),
                ]
            ),
            IndexModel(
                [("venues", ASCENDING), ("last", ASCENDING)],
                name="closure",
                partialFilterExpression={"state": PassState.ACTIVE.value},
            ),
            IndexModel(
                "invitation.text",
                name="invitation",
                unique=True,
                partialFilterExpression={"invitation.text": {"$exists": True}},
            ),
        ]


class PassUse(Document):
    """What one scan counted on one pass; its id is made of both, so that it is counted once.

    Of `persons` who came in `counted` were taken off what was left.
    """

    id: str  # type: ignore[assignment]  # scan and pass
    pass_id: str
    resident_id: str
    persons: int
    counted: int
    flags: list[str]
    at: datetime
    counted_at: datetime

    class Settings:
        """Where it is stored, as long as the scan."""

        name = "pass_uses"
        indexes: ClassVar = [
            IndexModel([("resident_id", ASCENDING), ("at", DESCENDING)]),
            IndexModel("counted_at", expireAfterSeconds=int(USES_KEPT.total_seconds())),
        ]


class VoucherProgramme(Document):
    """A programme of training vouchers; its id is its code."""

    id: str  # type: ignore[assignment]  # a text of our own
    name: dict[str, str]
    value_fen: int
    course_types: list[str]
    valid_days: int
    hold_days: int
    least_percent: int
    quota: int | None = None
    issued: int = 0
    closed: bool = False

    class Settings:
        """Where it is stored."""

        name = "voucher_programmes"
        keep_nulls = False


class Reservation(BaseModel):
    """A seat in a course that a voucher is meant for; nobody else's and no other voucher's."""

    course_type: str
    course: str
    provider: int
    starts_on: str
    at: datetime
    until: datetime


class Settlement(BaseModel):
    """What a voucher paid for: hours attended of hours planned, and what is owed for them."""

    attended: int
    planned: int
    fen: int
    at: datetime


class TrainingVoucher(Document):
    """A training voucher 职业培训券 of one person, with what its programme said then."""

    id: str  # type: ignore[assignment]  # a random text
    resident_id: str
    programme: str
    name: dict[str, str]
    value_fen: int
    course_types: list[str]
    hold_days: int
    least_percent: int
    first: str
    last: str
    state: VoucherState
    issued_at: datetime
    changed_at: datetime
    revision: int
    reservation: Reservation | None = None
    settlement: Settlement | None = None

    class Settings:
        """Where it is stored: one a person and programme."""

        name = "training_vouchers"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("resident_id", ASCENDING), ("issued_at", DESCENDING), ("_id", DESCENDING)]
            ),
            IndexModel(
                [("resident_id", ASCENDING), ("programme", ASCENDING)],
                name="one_a_person",
                unique=True,
                # Of those who left the service nothing is known but that they had one.
                partialFilterExpression={"resident_id": {"$gt": ""}},
            ),
        ]
