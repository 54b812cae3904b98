"""How venues are stored."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, GEOSPHERE, IndexModel

from backend.venues.rules import Accessibility, VenueKind


class Words(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


class Lane(BaseModel):
    """One lane 通道; `number` is unique within the venue, `area` the part that it leads into."""

    number: int
    name: Words
    area: str | None = None


class Area(BaseModel):
    """A part of a venue with a capacity of its own: a hall, a court, a department."""

    code: str
    name: Words
    capacity: int


class OpenSpan(BaseModel):
    """One time of being open in the days ahead, as the calendar has it."""

    start: datetime
    end: datetime


class Venue(Document):
    """A venue; its id is the short number (uint16) that codes and manifests carry.

    `rules` are `shared.admission.rules.AdmissionRules` as they go over the wire. What stands below
    them is the catalogue's and absent where a venue is not in it. `division` is where it lies, a
    county of `region`, the city whose lists its readers follow. `position` is a GeoJSON point.
    `terms` are what the search finds it by; `open_spans` are made from `calendar` ahead of time, up
    to and including `spans_until`. Configuration codes 配置码 made before `lane_codes_since` were
    revoked.
    """

    id: int  # type: ignore[assignment]  # the venue's number, not an ObjectId
    name: Words
    region: int
    purpose: int
    lanes: list[Lane]
    rules: dict[str, Any]
    division: int | None = None
    kind: VenueKind | None = None
    address: Words | None = None
    position: dict[str, Any] | None = None
    capacity: int | None = None
    areas: list[Area] = Field(default_factory=list)
    accessibility: list[Accessibility] = Field(default_factory=list)
    needs_booking: bool = False
    calendar: dict[str, Any] | None = None
    open_spans: list[OpenSpan] = Field(default_factory=list)
    spans_until: str | None = None
    terms: list[str] | None = None
    lane_codes_since: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "venues"
        indexes: ClassVar = [
            IndexModel([("terms", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("position", GEOSPHERE)]),
            IndexModel("spans_until", sparse=True),
        ]


class RecognitionList(Document):
    """What our region and another recognise, each side as it says so itself (S129).

    `own` and `peer` are `shared.admission.mutual_lists.SideList` as they go over the wire, `serial`
    counts the lists that the peer sent.
    """

    id: str  # type: ignore[assignment]  # the list's code, not an ObjectId
    name: Words
    own: dict[str, Any]
    peer: dict[str, Any]
    serial: int
    revision: int
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "recognition_lists"


class Pilot(Document):
    """A pilot 试点 at a venue (S60): what is tried there, for whom, and how it ended.

    `config` is what promotion copies; the row stays as the pilot's history.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    venue: int
    title: Words
    scope: list[str]
    config: dict[str, Any]
    state: str
    begun_at: datetime
    ended_at: datetime | None = None
    metrics: dict[str, int] = Field(default_factory=dict)
    promoted_to: list[int] = Field(default_factory=list)

    class Settings:
        """Where it is stored."""

        name = "pilots"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("venue", ASCENDING), ("begun_at", ASCENDING)]),
            IndexModel(
                "venue",
                name="one_running_pilot",
                unique=True,
                partialFilterExpression={"state": "RUNNING"},
            ),
        ]
