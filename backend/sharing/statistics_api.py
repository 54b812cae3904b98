"""What department officers ask about visits: numbers that tell of nobody."""

from datetime import date
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.sharing.small_cells import LEAST
from backend.sharing.visit_statistics import DayOfVisits, VisitStatistics


@strawberry.type(name="VenueVisits", description="Entries of one venue on one day.")
class VenueVisitsAnswer:
    """A venue whose number may be told."""

    venue: int
    name: LocalizedTextAnswer
    entered: int


@strawberry.type(name="VisitStatistics", description="Visits of a day; they tell of nobody.")
class VisitStatisticsAnswer:
    """A day; venues of fewer than `least` people are not named but counted in `others`."""

    day: date
    least: int
    venues: list[VenueVisitsAnswer]
    others: int | None
    total: int | None


VisitStatisticsResult = Annotated[
    VisitStatisticsAnswer | RefusalAnswer, strawberry.union("VisitStatisticsResult")
]


@strawberry.type
class StatisticsQueries:
    """Questions about numbers."""

    @strawberry.field
    async def visit_statistics(self, info: OperationInfo, day: date) -> VisitStatisticsResult:
        """Answer with the visits of a local day by venue, some days after it."""
        context = info.context
        found = await context.services[VisitStatistics].of_day(context.caller, day)
        return answer_of(found, _answer)


def _answer(found: DayOfVisits) -> VisitStatisticsAnswer:
    return VisitStatisticsAnswer(
        day=found.day,
        least=LEAST,
        venues=[
            VenueVisitsAnswer(
                venue=one.venue, name=LocalizedTextAnswer.of(one.name), entered=one.entered
            )
            for one in found.venues
        ],
        others=found.others,
        total=found.total,
    )
