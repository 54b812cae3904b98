"""What staff of a venue change of what it consists of."""

from typing import Annotated

import strawberry

from backend.bookings.venue_layout import VenueLayouts
from backend.cards.api import OperationInfo
from backend.foundation.answers import RefusalAnswer, answer_of
from backend.venues.layouts import VenueLayout
from backend.venues.rules import AreaPlan, LanePlan
from shared.localized_text import LocalizedText


@strawberry.input(name="VenueAreaInput")
class VenueAreaInput:
    """A part of the venue; `code` stays the same while it is the same part."""

    code: str
    name_zh: str
    name_en: str
    capacity: int


@strawberry.input(name="VenueLaneInput")
class VenueLaneInput:
    """A lane; `area` is what it leads into, null: the venue as a whole."""

    number: int
    name_zh: str
    name_en: str
    area: str | None = None


@strawberry.input(name="ChangeVenueLayoutInput")
class ChangeVenueLayoutInput:
    """All areas and lanes that there are to be; `capacity` null: no bound of its own."""

    idempotency_key: str
    venue: int
    capacity: int | None
    areas: list[VenueAreaInput]
    lanes: list[VenueLaneInput]


@strawberry.type(name="VenueLayoutChanged")
class VenueLayoutChanged:
    """How many there are now; the venue's readers have it with their next exchange."""

    areas: int
    lanes: int


ChangeVenueLayoutResult = Annotated[
    VenueLayoutChanged | RefusalAnswer, strawberry.union("ChangeVenueLayoutResult")
]


@strawberry.type
class VenueLayoutMutations:
    """What staff do with their venue's areas and lanes."""

    @strawberry.mutation
    async def change_venue_layout(
        self,
        info: OperationInfo,
        input: ChangeVenueLayoutInput,  # noqa: A002 - GraphQL's usual name
    ) -> ChangeVenueLayoutResult:
        """Give a venue other areas, lanes and capacity."""
        layout = VenueLayout(
            input.capacity,
            tuple(
                AreaPlan(one.code, LocalizedText(one.name_zh, one.name_en), one.capacity)
                for one in input.areas
            ),
            tuple(
                LanePlan(one.number, LocalizedText(one.name_zh, one.name_en), one.area)
                for one in input.lanes
            ),
        )
        done = await info.context.services[VenueLayouts].change(
            info.context.caller, input.idempotency_key, input.venue, layout
        )
        return answer_of(done, lambda one: VenueLayoutChanged(areas=one.areas, lanes=one.lanes))
