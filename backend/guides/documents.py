"""How guides are stored."""

from datetime import datetime

from beanie import Document
from pydantic import BaseModel

from backend.functions.documents import Owner
from backend.venues.documents import Words


class StoredStep(BaseModel):
    """One thing to do."""

    text: Words
    icon: str


class StoredGuide(Document):
    """A guide; its id is the published item's code, `version` counts its publications.

    `owner` is the department that answers for it; `reviewed_by` whoever of it last held it true.
    """

    id: str  # type: ignore[assignment]  # the item's code, not an ObjectId
    owner: Owner
    title: Words
    who: Words
    bring: Words
    cost: Words
    takes: Words
    steps: list[StoredStep]
    outlets: list[int]
    version: int
    published_at: datetime
    reviewed_at: datetime
    reviewed_by: str

    class Settings:
        """Where it is stored."""

        name = "guides"
