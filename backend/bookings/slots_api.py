"""What anybody's app asks about slots."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.bookings.rules import SlotKind, SlotState
from backend.bookings.slots import ShownSlot, SlotPlace, Slots, SlotSearch
from backend.cards.api import OperationInfo
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.refusals import Refusal

strawberry.enum(SlotKind)


@strawberry.type(name="Slot", description="A time at a venue with so many places.")
class SlotAnswer:
    """A slot; `free_cancel_until` is when cancelling begins to cost."""

    id: strawberry.ID
    venue: int
    area: str
    kind: SlotKind
    starts_at: datetime
    ends_at: datetime
    booking_ends_at: datetime
    free_cancel_until: datetime
    open: bool
    capacity: int
    free: int
    waiting: int
    limit: int
    plan: strawberry.Private[str]

    @strawberry.field
    async def title(self, info: OperationInfo) -> LocalizedTextAnswer:
        """What it is of: a hall, a court, a doctor."""
        return await slot_title(info, self.plan)


@strawberry.type(name="SlotList")
class SlotList:
    """Slots in the order of their start."""

    slots: list[SlotAnswer]


SlotsResult = Annotated[SlotList | RefusalAnswer, strawberry.union("SlotsResult")]


@strawberry.type
class SlotQueries:
    """Questions about slots."""

    @strawberry.field
    async def slots(
        self,
        info: OperationInfo,
        venue: int,
        from_day: Annotated[date, strawberry.argument(name="from")],
        to: date,
        quantity: int | None = None,
    ) -> SlotsResult:
        """Answer with a venue's open slots of some days, with `quantity` those with room."""
        wanted = SlotSearch(venue, from_day, to, quantity)
        found = await info.context.services[Slots].search(wanted)
        if isinstance(found, Refusal):
            return RefusalAnswer.of(found)
        return SlotList(slots=[slot_answer(slot) for slot in found])


async def slot_title(info: OperationInfo, plan: str) -> LocalizedTextAnswer:
    """Return what a plan's slots are of; the plans of one operation are read together."""
    return LocalizedTextAnswer.of((await slot_place(info, plan)).title)


async def slot_place(info: OperationInfo, plan: str) -> SlotPlace:
    """Return what a plan's slots are of and where."""
    context = info.context
    loader = context.loader("bookings.places", context.services[Slots].places)
    place: SlotPlace | None = await loader.load(plan)
    if place is None:
        raise LookupError("a slot without its plan")
    return place


def slot_answer(slot: ShownSlot) -> SlotAnswer:
    """Return a slot as an answer."""
    facts = slot.facts
    return SlotAnswer(
        id=strawberry.ID(facts.slot_id),
        venue=facts.venue,
        area=slot.area,
        kind=facts.kind,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        booking_ends_at=facts.closes_at,
        free_cancel_until=facts.cancel_by,
        open=facts.state is SlotState.OPEN,
        capacity=slot.capacity,
        free=facts.free,
        waiting=facts.waiting,
        limit=facts.limit,
        plan=slot.plan,
    )
