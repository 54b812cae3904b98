"""Checking in for an appointment and calling who did, over GraphQL."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.bookings.api import BookingChangeResult, BookingInput, booking_changed
from backend.bookings.no_show_pardons import NoShowPardons, PardonWish
from backend.bookings.queue_rules import QueueState, Settlement
from backend.bookings.queue_serving import QueueNumber
from backend.bookings.visit_queues import VisitQueues
from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal

strawberry.enum(Settlement, name="QueueSettlement")


@strawberry.type(name="QueueNumber")
class QueueNumberAnswer:
    """A place in a department's queue, as its staff see it: nothing of whose it is."""

    number: int
    state: QueueState
    slot_starts_at: datetime
    arrived_at: datetime
    late: bool
    desk: str | None


@strawberry.type(name="QueueServed")
class QueueServed:
    """A number that was given, called or settled."""

    number: QueueNumberAnswer
    server_time: datetime


@strawberry.type(name="VisitQueue")
class VisitQueueAnswer:
    """Today's queue: who is called, who missed their call, and who waits, in their order."""

    called: list[QueueNumberAnswer]
    missed: list[QueueNumberAnswer]
    waiting: list[QueueNumberAnswer]
    server_time: datetime


@strawberry.input(name="CheckInVisitorInput")
class CheckInVisitorInput:
    """What a visitor shows at the desk: a code's digits, or what the card's chip says, as hex."""

    idempotency_key: str
    venue: int
    code: str | None = None
    identification_code: str | None = None


@strawberry.input(name="CallVisitorInput")
class CallVisitorInput:
    """To which desk of which department; `number` only to call one by itself, or once more."""

    idempotency_key: str
    venue: int
    plan: str
    desk: str
    number: int | None = None


@strawberry.input(name="SettleVisitorInput")
class SettleVisitorInput:
    """What became of a number that was called."""

    idempotency_key: str
    venue: int
    plan: str
    number: int
    settlement: Settlement


@strawberry.input(name="PardonNoShowsInput")
class PardonNoShowsInput:
    """What the visitor shows, and why what they missed here does not count."""

    idempotency_key: str
    venue: int
    reason: str
    code: str | None = None
    identification_code: str | None = None


@strawberry.type(name="NoShowsPardoned")
class NoShowsPardoned:
    """How many bookings count no more."""

    count: int


NoShowsPardonedResult = Annotated[
    NoShowsPardoned | RefusalAnswer, strawberry.union("NoShowsPardonedResult")
]
VisitQueueResult = Annotated[VisitQueueAnswer | RefusalAnswer, strawberry.union("VisitQueueResult")]
QueueServedResult = Annotated[QueueServed | RefusalAnswer, strawberry.union("QueueServedResult")]


@strawberry.type
class VisitQueueQueries:
    """Questions of a department's staff."""

    @strawberry.field
    async def visit_queue(self, info: OperationInfo, venue: int, plan: str) -> VisitQueueResult:
        """Answer with today's queue of a department."""
        context = info.context
        found = await context.services[VisitQueues].of_day(context.caller, venue, plan)
        return answer_of(found, lambda numbers: _queue(numbers, context.clock.now()))


@strawberry.type
class VisitQueueMutations:
    """Checking in, and what staff do with numbers."""

    @strawberry.mutation
    async def check_in_for_visit(
        self,
        info: OperationInfo,
        input: BookingInput,  # noqa: A002 - GraphQL's usual name
    ) -> BookingChangeResult:
        """Take a number in the queue of one's own appointment 报到取号."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[VisitQueues]
        done = await service.check_in(asking, input.idempotency_key, input.booking)
        return booking_changed(info, done)

    @strawberry.mutation
    async def check_in_visitor(
        self,
        info: OperationInfo,
        input: CheckInVisitorInput,  # noqa: A002 - see above
    ) -> QueueServedResult:
        """Check in who shows a card or code at a desk, for their appointment here today."""
        service, key = info.context.services[VisitQueues], input.idempotency_key
        shown = (input.venue, input.code, input.identification_code)
        return _served(info, await service.check_in_at_desk(info.context.caller, key, *shown))

    @strawberry.mutation
    async def call_visitor(
        self,
        info: OperationInfo,
        input: CallVisitorInput,  # noqa: A002 - see above
    ) -> QueueServedResult:
        """Call the next number, or one by itself, to a desk 叫号."""
        service, key = info.context.services[VisitQueues], input.idempotency_key
        wish = (input.venue, input.plan, input.desk, input.number)
        return _served(info, await service.call(info.context.caller, key, *wish))

    @strawberry.mutation
    async def settle_visitor(
        self,
        info: OperationInfo,
        input: SettleVisitorInput,  # noqa: A002 - see above
    ) -> QueueServedResult:
        """Say that a called number was seen, missed its call 过号, or is back."""
        service, key = info.context.services[VisitQueues], input.idempotency_key
        wish = (input.venue, input.plan, input.number, input.settlement)
        return _served(info, await service.settle(info.context.caller, key, *wish))

    @strawberry.mutation
    async def pardon_no_shows(
        self,
        info: OperationInfo,
        input: PardonNoShowsInput,  # noqa: A002 - see above
    ) -> NoShowsPardonedResult:
        """Let what somebody missed at this venue count no more 爽约免记."""
        service, key = info.context.services[NoShowPardons], input.idempotency_key
        wish = PardonWish(input.venue, input.code, input.identification_code, input.reason)
        done = await service.pardon(info.context.caller, key, wish)
        return answer_of(done, lambda count: NoShowsPardoned(count=count))


def _queue(numbers: list[QueueNumber], now: datetime) -> VisitQueueAnswer:
    def those(state: QueueState) -> list[QueueNumberAnswer]:
        return [_number(one) for one in numbers if one.state is state]

    return VisitQueueAnswer(
        called=those(QueueState.CALLED),
        missed=those(QueueState.MISSED),
        waiting=those(QueueState.WAITING),
        server_time=now,
    )


def _served(info: OperationInfo, done: QueueNumber | Refusal) -> QueueServed | RefusalAnswer:
    now = info.context.clock.now()
    return answer_of(done, lambda one: QueueServed(number=_number(one), server_time=now))


def _number(one: QueueNumber) -> QueueNumberAnswer:
    return QueueNumberAnswer(
        number=one.number,
        state=one.state,
        slot_starts_at=one.slot_starts_at,
        arrived_at=one.arrived_at,
        late=one.late,
        desk=one.desk,
    )
