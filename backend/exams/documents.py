"""How sessions of examinations and their seats are stored."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel


class RegistrationTerms(BaseModel):
    """Under which terms people register themselves for a session."""

    opens_at: datetime
    closes_at: datetime
    places: int
    youngest: int
    oldest: int | None = None
    categories: list[str]
    fee_fen: int
    free_for: list[str]


class StoredExamSession(Document):
    """A session; its id is its code.

    `taken` counts the registrations that stand and the seats that were given without one;
    `registered` counts those that are on the roll, with the writes that change it.
    """

    id: str  # type: ignore[assignment]  # a text of our own
    owner: str
    name: dict[str, str]
    venue: int
    starts_at: datetime
    ends_at: datetime
    seats: int
    early_minutes: int
    late_minutes: int
    taken: int = 0
    registered: int = 0
    registration: RegistrationTerms | None = None
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "exam_sessions"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("registration.closes_at", ASCENDING)],
                name="open_for_registration",
                partialFilterExpression={"registration.closes_at": {"$exists": True}},
            ),
        ]


class ExamRegistration(Document):
    """A person's registration 报名 for a session; whoever registers again has the same row.

    `lines` are the fee as it was quoted.
    """

    id: str  # type: ignore[assignment]  # a text of our own
    session: str
    resident_id: str
    state: str
    starts_at: datetime
    ends_at: datetime
    lines: list[dict[str, Any]]
    registered_at: datetime
    changed_at: datetime

    class Settings:
        """Where it is stored: one a person and session."""

        name = "exam_registrations"
        indexes: ClassVar = [
            IndexModel([("resident_id", ASCENDING), ("starts_at", DESCENDING)]),
            IndexModel([("session", ASCENDING), ("state", ASCENDING)]),
            IndexModel(
                [("session", ASCENDING), ("registered_at", ASCENDING), ("_id", ASCENDING)],
                name="roll",
            ),
            IndexModel(
                [("session", ASCENDING), ("resident_id", ASCENDING)],
                name="one_a_person",
                unique=True,
                # Of those who left the service nothing is known but that they had one.
                partialFilterExpression={"resident_id": {"$gt": ""}},
            ),
        ]


class ExamSeat(Document):
    """A seat of one person; its id is made of session and seat, so that it is one person's.

    `entered_at` is set once. `photo` says how the comparison at the door ended, if it was made.
    """

    id: str  # type: ignore[assignment]  # a text of our own
    session: str
    seat: int
    resident_id: str
    starts_at: datetime
    ends_at: datetime
    assigned_at: datetime
    entered_at: datetime | None = None
    photo: str | None = None
    impersonated_at: datetime | None = None

    class Settings:
        """Where it is stored: one a person and session."""

        name = "exam_seats"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("session", ASCENDING), ("seat", ASCENDING)]),
            IndexModel([("resident_id", ASCENDING), ("starts_at", DESCENDING)]),
            IndexModel(
                [("session", ASCENDING), ("resident_id", ASCENDING)],
                name="one_a_person",
                unique=True,
                # Of those who left the service nothing is known but that they had one.
                partialFilterExpression={"resident_id": {"$gt": ""}},
            ),
        ]
