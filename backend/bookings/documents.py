"""How plans, slots and bookings are stored."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.bookings.queue_rules import CheckInWay, QueueState
from backend.bookings.rules import BookingState, SlotKind, SlotState

KEPT = timedelta(days=180)
"""After a slot's end, as long as its scans: where somebody was is kept no longer (L27)."""


class SlotPlan(Document):
    """What slots an area has; they are made ahead of time from it and the venue's calendar.

    `windows` are minutes of the local day within which slots lie, none: all opening hours. Slots
    are made up to and including `planned_until`, none: not yet, or the calendar changed since.
    `generation` stands in the ids of its slots; once it `ended` it makes none.
    """

    id: str  # type: ignore[assignment]  # a text of our own: venue and code
    venue: int
    code: str
    area: str
    kind: SlotKind
    title: dict[str, str]
    length_minutes: int
    capacity: int
    limit: int
    windows: list[list[int]]
    closes_minutes: int
    cancel_minutes: int
    planned_until: str | None = None
    revision: int = 0
    generation: int = 0
    ended: bool = False

    class Settings:
        """Where it is stored; a plan never planned sorts before all days."""

        name = "slot_plans"
        indexes: ClassVar = [IndexModel("venue"), IndexModel("planned_until")]


class Slot(Document):
    """A time at an area with so many places; its id is made of plan and start.

    `taken` is what its bookings with places add up to, `free` the rest of `capacity`: every write
    changes both, on the condition that enough are free. `turns` counts who ever joined the waiting
    list, `waiting` who is on it.
    """

    id: str  # type: ignore[assignment]  # a text of our own: plan and start
    plan: str
    venue: int
    area: str
    kind: SlotKind
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    cancel_by: datetime
    capacity: int
    limit: int
    state: SlotState
    free: int
    taken: int = 0
    waiting: int = 0
    turns: int = 0
    why: dict[str, str] | None = None

    class Settings:
        """Where it is stored."""

        name = "slots"
        indexes: ClassVar = [
            # `free` stands in it so that slots without room are passed over unread.
            IndexModel([("venue", ASCENDING), ("starts_at", ASCENDING), ("free", ASCENDING)]),
            IndexModel([("plan", ASCENDING), ("starts_at", ASCENDING)]),
            IndexModel(
                "state", name="closing", partialFilterExpression={"state": SlotState.CLOSING}
            ),
            IndexModel("ends_at", name="kept", expireAfterSeconds=int(KEPT.total_seconds())),
        ]


class Remark(BaseModel):
    """What its booker is told of a booking: the last notice about it."""

    code: str
    words: dict[str, str]
    at: datetime


class QueuePlace(BaseModel):
    """A place in the queue `line`; `order` is by what it is called, `desk` where to.

    `calls` counts how often; `told_soon` once its person heard that few are before them. Nothing
    says whose it is: that stands in the booking.
    """

    line: str
    number: int
    state: QueueState
    order: str
    arrived_at: datetime
    way: CheckInWay
    late: bool
    called_at: datetime | None = None
    desk: str | None = None
    calls: int = 0
    told_soon: bool = False


class PlaceBooking(Document):
    """Places of one slot for one person; its id is made of the caller's key and request.

    That id makes it exactly one, whatever is repeated. `request_hash` tells a repetition from
    another request under the same key. `turn` is the place in the waiting list, `entered` counts
    who came in and `entries` says so scan by scan, `moves` the slots it was moved from.
    `forfeited`: cancelled too late. `paid` until what is owed back of its price is settled. `queue`
    from the check-in for an appointment on. `pardoned`: a no-show that counts no more.
    """

    id: str  # type: ignore[assignment]  # see above
    request_hash: bytes
    resident_id: str
    slot: str
    plan: str
    venue: int
    kind: SlotKind
    starts_at: datetime
    ends_at: datetime
    cancel_by: datetime
    quantity: int
    state: BookingState
    placed_at: datetime
    changed_at: datetime
    paid: bool | None = None
    expires_at: datetime | None = None
    turn: int | None = None
    entered: int = 0
    entries: dict[str, dict[str, Any]] | None = None
    first_entered_at: datetime | None = None
    forfeited: bool = False
    moves: list[str] = Field(default_factory=list)
    remark: Remark | None = None
    queue: QueuePlace | None = None
    pardoned: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "bookings"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel(
                [("resident_id", ASCENDING), ("starts_at", DESCENDING), ("_id", DESCENDING)]
            ),
            IndexModel([("slot", ASCENDING), ("state", ASCENDING), ("turn", ASCENDING)]),
            IndexModel(
                "expires_at",
                name="unconfirmed",
                partialFilterExpression={"expires_at": {"$exists": True}},
            ),
            IndexModel(
                "ends_at",
                name="to_be_ended",
                partialFilterExpression={
                    "state": {"$in": [BookingState.CONFIRMED, BookingState.WAITING]}
                },
            ),
            IndexModel(
                [("resident_id", ASCENDING), ("ends_at", ASCENDING)],
                name="no_shows",
                partialFilterExpression={"state": BookingState.NO_SHOW},
            ),
            IndexModel("state", name="paid_for", partialFilterExpression={"paid": True}),
            IndexModel("ends_at", name="kept", expireAfterSeconds=int(KEPT.total_seconds())),
            IndexModel(
                [("venue", ASCENDING), ("ends_at", ASCENDING)],
                name="expected",
                partialFilterExpression={"state": BookingState.CONFIRMED},
            ),
            IndexModel(
                [("queue.line", ASCENDING), ("queue.state", ASCENDING), ("queue.order", ASCENDING)],
                name="queue",
                partialFilterExpression={"queue.line": {"$exists": True}},
            ),
        ]


class VisitQueue(Document):
    """How many numbers 排队号 a department gave on a day; its id is made of plan and local day."""

    id: str  # type: ignore[assignment]  # see above
    given: int
    ends_at: datetime

    class Settings:
        """Where it is stored."""

        name = "visit_queues"
        indexes: ClassVar = [
            IndexModel("ends_at", name="kept", expireAfterSeconds=int(KEPT.total_seconds()))
        ]


class Booker(Document):
    """What a resident has ahead, in one document, so that limits hold at once with the booking."""

    id: str  # type: ignore[assignment]  # the resident's id
    ahead: list[dict[str, Any]]
    revision: int

    class Settings:
        """Where it is stored."""

        name = "bookers"


class BookingNotice(Document):
    """What a resident is to be told of a booking; who delivers it marks it `delivered_at`.

    `sms_at`: when to look whether it goes by SMS, none: done with, or from before any did.
    `channel`: how its person has it, "none" where it stands in their list alone.
    """

    id: str  # type: ignore[assignment]  # a text of our own: booking and event
    resident_id: str
    booking: str
    code: str
    words: dict[str, str]
    at: datetime
    sms_at: datetime | None = None
    delivered_at: datetime | None = None
    channel: str | None = None

    class Settings:
        """Where it is stored."""

        name = "booking_notices"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("resident_id", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel("at", name="kept", expireAfterSeconds=int(KEPT.total_seconds())),
            IndexModel(
                "sms_at", name="to_be_sent", partialFilterExpression={"sms_at": {"$exists": True}}
            ),
        ]
