"""How cards are stored: the card with its phones in one document, so that one write decides."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

CODE_KEPT = timedelta(days=7)


class CardState(StrEnum):
    """The card's state, the same for the physical card and its e-card."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"  # 临时挂失, reversible
    REVOKED = "REVOKED"  # 正式挂失 or 注销, final


class DeviceState(StrEnum):
    """Whether a phone may still speak for the card."""

    BOUND = "BOUND"
    UNBOUND = "UNBOUND"


class Device(BaseModel):
    """A phone enrolled for a card; `serial` counts 1, 2, 3 … and is never reused.

    `thumbprint` is the RFC 7638 thumbprint of its key, `certified_until` the end of its last
    certificate.
    """

    serial: int
    thumbprint: str
    algorithm: int
    public_key: bytes
    name: str
    state: DeviceState
    enrolled_at: datetime
    certified_until: datetime
    unbound_at: datetime | None = None


class Card(Document):
    """A card of one resident.

    `card_index` is random per card and never reused; `card_digest` stands for the physical card's
    识别码; `generation` is the physical card's (1 to 3).
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    region: int
    card_index: int
    card_digest: bytes | None = None
    generation: int
    state: CardState
    number_sealed: bytes
    number_tail: str
    devices: list[Device]
    issued_at: datetime
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "cards"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel("card_index", unique=True),
            IndexModel("card_digest", unique=True, sparse=True),
            IndexModel("devices.thumbprint", unique=True, sparse=True),
            # 一人一卡: a person has one card that counts.
            IndexModel(
                "resident_id",
                name="one_live_card",
                unique=True,
                partialFilterExpression={"state": {"$in": ["ACTIVE", "SUSPENDED"]}},
            ),
            IndexModel([("resident_id", ASCENDING), ("state", ASCENDING)]),
            IndexModel("changed_at"),
            IndexModel(
                "state", partialFilterExpression={"state": {"$in": ["SUSPENDED", "REVOKED"]}}
            ),
            IndexModel("devices.unbound_at", sparse=True),
        ]


class EnrolmentCode(Document):
    """An activation code 激活码 for one card; its id is the code's keyed hash."""

    id: str  # type: ignore[assignment]  # a hash, not an ObjectId
    card_id: str
    expires_at: datetime
    used_by: str | None = None

    class Settings:
        """Where it is stored."""

        name = "enrolment_codes"
        indexes: ClassVar = [
            IndexModel("card_id"),
            IndexModel("expires_at", expireAfterSeconds=int(CODE_KEPT.total_seconds())),
        ]


class StoredStatusList(Document):
    """A signed status list; its id is the epoch. `read_at` is when reading the cards began."""

    id: int  # type: ignore[assignment]  # the epoch, not an ObjectId
    content: bytes
    read_at: datetime
    issued_at: datetime
    valid_until: datetime

    class Settings:
        """Where it is stored."""

        name = "status_lists"
