"""How cases across regions, the regions of the alliance and the qualified outlets are stored."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.cards.lifecycle import CardEvent, ReplacementReason
from backend.cross_region.rules import OPEN, CaseState, Direction


class CrossRegionCase(Document):
    """One service asked for in one region and done by another; `origin_region` issued the card.

    `due_at` is when the other region is asked next and stands only where it is to be asked: it is
    the outbox. `peer_case` is the id that the other region knows an incoming case by. Whose a case
    is, is forgotten when the person is erased. `disputed_at` marks the first answer that says the
    contrary of the one that counts.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    direction: Direction
    resident_id: str | None = None
    origin_region: int
    handling_region: int
    handling_outlet: str
    outlet_name: dict[str, str]
    item: CardEvent
    reason: ReplacementReason | None = None
    card_in_hand: bool = False
    state: CaseState
    opened_by: str | None = None
    opened_at: datetime
    changed_at: datetime
    tries: int = 0
    due_at: datetime | None = None
    peer_case: str | None = None
    result_code: str | None = None
    result_text: dict[str, str] | None = None
    disputed_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "cross_region_cases"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("handling_outlet", ASCENDING), ("opened_at", DESCENDING), ("_id", DESCENDING)],
                name="of_outlet",
                partialFilterExpression={"direction": Direction.OUTGOING.value},
            ),
            IndexModel(
                [("resident_id", ASCENDING), ("opened_at", DESCENDING), ("_id", DESCENDING)],
                name="of_resident",
            ),
            IndexModel("due_at", name="outbox", sparse=True),
            IndexModel(
                [("handling_region", ASCENDING), ("peer_case", ASCENDING)],
                name="one_incoming_case",
                unique=True,
                partialFilterExpression={"peer_case": {"$exists": True}},
            ),
            IndexModel(
                [("resident_id", ASCENDING), ("origin_region", ASCENDING), ("item", ASCENDING)],
                name="one_open_case",
                unique=True,
                partialFilterExpression={
                    "direction": Direction.OUTGOING.value,
                    "state": {"$in": [one.value for one in OPEN]},
                },
            ),
        ]


class AllianceRegion(Document):
    """A region 通办地区 whose cards our outlets serve, and which serves ours; its id is its code.

    `key_thumbprint` (RFC 7638) names the key its system signs requests with.
    """

    id: int  # type: ignore[assignment]  # GB/T 2260, not an ObjectId
    name_en: str
    items: list[CardEvent]
    key_thumbprint: str | None = None
    ends_at: datetime | None = None
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "alliance_regions"
        keep_nulls = False
        indexes: ClassVar = [IndexModel("key_thumbprint", unique=True, sparse=True)]


class QualifiedOutlet(Document):
    """What an outlet 通办网点 may do for other regions; its id is the outlet's code."""

    id: str  # type: ignore[assignment]  # the outlet's code, not an ObjectId
    items: list[CardEvent]
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "qualified_outlets"


class CaseCount(Document):
    """How many cases of one item were done, by direction (T9); its id is `direction.item`."""

    id: str  # type: ignore[assignment]  # direction and item, not an ObjectId
    done: int

    class Settings:
        """Where it is stored."""

        name = "cross_region_counts"


Row = dict[str, Any]
