"""How items and the codes shown at counters are stored."""

from datetime import datetime, timedelta
from typing import ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import IndexModel

KEPT = timedelta(days=1)


class Department(BaseModel):
    """The department that handles an item."""

    code: str
    zh: str
    en: str


class StoredItem(Document):
    """An item; its id is the item's code, `fields` are `AssertedField`s in their order."""

    id: str  # type: ignore[assignment]  # the code, not an ObjectId
    department: Department
    zh: str
    en: str
    fields: list[str]
    open: bool
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "identity_items"


class ShownCode(Document):
    """The last code of one phone that an assertion was made of; its id is a keyed hash."""

    id: str  # type: ignore[assignment]  # a hash of card index and device serial, not an ObjectId
    counter: int
    shown_at: datetime

    class Settings:
        """Where it is stored."""

        name = "shown_codes"
        indexes: ClassVar = [IndexModel("shown_at", expireAfterSeconds=int(KEPT.total_seconds()))]
