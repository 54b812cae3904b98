"""What people's apps ask about bookings, and do with them."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.bookings.entry_times import Times, entry_times
from backend.bookings.placing import SlotFull
from backend.bookings.queue_answers import QueuePlaceAnswer, queue_place
from backend.bookings.rules import BookingState, SlotKind
from backend.bookings.service import Bookings, BookingView
from backend.bookings.slots_api import SlotAnswer, slot_answer, slot_place, slot_title
from backend.bookings.visit_queues import VisitQueues
from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.venues.api import VenueAnswer, venue_answer, venue_entry
from shared.admission.circumstances import HeldBooking

strawberry.enum(BookingState)


@strawberry.type(name="Booking", description="Places of one slot; companions are just counted.")
class BookingAnswer:
    """A booking; `remark` is the last notice about it, `expires_at` when it must be confirmed."""

    id: strawberry.ID
    slot: strawberry.ID
    kind: SlotKind
    starts_at: datetime
    ends_at: datetime
    free_cancel_until: datetime
    quantity: int
    state: BookingState
    expires_at: datetime | None
    entered: int
    forfeited: bool
    remark: LocalizedTextAnswer | None
    plan: strawberry.Private[str]
    number: strawberry.Private[int]
    booked: strawberry.Private[BookingView]

    @strawberry.field
    async def title(self, info: OperationInfo) -> LocalizedTextAnswer:
        """What was booked: a hall, a court, a doctor."""
        return await slot_title(info, self.plan)

    @strawberry.field
    async def entry_from(self, info: OperationInfo) -> datetime:
        """From when it lets in, by the venue's rules: some minutes before the slot, perhaps."""
        return (await self._entry_times(info))[0]

    @strawberry.field
    async def entry_until(self, info: OperationInfo) -> datetime:
        """The first instant at which it lets in no more."""
        return (await self._entry_times(info))[1]

    async def _entry_times(self, info: OperationInfo) -> Times:
        entry = await venue_entry(info, self.number)
        place = await slot_place(info, self.plan)
        held = HeldBooking(
            booking_id=self.id,
            venue=self.number,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            quantity=self.quantity,
            entered=self.entered,
            area=place.area,
        )
        return entry_times(held, () if isinstance(entry, Refusal) else entry.conditions())

    @strawberry.field
    async def check_in_from(self, info: OperationInfo) -> datetime | None:
        """From when an appointment is checked in for in the app; none where there is no queue."""
        return info.context.services[VisitQueues].opens_at(self.booked)

    @strawberry.field
    async def queue(self, info: OperationInfo) -> QueuePlaceAnswer | None:
        """Its place in today's queue, once checked in."""
        return await queue_place(info, self.booked)

    @strawberry.field
    async def venue(self, info: OperationInfo) -> VenueAnswer | None:
        """Where it is."""
        entry = await venue_entry(info, self.number)
        return None if isinstance(entry, Refusal) else venue_answer(entry)


@strawberry.type(name="BookingConnection", description="A page of bookings, the latest slot first.")
class BookingConnection:
    """A page of bookings."""

    nodes: list[BookingAnswer]
    page_info: PageInfo


@strawberry.type(name="ComingBookings", description="What is ahead, the earliest slot first.")
class ComingBookings:
    """The next bookings that are not over."""

    nodes: list[BookingAnswer]


@strawberry.type(name="BookingChanged")
class BookingChanged:
    """A booking that was made or changed."""

    booking: BookingAnswer
    server_time: datetime


@strawberry.type(name="SlotFull", description="Not so many places are left; the next that has.")
class SlotFullAnswer:
    """A full slot: its words are a refusal's."""

    code: str
    text: LocalizedTextAnswer
    next_step: LocalizedTextAnswer
    next_free: SlotAnswer | None


@strawberry.input(name="BookPlaceInput")
class BookPlaceInput:
    """`resident` only to book for somebody else, which takes a mandate."""

    idempotency_key: str
    slot: strawberry.ID
    quantity: int = 1
    resident: strawberry.ID | None = None


@strawberry.input(name="BookingInput")
class BookingInput:
    """Which booking."""

    idempotency_key: str
    booking: strawberry.ID


@strawberry.input(name="RescheduleBookingInput")
class RescheduleBookingInput:
    """Which booking, and to which slot."""

    idempotency_key: str
    booking: strawberry.ID
    slot: strawberry.ID


ComingBookingsResult = Annotated[
    ComingBookings | RefusalAnswer, strawberry.union("ComingBookingsResult")
]
BookingsResult = Annotated[BookingConnection | RefusalAnswer, strawberry.union("BookingsResult")]
BookingResult = Annotated[BookingAnswer | RefusalAnswer, strawberry.union("BookingResult")]
BookPlaceResult = Annotated[
    BookingChanged | SlotFullAnswer | RefusalAnswer, strawberry.union("BookPlaceResult")
]
BookingChangeResult = Annotated[
    BookingChanged | RefusalAnswer, strawberry.union("BookingChangeResult")
]


@strawberry.type
class BookingQueries:
    """Questions about the caller's bookings."""

    @strawberry.field
    async def bookings(
        self,
        info: OperationInfo,
        first: int = 20,
        after: str | None = None,
        state: BookingState | None = None,
    ) -> BookingsResult:
        """Answer with a page of the caller's bookings."""
        position = position_of(first, after)
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[Bookings]
        page = await service.page(asking.resident_id, first, position, state)
        return BookingConnection(
            nodes=[_booking(booking) for booking in page.rows],
            page_info=PageInfo.of(page),
        )

    @strawberry.field
    async def coming_bookings(self, info: OperationInfo, first: int = 3) -> ComingBookingsResult:
        """Answer with the caller's next bookings, as a start screen shows them."""
        position_of(first, None)
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        coming = await info.context.services[Bookings].coming(asking.resident_id, first)
        return ComingBookings(nodes=list(map(_booking, coming)))

    @strawberry.field
    async def booking(self, info: OperationInfo, id: strawberry.ID) -> BookingResult:  # noqa: A002
        """Answer with one booking: the caller's own, or to staff of venues."""
        context = info.context
        if context.caller is not None and context.caller.staff_id is not None:
            found = await context.services[Bookings].read(context.caller, id)
        else:
            asking = await holder_asking(info)
            if isinstance(asking, Refusal):
                return RefusalAnswer.of(asking)
            found = await context.services[Bookings].own(asking.resident_id, id)
        return RefusalAnswer.of(found) if isinstance(found, Refusal) else _booking(found)


@strawberry.type
class BookingMutations:
    """What people do with bookings."""

    @strawberry.mutation
    async def book_place(
        self,
        info: OperationInfo,
        input: BookPlaceInput,  # noqa: A002 - GraphQL's usual name
    ) -> BookPlaceResult:
        """Hold places of a slot until `confirmBooking`."""
        return await _place(info, input, waits=False)

    @strawberry.mutation
    async def join_waiting_list(
        self,
        info: OperationInfo,
        input: BookPlaceInput,  # noqa: A002 - see above
    ) -> BookPlaceResult:
        """Wait for places of a full slot; an offer is confirmed by `confirmBooking`."""
        return await _place(info, input, waits=True)

    @strawberry.mutation
    async def confirm_booking(
        self,
        info: OperationInfo,
        input: BookingInput,  # noqa: A002 - see above
    ) -> BookingChangeResult:
        """Confirm places that are held or offered."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[Bookings]
        return booking_changed(
            info, await service.confirm(asking, input.idempotency_key, input.booking)
        )

    @strawberry.mutation
    async def cancel_booking(
        self,
        info: OperationInfo,
        input: BookingInput,  # noqa: A002 - see above
    ) -> BookingChangeResult:
        """Cancel a booking; after `freeCancelUntil` it is forfeited."""
        return await _cancel(info, input, waiting_only=False)

    @strawberry.mutation
    async def leave_waiting_list(
        self,
        info: OperationInfo,
        input: BookingInput,  # noqa: A002 - see above
    ) -> BookingChangeResult:
        """Leave a waiting list, or decline what was offered from it."""
        return await _cancel(info, input, waiting_only=True)

    @strawberry.mutation
    async def reschedule_booking(
        self,
        info: OperationInfo,
        input: RescheduleBookingInput,  # noqa: A002 - see above
    ) -> BookPlaceResult:
        """Move a confirmed booking to another slot; if that fails it stays as it was."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[Bookings]
        moved = await service.move(asking, input.idempotency_key, input.booking, input.slot)
        return _full(moved) if isinstance(moved, SlotFull) else booking_changed(info, moved)


async def _place(
    info: OperationInfo, wish: BookPlaceInput, *, waits: bool
) -> BookingChanged | SlotFullAnswer | RefusalAnswer:
    asking = await holder_asking(info)
    if isinstance(asking, Refusal):
        return RefusalAnswer.of(asking)
    placed = await info.context.services[Bookings].place(
        asking,
        wish.idempotency_key,
        wish.slot,
        wish.quantity,
        principal=wish.resident,
        waits=waits,
    )
    return _full(placed) if isinstance(placed, SlotFull) else booking_changed(info, placed)


async def _cancel(
    info: OperationInfo, wish: BookingInput, *, waiting_only: bool
) -> BookingChanged | RefusalAnswer:
    asking = await holder_asking(info)
    if isinstance(asking, Refusal):
        return RefusalAnswer.of(asking)
    done = await info.context.services[Bookings].cancel(
        asking, wish.idempotency_key, wish.booking, waiting_only=waiting_only
    )
    return booking_changed(info, done)


def booking_changed(
    info: OperationInfo, found: BookingView | Refusal
) -> BookingChanged | RefusalAnswer:
    """Return a booking as it is by now, or why nothing changed."""
    if isinstance(found, Refusal):
        return RefusalAnswer.of(found)
    return BookingChanged(booking=_booking(found), server_time=info.context.clock.now())


def _full(full: SlotFull) -> SlotFullAnswer:
    refused = full.refused
    return SlotFullAnswer(
        code=refused.code,
        text=LocalizedTextAnswer.of(refused.text),
        next_step=LocalizedTextAnswer.of(refused.next_step),
        next_free=None if full.next_free is None else slot_answer(full.next_free),
    )


def _booking(booking: BookingView) -> BookingAnswer:
    return BookingAnswer(
        id=strawberry.ID(booking.booking_id),
        slot=strawberry.ID(booking.slot),
        kind=booking.kind,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        free_cancel_until=booking.cancel_by,
        quantity=booking.quantity,
        state=booking.state,
        expires_at=booking.expires_at,
        entered=booking.entered,
        forfeited=booking.forfeited,
        remark=None if booking.remark is None else LocalizedTextAnswer.of(booking.remark),
        plan=booking.plan,
        number=booking.venue,
        booked=booking,
    )
