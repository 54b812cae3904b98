"""How sessions of examinations and their seats are stored."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel


class StoredExamSession(Document):
    """A session; its id is its code."""

    id: str  # type: ignore[assignment]  # a text of our own
    owner: str
    name: dict[str, str]
    venue: int
    starts_at: datetime
    ends_at: datetime
    seats: int
    early_minutes: int
    late_minutes: int
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "exam_sessions"


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
            IndexModel([("resident_id", ASCENDING), ("starts_at", DESCENDING)]),
            IndexModel(
                [("session", ASCENDING), ("resident_id", ASCENDING)],
                name="one_a_person",
                unique=True,
                # Of those who left the service nothing is known but that they had one.
                partialFilterExpression={"resident_id": {"$gt": ""}},
            ),
        ]
