"""Surveys as GraphQL has them."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from backend.sharing.small_cells import LEAST
from backend.surveys.rules import Satisfaction
from backend.surveys.service import Surveys, VenueSatisfaction

strawberry.enum(Satisfaction, name="Satisfaction")


@strawberry.type(name="RatableVisit", description="A visit that waits for a rating.")
class RatableVisitAnswer:
    """Where and when it was; `visit` names it."""

    visit: strawberry.ID
    venue_name: LocalizedTextAnswer
    at: datetime


@strawberry.type(name="RatableVisitList", description="The latest first, one of each venue.")
class RatableVisitList:
    """What can be rated."""

    nodes: list[RatableVisitAnswer]


@strawberry.type(name="VisitRated")
class VisitRated:
    """A visit whose rating was counted."""

    visit: strawberry.ID


@strawberry.type(name="SatisfactionCount")
class SatisfactionCountAnswer:
    """How many people gave a grade."""

    satisfaction: Satisfaction
    people: int


@strawberry.type(
    name="VenueSatisfaction", description="Points from 5 (very satisfied) to 1, of one month."
)
class VenueSatisfactionAnswer:
    """A venue's month; nothing is told of fewer people than `least`."""

    venue: int
    month: str
    least: int
    people: int | None
    average: float | None
    counts: list[SatisfactionCountAnswer]


@strawberry.input(name="RateVisitInput")
class RateVisitInput:
    """Which visit, by the name that `ratableVisits` gives, and how it was."""

    idempotency_key: str
    visit: strawberry.ID
    satisfaction: Satisfaction


RatableVisitsResult = Annotated[
    RatableVisitList | RefusalAnswer, strawberry.union("RatableVisitsResult")
]
RateVisitResult = Annotated[VisitRated | RefusalAnswer, strawberry.union("RateVisitResult")]
VenueSatisfactionResult = Annotated[
    VenueSatisfactionAnswer | RefusalAnswer, strawberry.union("VenueSatisfactionResult")
]


@strawberry.type
class SurveyQueries:
    """Questions about surveys."""

    @strawberry.field
    async def ratable_visits(self, info: OperationInfo) -> RatableVisitsResult:
        """Answer with the holder's own visits of late that they did not rate."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        found = await info.context.services[Surveys].ratable(asking)
        return RatableVisitList(
            nodes=[
                RatableVisitAnswer(
                    visit=strawberry.ID(one.scan_id),
                    venue_name=LocalizedTextAnswer.of(one.venue_name),
                    at=one.at,
                )
                for one in found
            ]
        )

    @strawberry.field
    async def venue_satisfaction(
        self, info: OperationInfo, venue: int, month: str
    ) -> VenueSatisfactionResult:
        """Answer with what people said of a venue in a month that is over."""
        found = await info.context.services[Surveys].of_venue(info.context.caller, venue, month)
        return answer_of(found, _satisfaction)


@strawberry.type
class SurveyMutations:
    """Answering surveys."""

    @strawberry.mutation
    async def rate_visit(
        self,
        info: OperationInfo,
        input: RateVisitInput,  # noqa: A002 - GraphQL's usual name
    ) -> RateVisitResult:
        """Rate a visit of one's own, once; nobody can do so for another."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        rated = await info.context.services[Surveys].rate(
            asking, input.idempotency_key, input.visit, input.satisfaction
        )
        return answer_of(rated, lambda visit: VisitRated(visit=strawberry.ID(visit)))


def _satisfaction(found: VenueSatisfaction) -> VenueSatisfactionAnswer:
    said = found.told
    return VenueSatisfactionAnswer(
        venue=found.venue,
        month=found.month,
        least=LEAST,
        people=said.people,
        average=None if said.average is None else float(said.average),
        counts=[
            SatisfactionCountAnswer(satisfaction=grade, people=people)
            for grade, people in said.counts.items()
        ],
    )
