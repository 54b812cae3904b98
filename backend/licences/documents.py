"""How requests of desks to see licences are stored; licences themselves never are."""

from datetime import datetime, timedelta
from typing import ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.licences.registry import LicenceKind
from backend.licences.rules import RequestState

KEPT = timedelta(days=30)


class AskingDesk(BaseModel):
    """The desk: its organisation, who sits there, and by which terminal's key they ask."""

    code: str
    zh: str
    en: str
    staff: str
    terminal: str


class LicenceRequest(Document):
    """One request; `until` is the end of the time to decide, and of the grant once there is one."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    resident_id: str
    desk: AskingDesk
    kinds: list[LicenceKind]
    purpose: str
    state: RequestState
    asked_at: datetime
    until: datetime
    decided_at: datetime | None = None
    ended_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "licence_requests"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("resident_id", ASCENDING), ("asked_at", DESCENDING)]),
            IndexModel("asked_at", expireAfterSeconds=int(KEPT.total_seconds())),
        ]
