"""How mandates, what decides beside them, and notices about them are stored."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.mandates.rules import Ending, MandateState
from backend.mandates.scopes import Channel, Evidence, Relation, Scope


class StoredScope(BaseModel):
    """A scope and the time it may be used in."""

    scope: Scope
    since: datetime
    until: datetime | None = None


class StoredLimits(BaseModel):
    """What a delegate may pay, in fen."""

    per_act: int = 0
    per_day: int = 0
    per_month: int = 0


class StoredSpent(BaseModel):
    """What a delegate paid, in fen, on the local day of the last payment and in its month."""

    day: str
    day_fen: int
    month_fen: int


class StoredCode(BaseModel):
    """A delegate's phone that may show the principal's code.

    `serial` names it on that card as `shared/ecode/representation.py` says; `certified_until` is
    the end of its last certificate, `stopped_at` when it was stopped before.
    """

    card_index: int
    serial: int
    thumbprint: str
    algorithm: int
    public_key: bytes
    certified_until: datetime
    stopped_at: datetime | None = None


class Mandate(Document):
    """One mandate, from the invitation to its end and after (D1).

    `wished` are the scopes asked for; `scopes` stand from the confirmation. The text that was
    confirmed is named by version and hash. Of the invitation only a hash is kept; whoever made it
    is `offered_by`. `checker` says who checked the evidence: a member of staff, the register, or
    the principal. `due_at` is the next reminder or end, `used_at` the last use (the confirmation,
    before any), by which sensitive scopes lapse. `codes` are the delegate's phones that show the
    principal's code, stopped ones too. Every use writes the document, so that of a use
    and a revocation at the same moment one is first.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    principal: str | None = None
    delegate: str | None = None
    relation: Relation
    wished: list[Scope]
    days: int | None = None
    state: MandateState
    offered_by: str
    offered_at: datetime
    invitation: bytes | None = None
    invitation_until: datetime | None = None
    evidence: Evidence
    checker: str | None = None
    channel: Channel | None = None
    text_version: int
    text_hash: bytes
    scopes: list[StoredScope] = Field(default_factory=list)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ends_as: Ending | None = None
    confirmed_at: datetime | None = None
    review_by: datetime | None = None
    consent_from: datetime | None = None
    limits: StoredLimits = StoredLimits()
    spent: StoredSpent | None = None
    daily_views: bool = False
    disputed: bool = False
    money_frozen: bool = False
    used_at: datetime | None = None
    uses: int = 0
    codes: list[StoredCode] = Field(default_factory=list)
    due_at: datetime | None = None
    ended_at: datetime | None = None
    ended: Ending | None = None

    class Settings:
        """Where it is stored."""

        name = "mandates"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel("invitation", unique=True, sparse=True),
            IndexModel(
                [("principal", ASCENDING), ("offered_at", DESCENDING), ("_id", DESCENDING)],
                name="of_principal",
                partialFilterExpression={"principal": {"$exists": True}},
            ),
            IndexModel(
                [("delegate", ASCENDING), ("offered_at", DESCENDING), ("_id", DESCENDING)],
                name="of_delegate",
                partialFilterExpression={"delegate": {"$exists": True}},
            ),
            IndexModel("due_at", name="due", partialFilterExpression={"due_at": {"$exists": True}}),
            IndexModel(
                [("codes.card_index", ASCENDING), ("codes.serial", ASCENDING)],
                name="shown_code",
                unique=True,
                partialFilterExpression={"codes.card_index": {"$exists": True}},
            ),
            IndexModel("codes.stopped_at", name="stopped_code", sparse=True),
        ]


class StoredClaim(BaseModel):
    """A claim of kinship that an outlet found false 关系不实: by which mandate, and what it was."""

    mandate: str
    relation: Relation
    evidence: Evidence
    found_at: datetime
    found_by: str


class MandateParty(Document):
    """What of one person decides about mandates; every confirmation and stop writes it.

    `under_guardianship`: an adult for whom a guardian acts. `excluded`: whom a court keeps from
    acting for them. `false_claims`: what they claimed to be to others and were not, newest last
    (D27, S125). `acts` counts what a doorstep agent did on the local day `acted_on` (D31).
    """

    id: str  # type: ignore[assignment]  # the resident's id, not an ObjectId
    revision: int
    under_guardianship: bool = False
    excluded: list[str] = Field(default_factory=list)
    false_claims: list[StoredClaim] = Field(default_factory=list)
    acted_on: str | None = None
    acts: int = 0

    class Settings:
        """Where it is stored."""

        name = "mandate_parties"
        keep_nulls = False
        indexes: ClassVar = [IndexModel("excluded", sparse=True)]


class MandateNotice(Document):
    """What one person is told of a mandate; `sms_at`: when to look whether it goes by SMS.

    `times` counts views that the principal chose to be told of once a day. `by_delegate`: it is of
    what the delegate did, `of_principal` of what the principal did: whose name is put to it when it
    is read. `words_sealed`: the whole of it, where it tells what is never stored in the clear.
    """

    id: str  # type: ignore[assignment]  # a text of our own: what it is about, so that it is one
    person: str
    mandate: str
    code: str
    words: dict[str, str]
    words_sealed: bytes | None = None
    at: datetime
    times: int = 1
    sms_at: datetime | None = None
    by_delegate: bool | None = None
    of_principal: bool | None = None
    channel: str | None = None

    class Settings:
        """Where it is stored."""

        name = "mandate_notices"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("person", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel("mandate"),
            IndexModel(
                "sms_at", name="to_be_sent", partialFilterExpression={"sms_at": {"$exists": True}}
            ),
        ]
