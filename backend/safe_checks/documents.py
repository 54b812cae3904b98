"""How safe checks are stored."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pydantic import Field
from pymongo import IndexModel


class SafeCheck(Document):
    """One person's, by whose id it goes; `contacts` are mandates they gave.

    `due_at` is when it is missed unless they say that they are well before; `missed_at` since when
    nothing was heard.
    """

    id: str  # type: ignore[assignment]  # the resident's id
    minute: int
    contacts: list[str] = Field(default_factory=list)
    due_at: datetime
    checked_at: datetime | None = None
    missed_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "safe_checks"
        keep_nulls = False
        indexes: ClassVar = [IndexModel("due_at", name="due")]
