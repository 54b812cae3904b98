"""What people's apps ask about recommendations."""

from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.page_answers import position_of
from backend.foundation.refusals import Refusal
from backend.recommendations.rules import MOST, Basis
from backend.recommendations.service import Recommending
from backend.venues.api import NO_SUCH_PLACE, PositionInput, VenueAnswer, venue_answer
from backend.venues.catalogue import Position

strawberry.enum(Basis, name="RecommendationBasis")


@strawberry.type(name="RecommendedVenue")
class RecommendedVenueAnswer:
    """A venue and why it is recommended."""

    venue: VenueAnswer
    why: LocalizedTextAnswer


@strawberry.type(name="Recommendations", description="Venues for the caller, the best first.")
class RecommendationsAnswer:
    """What is recommended; `personalised` is the caller's switch, `basis` what was drawn on."""

    personalised: bool
    basis: Basis
    nodes: list[RecommendedVenueAnswer]


@strawberry.type(name="RecommendationsChosen")
class RecommendationsChosen:
    """How the switch stands now."""

    personalised: bool


@strawberry.input
class ChooseRecommendationsInput:
    """Switch on or off."""

    idempotency_key: str
    personalised: bool


RecommendationsResult = Annotated[
    RecommendationsAnswer | RefusalAnswer, strawberry.union("RecommendationsResult")
]
RecommendationsChosenResult = Annotated[
    RecommendationsChosen | RefusalAnswer, strawberry.union("RecommendationsChosenResult")
]


@strawberry.type
class RecommendationQueries:
    """Questions about recommendations."""

    @strawberry.field
    async def recommendations(
        self, info: OperationInfo, near: PositionInput | None = None, first: int = 10
    ) -> RecommendationsResult:
        """Answer with venues: by the caller's own visits if they switched that on."""
        position_of(first, None)
        position = Position(near.latitude, near.longitude) if near else None
        if position is not None and not position.on_earth:
            return RefusalAnswer.of(NO_SUCH_PLACE)
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        found = await info.context.services[Recommending].for_resident(
            asking.resident_id, position, min(first, MOST)
        )
        return RecommendationsAnswer(
            personalised=found.personalised,
            basis=found.basis,
            nodes=[
                RecommendedVenueAnswer(
                    venue=venue_answer(one.venue), why=LocalizedTextAnswer.of(one.why)
                )
                for one in found.venues
            ],
        )


@strawberry.type
class RecommendationMutations:
    """The switch of recommendations."""

    @strawberry.mutation
    async def choose_recommendations(
        self,
        info: OperationInfo,
        input: ChooseRecommendationsInput,  # noqa: A002 - GraphQL's usual name
    ) -> RecommendationsChosenResult:
        """Switch personal recommendations on or off; for the holder, signed in."""
        done = await info.context.services[Recommending].choose(
            info.context.caller, input.idempotency_key, personalised=input.personalised
        )
        if isinstance(done, Refusal):
            return RefusalAnswer.of(done)
        return RecommendationsChosen(personalised=done)
