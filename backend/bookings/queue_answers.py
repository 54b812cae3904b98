"""A place in a queue as GraphQL tells it."""

import strawberry

from backend.bookings.queue_rules import QueueState
from backend.bookings.service import BookingView
from backend.bookings.visit_queues import VisitQueues
from backend.cards.api import OperationInfo

strawberry.enum(QueueState)


@strawberry.type(name="QueuePlace")
class QueuePlaceAnswer:
    """A place in today's queue; `ahead` are called before it, `desk` is where it was called to.

    `late`: they came after their slot or missed a call, and were placed as who comes now.
    """

    number: int
    state: QueueState
    ahead: int | None
    desk: str | None
    late: bool


async def queue_place(info: OperationInfo, booking: BookingView) -> QueuePlaceAnswer | None:
    """Return the place of a booking; one that has none today costs no read."""
    place = await info.context.services[VisitQueues].own_place(booking)
    if place is None:
        return None
    return QueuePlaceAnswer(
        number=place.number,
        state=place.state,
        ahead=place.ahead,
        desk=place.desk,
        late=place.late,
    )
