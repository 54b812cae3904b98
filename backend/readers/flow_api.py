"""How many are inside a venue now, as its own staff see it."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.refusals import Refusal
from backend.readers.flow import Flow


@strawberry.type(name="VenueAreaFlow", description="`area` is null for the venue as a whole.")
class AreaFlowAnswer:
    """Who came into an area today, who left it, and who is inside."""

    area: str | None
    entered: int
    left: int
    inside: int


@strawberry.type(name="VenueHourFlow", description="What passed all lanes within an hour.")
class HourFlowAnswer:
    """`hour` is 0 to 23, local."""

    hour: int
    entered: int
    left: int
    refused: int


@strawberry.type(name="VenueLaneFlow", description="What passed one lane since midnight.")
class LaneFlowAnswer:
    """A lane of any reader of the venue."""

    lane: int
    name: LocalizedTextAnswer
    entered: int
    left: int
    refused: int


@strawberry.type(name="VenueFlow", description="A venue's counts since midnight.")
class VenueFlowAnswer:
    """Counts of all scans that readers have uploaded by now."""

    areas: list[AreaFlowAnswer]
    hours: list[HourFlowAnswer]
    lanes: list[LaneFlowAnswer]
    asked_at: datetime


VenueFlowResult = Annotated[VenueFlowAnswer | RefusalAnswer, strawberry.union("VenueFlowResult")]


@strawberry.type
class FlowQueries:
    """Questions about who comes and goes; the answers tell of nobody."""

    @strawberry.field
    async def venue_flow(self, info: OperationInfo, venue: int) -> VenueFlowResult:
        """Answer with today's counts of a venue, to its own staff."""
        found = await info.context.services[Flow].seen_by(info.context.caller, venue)
        if isinstance(found, Refusal):
            return RefusalAnswer.of(found)
        return VenueFlowAnswer(
            areas=[
                AreaFlowAnswer(area=one.area, entered=one.entered, left=one.left, inside=one.inside)
                for one in found.areas
            ],
            hours=[
                HourFlowAnswer(hour=h.hour, entered=h.entered, left=h.left, refused=h.refused)
                for h in found.hours
            ],
            lanes=[
                LaneFlowAnswer(
                    lane=one.lane,
                    name=LocalizedTextAnswer.of(one.name),
                    entered=one.entered,
                    left=one.left,
                    refused=one.refused,
                )
                for one in found.lanes
            ],
            asked_at=found.asked_at,
        )
