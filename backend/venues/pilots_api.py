"""What those who manage a venue do with its pilots 试点 (S60)."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.foundation.refusals import Refusal
from backend.venues.pilots import PilotFacts, Pilots
from shared.localized_text import LocalizedText

PilotInfo = Info[OperationContext, None]


@strawberry.type(name="PilotMetric")
class PilotMetricAnswer:
    """What was counted, and how often."""

    name: str
    count: int


@strawberry.type(name="VenuePilot", description="RUNNING, CLOSED or PROMOTED.")
class PilotAnswer:
    """A pilot; `promotedTo` are the venues that are run as it was."""

    id: strawberry.ID
    venue: int
    title: LocalizedTextAnswer
    scope: list[str]
    state: str
    begun_at: datetime
    ended_at: datetime | None
    metrics: list[PilotMetricAnswer]
    promoted_to: list[int]


@strawberry.type(name="VenuePilots")
class PilotsAnswer:
    """A venue's pilots, the first one first."""

    pilots: list[PilotAnswer]


@strawberry.type(name="VenuePilotBegun")
class PilotBegun:
    """Which pilot runs now."""

    pilot: strawberry.ID


@strawberry.type(name="VenuePilotCounted")
class PilotCounted:
    """The count by now."""

    count: int


@strawberry.type(name="VenuePilotEnded")
class PilotEnded:
    """How many venues are run as it was."""

    venues: int


@strawberry.input(name="BeginVenuePilotInput")
class BeginPilotInput:
    """`scope` names the scenes it is about."""

    idempotency_key: str
    venue: int
    title_zh: str
    title_en: str
    scope: list[str]


@strawberry.input(name="CountVenuePilotInput")
class CountPilotInput:
    """`metric`: visits, bookings, no_shows, refusals or complaints."""

    idempotency_key: str
    pilot: strawberry.ID
    metric: str
    more: int = 1


@strawberry.input(name="CloseVenuePilotInput")
class ClosePilotInput:
    """Which pilot ends without being promoted; passes taken under it stay good."""

    idempotency_key: str
    pilot: strawberry.ID


@strawberry.input(name="PromoteVenuePilotInput")
class PromotePilotInput:
    """Which pilot ends, and the venues that are to be run as it was."""

    idempotency_key: str
    pilot: strawberry.ID
    venues: list[int]


PilotsResult = Annotated[PilotsAnswer | RefusalAnswer, strawberry.union("VenuePilotsResult")]
PilotBegunResult = Annotated[PilotBegun | RefusalAnswer, strawberry.union("VenuePilotBegunResult")]
PilotCountResult = Annotated[
    PilotCounted | RefusalAnswer, strawberry.union("VenuePilotCountResult")
]
PilotEndResult = Annotated[PilotEnded | RefusalAnswer, strawberry.union("VenuePilotEndResult")]


@strawberry.type
class PilotQueries:
    """Questions about pilots."""

    @strawberry.field
    async def venue_pilots(self, info: PilotInfo, venue: int) -> PilotsResult:
        """Answer with a venue's pilots, ended ones too."""
        found = await info.context.services[Pilots].seen_by(info.context.caller, venue)
        return answer_of(found, lambda some: PilotsAnswer(pilots=list(map(_pilot, some))))


@strawberry.type
class PilotMutations:
    """What is done with pilots."""

    @strawberry.mutation
    async def begin_venue_pilot(
        self,
        info: PilotInfo,
        input: BeginPilotInput,  # noqa: A002 - GraphQL's usual name
    ) -> PilotBegunResult:
        """Begin a pilot with what the venue is run with now."""
        title = LocalizedText(input.title_zh, input.title_en)
        begun = await info.context.services[Pilots].begin(
            info.context.caller, input.idempotency_key, input.venue, title, input.scope
        )
        return answer_of(begun, lambda one: PilotBegun(pilot=strawberry.ID(one)))

    @strawberry.mutation
    async def count_venue_pilot(
        self,
        info: PilotInfo,
        input: CountPilotInput,  # noqa: A002 - see above
    ) -> PilotCountResult:
        """Count what was seen of a running pilot."""
        counted = await info.context.services[Pilots].note(
            *(info.context.caller, input.idempotency_key, input.pilot),
            *(input.metric, input.more),
        )
        return answer_of(counted, lambda count: PilotCounted(count=count))

    @strawberry.mutation
    async def close_venue_pilot(
        self,
        info: PilotInfo,
        input: ClosePilotInput,  # noqa: A002 - see above
    ) -> PilotEndResult:
        """End a pilot without promoting it."""
        refused = await info.context.services[Pilots].close(
            info.context.caller, input.idempotency_key, input.pilot
        )
        return _ended(refused, 0)

    @strawberry.mutation
    async def promote_venue_pilot(
        self,
        info: PilotInfo,
        input: PromotePilotInput,  # noqa: A002 - see above
    ) -> PilotEndResult:
        """End a pilot and run other venues as it was run."""
        refused = await info.context.services[Pilots].promote(
            info.context.caller, input.idempotency_key, input.pilot, input.venues
        )
        return _ended(refused, len(set(input.venues)))


def _ended(refused: Refusal | None, venues: int) -> PilotEndResult:
    return PilotEnded(venues=venues) if refused is None else RefusalAnswer.of(refused)


def _pilot(one: PilotFacts) -> PilotAnswer:
    return PilotAnswer(
        id=strawberry.ID(one.pilot_id),
        venue=one.venue,
        title=LocalizedTextAnswer.of(one.title),
        scope=list(one.scope),
        state=one.state,
        begun_at=one.begun_at,
        ended_at=one.ended_at,
        metrics=[PilotMetricAnswer(name=name, count=n) for name, n in sorted(one.metrics.items())],
        promoted_to=list(one.promoted_to),
    )
