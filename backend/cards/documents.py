"""How cards are stored: the card with its phones in one document, so that one write decides."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

from backend.cards.lifecycle import ENDED, EXPIRABLE, LIVE, PENDING, CardEvent, CardState
from backend.cards.rules import DeviceState
from backend.foundation.audit_outbox import outbox_index
from shared.wire.request_proof import ProvenKey

CODE_KEPT = timedelta(days=7)
PAPER_KEPT = timedelta(days=30)


class Device(BaseModel):
    """A phone enrolled for a card; `serial` counts 1, 2, 3 … and is never reused.

    `thumbprint` is the RFC 7638 thumbprint of its key. `certified_until` and `renew_after` are
    those of its last certificate, None before the first; `renewal_key` and `certificate` let a
    repeated renewal be answered as the first time.
    """

    serial: int
    thumbprint: str
    algorithm: int
    public_key: bytes
    name: str
    state: DeviceState
    enrolled_at: datetime
    certified_until: datetime | None = None
    renew_after: datetime | None = None
    certificate: bytes | None = None
    renewal_key: bytes | None = None
    unbound_at: datetime | None = None

    def on_a_new_card(self, serial: int) -> "Device":
        """Return this phone as it begins on the card that follows: without a certificate."""
        return Device(
            serial=serial,
            thumbprint=self.thumbprint,
            algorithm=self.algorithm,
            public_key=self.public_key,
            name=self.name,
            state=self.state,
            enrolled_at=self.enrolled_at,
        )


class Pin(BaseModel):
    """The card's PIN: a keyed hash, and how often it went wrong and was unlocked."""

    check: bytes | None = None
    wrong: int = 0
    unlocks: int = 0


class Card(Document):
    """A card of one resident.

    `card_index` is random per card and never reused; `card_digest` stands for the physical card's
    识别码; `generation` is the physical card's (1 to 3). `version` counts a person's cards,
    `replaces` names the one before; `account_reference` names the account that payments reach and
    is kept, like the number, by 保号换卡. `stopped_by_death` marks a card that was in use until its
    holder's death suspended it. `revision` counts the card's events. `expires_at` is the
    first instant at which the card no longer counts. `judged` tells for phones, by their serials,
    until when what their certificate says stands; `facts` counts what ended that (`judgements`).
    `outbox` holds audit rows on their way to the log.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    region: int
    card_index: int
    card_digest: bytes | None = None
    generation: int
    version: int = 1
    replaces: str | None = None
    state: CardState
    account_reference: str
    account_active: bool = False
    number_sealed: bytes | None = None
    number_tail: str = ""
    number_kept: bool = False
    pin: Pin = Pin()
    devices: list[Device]
    stopped_by_death: bool = False
    issued_at: datetime
    changed_at: datetime
    expires_at: datetime | None = None
    revision: int = 0
    facts: int = 0
    judged: dict[str, datetime] | None = None
    outbox: list[dict[str, Any]] | None = None

    def new_device(self, key: ProvenKey, name: str, now: datetime) -> Device:
        """Return a phone that waits for the holder to be verified, with the next serial."""
        return Device(
            serial=1 + max((device.serial for device in self.devices), default=0),
            thumbprint=key.thumbprint,
            algorithm=key.public.algorithm,
            public_key=key.public.raw,
            name=name,
            state=DeviceState.AWAITING_VERIFICATION,
            enrolled_at=now,
        )

    def waiting_device(self, thumbprint: str) -> Device | None:
        """Return the phone of that key where it waits for the holder to be verified."""
        waiting = DeviceState.AWAITING_VERIFICATION
        return next(
            (d for d in self.devices if d.thumbprint == thumbprint and d.state is waiting), None
        )

    class Settings:
        """Where it is stored."""

        name = "cards"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel("card_index", unique=True),
            IndexModel("card_digest", unique=True, sparse=True),
            IndexModel("devices.thumbprint", unique=True, sparse=True),
            # 一人一卡: a person has one card that counts, and one on its way.
            IndexModel(
                "resident_id",
                name="one_live_card",
                unique=True,
                partialFilterExpression={"state": {"$in": list(LIVE)}},
            ),
            IndexModel(
                # With the region, because Beanie keeps only one index for the same keys.
                [("resident_id", ASCENDING), ("region", ASCENDING)],
                name="one_pending_card",
                unique=True,
                partialFilterExpression={"state": {"$in": list(PENDING)}},
            ),
            IndexModel([("resident_id", ASCENDING), ("version", ASCENDING)]),
            IndexModel("changed_at"),
            IndexModel(
                "state",
                name="listed_state",
                partialFilterExpression={"state": {"$in": [CardState.SUSPENDED, *ENDED]}},
            ),
            IndexModel("expires_at", partialFilterExpression={"state": {"$in": list(EXPIRABLE)}}),
            IndexModel("devices.unbound_at", sparse=True),
            outbox_index("issued_at"),
        ]


class CardEventRow(Document):
    """One event of a card; only ever inserted. `(card_id, revision)` leaves no gap."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    card_id: str
    revision: int
    at: datetime
    event: CardEvent
    before: CardState | None = None
    after: CardState
    actor_id: str

    class Settings:
        """Where it is stored."""

        name = "card_events"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("card_id", ASCENDING), ("revision", ASCENDING)], unique=True)
        ]


class AttestationRow(Document):
    """One authority's word that a person belongs to a category; what it says is sealed."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    sealed: bytes
    recorded_at: datetime

    class Settings:
        """Where it is stored."""

        name = "attestations"
        indexes: ClassVar = [IndexModel("resident_id")]


class HolderCursor(Document):
    """How far the residents' events were acted on; one document, the last event's place."""

    id: str  # type: ignore[assignment]  # a fixed text, not an ObjectId
    at: datetime
    event_id: str

    class Settings:
        """Where it is stored."""

        name = "holder_cursors"


class ReviewState(StrEnum):
    """Where a review of somebody's grounds stands."""

    OPEN = "open"
    KEPT = "kept"
    ENDED = "ended"


class EligibilityReview(Document):
    """A review of somebody who lost their last ground for the card; one that is open a person."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    state: ReviewState
    opened_at: datetime
    due_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None

    class Settings:
        """Where it is stored."""

        name = "eligibility_reviews"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                "resident_id",
                name="one_open_review",
                unique=True,
                partialFilterExpression={"state": ReviewState.OPEN.value},
            ),
            # With the time, because Beanie keeps only one index for the same keys.
            IndexModel([("resident_id", ASCENDING), ("opened_at", ASCENDING)]),
            IndexModel([("state", ASCENDING), ("due_at", ASCENDING), ("_id", ASCENDING)]),
        ]


class StoredPolicy(Document):
    """What an e-card may do in each card state, as the city set it; its id is `ECARD_POLICY`."""

    id: str  # type: ignore[assignment]  # a name, not an ObjectId
    allowed: dict[str, list[str]]
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "policies"


class FigureKind(StrEnum):
    """What an issuance rate is compared with."""

    PEOPLE = "people"
    TARGET = "target"


class IssuanceDay(Document):
    """How many cards of a region were in use on a local day, and how many of them as e-cards."""

    id: str  # type: ignore[assignment]  # the day and the region, not an ObjectId
    day: str
    region: int
    cards: int
    ecards: int
    counted_at: datetime

    class Settings:
        """Where it is stored."""

        name = "issuance_days"
        indexes: ClassVar = [
            IndexModel([("region", ASCENDING), ("day", ASCENDING)]),
            IndexModel("day"),
        ]


class IssuanceFigure(Document):
    """A figure of the issuance rate, or its revision; only ever inserted."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    region: int
    kind: FigureKind
    counts_from: str
    value: int
    source: str
    recorded_at: datetime

    class Settings:
        """Where it is stored."""

        name = "issuance_figures"
        indexes: ClassVar = [
            IndexModel([("region", ASCENDING), ("recorded_at", ASCENDING), ("_id", ASCENDING)])
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


class PaperMaker(StrEnum):
    """Who had a code put on paper."""

    HOLDER = "HOLDER"
    DELEGATE = "DELEGATE"  # 代办人
    OUTLET = "OUTLET"  # 网点


class PaperCode(Document):
    """A card's code on paper 纸质当日码 for one local day; `live` until it is stopped.

    `code_sealed` is what the sheet shows: whoever has it has the code. One made under `mandate`
    stands among that mandate's codes too, and what ends the mandate stops it there.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    card_id: str
    card_index: int
    serial: int
    algorithm: int
    public_key: bytes
    day: str
    made_at: datetime
    made_by: PaperMaker
    mandate: str | None = None
    ends_at: datetime
    code_sealed: bytes
    live: bool = True
    stopped_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "paper_codes"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("card_id", ASCENDING), ("day", ASCENDING)],
                name="one_live_paper_a_day",
                unique=True,
                partialFilterExpression={"live": True},
            ),
            IndexModel([("card_id", ASCENDING), ("day", ASCENDING), ("made_at", ASCENDING)]),
            IndexModel(
                [("card_index", ASCENDING), ("serial", ASCENDING)], name="paper_serial", unique=True
            ),
            IndexModel([("resident_id", ASCENDING), ("made_at", ASCENDING)]),
            IndexModel("stopped_at", sparse=True),
            IndexModel("ends_at", expireAfterSeconds=int(PAPER_KEPT.total_seconds())),
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
