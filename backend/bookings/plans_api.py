"""What staff of a venue change of how its slots are made."""

from typing import Annotated

import strawberry

from backend.bookings.planning import PlanFacts
from backend.bookings.rules import SlotKind
from backend.bookings.venue_plans import PlanChange, PlanView, VenuePlans, WantedPlan
from backend.cards.api import OperationInfo
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText


@strawberry.input(name="SlotWindowInput")
class SlotWindowInput:
    """A part of the local day in which slots lie, in minutes from midnight."""

    start_minute: int
    end_minute: int


@strawberry.input(name="PutSlotPlanInput")
class PutSlotPlanInput:
    """A plan as it is to be; slots follow one another in the opening hours, within `windows`.

    Booking ends `closesMinutes` before a slot's start (negative: after it); cancelling is free
    until `cancelMinutes` before it. `basedOn` is the revision that was read; it is refused where
    another stands by now. Where booked places would end it is refused too, unless `endsBookings`.
    """

    idempotency_key: str
    venue: int
    code: str
    area: str
    kind: SlotKind
    title_zh: str
    title_en: str
    length_minutes: int
    capacity: int
    limit: int = 5
    windows: list[SlotWindowInput] = strawberry.field(default_factory=list)
    closes_minutes: int = 0
    cancel_minutes: int = 120
    based_on: int | None = None
    ends_bookings: bool = False


@strawberry.input(name="EndSlotPlanInput")
class EndSlotPlanInput:
    """Which plan; its slots ahead close, which is refused where places are booked of them."""

    idempotency_key: str
    venue: int
    code: str
    based_on: int | None = None
    ends_bookings: bool = False


@strawberry.type(name="SlotPlanChanged")
class SlotPlanChanged:
    """How many booked places end by it; slots follow within a minute."""

    places_ending: int
    revision: int


@strawberry.type(name="SlotWindow")
class SlotWindowAnswer:
    """A part of the local day, in minutes from midnight."""

    start_minute: int
    end_minute: int


@strawberry.type(name="SlotPlan", description="How a part of a venue is divided into slots.")
class SlotPlanAnswer:
    """A plan; one that ended makes no slots."""

    code: str
    area: str
    kind: SlotKind
    title: LocalizedTextAnswer
    length_minutes: int
    capacity: int
    limit: int
    windows: list[SlotWindowAnswer]
    closes_minutes: int
    cancel_minutes: int
    revision: int
    ended: bool


@strawberry.type(name="SlotPlanList")
class SlotPlanList:
    """A venue's plans, by their codes."""

    plans: list[SlotPlanAnswer]


SlotPlansResult = Annotated[SlotPlanList | RefusalAnswer, strawberry.union("SlotPlansResult")]
SlotPlanResult = Annotated[SlotPlanChanged | RefusalAnswer, strawberry.union("SlotPlanResult")]


@strawberry.type
class SlotPlanQueries:
    """Questions of a venue's staff about its plans."""

    @strawberry.field
    async def slot_plans(self, info: OperationInfo, venue: int) -> SlotPlansResult:
        """Answer with a venue's plans."""
        context = info.context
        found = await context.services[VenuePlans].of_venue(context.caller, venue)
        return answer_of(found, lambda plans: SlotPlanList(plans=list(map(_plan, plans))))


@strawberry.type
class SlotPlanMutations:
    """What staff do with their venue's plans."""

    @strawberry.mutation
    async def put_slot_plan(
        self,
        info: OperationInfo,
        input: PutSlotPlanInput,  # noqa: A002 - GraphQL's usual name
    ) -> SlotPlanResult:
        """Add a plan of slots or change it."""
        plan = PlanFacts(
            *(input.venue, input.code, input.area, input.kind),
            LocalizedText(input.title_zh, input.title_en),
            *(input.length_minutes, input.capacity, input.limit),
            tuple((one.start_minute, one.end_minute) for one in input.windows),
            *(input.closes_minutes, input.cancel_minutes),
        )
        service = info.context.services[VenuePlans]
        wanted = WantedPlan(plan, input.based_on, input.ends_bookings)
        return _changed(await service.put(info.context.caller, input.idempotency_key, wanted))

    @strawberry.mutation
    async def end_slot_plan(
        self,
        info: OperationInfo,
        input: EndSlotPlanInput,  # noqa: A002 - see above
    ) -> SlotPlanResult:
        """End a plan of slots."""
        service, key = info.context.services[VenuePlans], input.idempotency_key
        wish = (input.venue, input.code, input.based_on, input.ends_bookings)
        return _changed(await service.end(info.context.caller, key, *wish))


def _changed(done: PlanChange | Refusal) -> SlotPlanResult:
    return answer_of(
        done, lambda one: SlotPlanChanged(places_ending=one.places_ending, revision=one.revision)
    )


def _plan(view: PlanView) -> SlotPlanAnswer:
    plan = view.plan
    return SlotPlanAnswer(
        code=plan.code,
        area=plan.area,
        kind=plan.kind,
        title=LocalizedTextAnswer.of(plan.title),
        length_minutes=plan.length_minutes,
        capacity=plan.capacity,
        limit=plan.limit,
        windows=[
            SlotWindowAnswer(start_minute=start, end_minute=end) for start, end in plan.windows
        ],
        closes_minutes=plan.closes_minutes,
        cancel_minutes=plan.cancel_minutes,
        revision=view.revision,
        ended=view.ended,
    )
