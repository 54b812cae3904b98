"""How residents are stored: sealed, found by blind indexes only."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

from backend.residents.merge_rules import UNDER_WAY, WAITING, MergeState
from backend.residents.rules import Assurance, PersonField, Source


class ResidentStatus(StrEnum):
    """Whether the person is a resident of the city."""

    RESIDENT = "resident"
    MOVED_AWAY = "moved_away"
    DECEASED = "deceased"
    CLOSED = "closed"  # 已注销: the record was erased


ON_RECORD = frozenset({ResidentStatus.RESIDENT, ResidentStatus.MOVED_AWAY})
"""Who may use a card: moving away ends one ground for it, and a review decides the rest (S13)."""


class Origin(BaseModel):
    """Where a field's value comes from, and since when it stands."""

    source: Source
    at: datetime


class FormerName(BaseModel):
    """A name the person had before, and until when; sealed for the field `former_name_<n>`."""

    sealed: bytes
    origin: Origin
    until: datetime


class StatedValue(BaseModel):
    """What another source says of a field than the one whose word stands (`source_rules`).

    Sealed for the field `stated_<field>_<source>`; a clerk has to settle it while `in_conflict`.
    """

    field: PersonField
    origin: Origin
    sealed: bytes
    in_conflict: bool


class Resident(Document):
    """One person; number, name, birth date and phone are sealed under keys of the person's own.

    Each is sealed for its field and this document (`foundation/person_keys`): the phone under the
    account's key, the rest under the register's. `origins` tells for each field where it comes
    from, `stated` what other sources say of it. `registered_at` never changes, `changed_at` does
    with every change. `closed_at` stands where the person closed their account; once the record is
    erased too it holds no value and no index, and whoever registers again gets another record.
    `merged_into` names the record of the same person that is kept instead (`same_person`).
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    number_index: bytes | None = None
    number_sealed: bytes | None = None
    name_sealed: bytes | None = None
    birth_sealed: bytes | None = None
    phone_index: bytes | None = None
    phone_sealed: bytes | None = None
    region: int
    status: ResidentStatus
    assurance: Assurance
    origins: dict[str, Origin]
    former_names: list[FormerName]
    stated: list[StatedValue] | None = None
    registered_at: datetime
    changed_at: datetime
    closed_at: datetime | None = None
    merged_into: str | None = None

    class Settings:
        """Where it is stored."""

        name = "residents"
        keep_nulls = False
        indexes: ClassVar = [
            # Sparse: a record that was erased has no number.
            IndexModel("number_index", unique=True, sparse=True),
            # A family may share a phone.
            IndexModel("phone_index", sparse=True),
            IndexModel("merged_into", sparse=True),
            IndexModel(
                [("registered_at", ASCENDING), ("_id", ASCENDING)],
                name="conflicts_to_settle",
                partialFilterExpression={"stated.in_conflict": True},
            ),
        ]


class RecordMerge(Document):
    """That two records are one person's, as two officers found; the record kept comes first.

    `asked_by` proposed the last step, the merge or its undoing, and `decided_by` decided it.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_ids: list[str]
    merged: str
    state: MergeState
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "record_merges"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel("resident_ids"),
            IndexModel(
                "merged",
                name="one_merge_under_way",
                unique=True,
                partialFilterExpression={"state": {"$in": [one.value for one in UNDER_WAY]}},
            ),
            IndexModel(
                [("asked_at", ASCENDING), ("_id", ASCENDING)],
                name="merges_waiting",
                partialFilterExpression={"state": {"$in": [one.value for one in WAITING]}},
            ),
        ]


class ResidentEventKind(StrEnum):
    """What the population register told about a resident."""

    DECEASED = "resident_deceased"
    DEATH_WITHDRAWN = "resident_death_withdrawn"
    RENAMED = "resident_renamed"
    MOVED_AWAY = "resident_moved_away"
    RETURNED = "resident_returned"


class StoredResidentEvent(Document):
    """A change of a resident, for the areas above to act on; its id is the change's and hers."""

    id: str  # type: ignore[assignment]  # a text of our own, not an ObjectId
    resident_id: str
    kind: ResidentEventKind
    at: datetime

    class Settings:
        """Where it is stored."""

        name = "resident_events"
        indexes: ClassVar = [
            IndexModel([("at", ASCENDING), ("_id", ASCENDING)]),
            IndexModel("resident_id"),
        ]


class EligibilityGround(Document):
    """A ground for holding the card; what it says is sealed, `ends_at` is where it no longer holds.

    `settled` says that somebody looked after it ended.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    sealed: bytes
    starts_at: datetime
    ends_at: datetime | None = None
    settled: bool = False
    recorded_at: datetime

    class Settings:
        """Where it is stored."""

        name = "eligibility_grounds"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel("resident_id"),
            IndexModel("ends_at", partialFilterExpression={"settled": False}),
        ]


class RegisterCursor(Document):
    """How far the population register's changes were followed; one document.

    `event_at` is the moment of the last events it led to.
    """

    id: str  # type: ignore[assignment]  # a fixed text, not an ObjectId
    after: str
    event_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "register_cursors"


class LoadedPopulation(Document):
    """How much of a made-up population is in the store; one document."""

    id: str  # type: ignore[assignment]  # a fixed text, not an ObjectId
    seed: int
    loaded: int

    class Settings:
        """Where it is stored."""

        name = "loaded_populations"
