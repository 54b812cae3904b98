"""How residents are stored: sealed, found by a blind index only."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beanie import Document
from pymongo import IndexModel


class ResidentStatus(StrEnum):
    """Whether the person is a resident of the city."""

    RESIDENT = "resident"
    MOVED_AWAY = "moved_away"
    DECEASED = "deceased"


class Resident(Document):
    """One person; number, name and birth date are sealed for their field and this document."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    number_index: bytes
    number_sealed: bytes
    name_sealed: bytes
    birth_sealed: bytes
    region: int
    status: ResidentStatus
    registered_at: datetime

    class Settings:
        """Where it is stored."""

        name = "residents"
        indexes: ClassVar = [IndexModel("number_index", unique=True)]
