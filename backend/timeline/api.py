"""What people's apps ask about their timeline."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.timeline.rules import TimelineCategory, TimelineRow
from backend.timeline.service import Timeline

strawberry.enum(TimelineCategory)


@strawberry.type(name="TimelineRow", description="One thing that the caller did with the card.")
class TimelineRowAnswer:
    """One row; `title` says where or what, `detail` how it was."""

    id: strawberry.ID
    at: datetime
    category: TimelineCategory
    title: LocalizedTextAnswer
    detail: LocalizedTextAnswer


@strawberry.type(name="TimelineConnection", description="A page of the timeline, newest first.")
class TimelineConnection:
    """A page of rows."""

    nodes: list[TimelineRowAnswer]
    page_info: PageInfo


TimelineResult = Annotated[TimelineConnection | RefusalAnswer, strawberry.union("TimelineResult")]


@strawberry.type
class TimelineQueries:
    """Questions about the caller's timeline."""

    @strawberry.field
    async def timeline(
        self,
        info: OperationInfo,
        first: int = 20,
        after: str | None = None,
        categories: list[TimelineCategory] | None = None,
    ) -> TimelineResult:
        """Answer with a page of what the caller did, of some categories or of all."""
        position = position_of(first, after)
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        wanted = frozenset(TimelineCategory if categories is None else categories)
        timeline = info.context.services[Timeline]
        page = await timeline.page(asking.resident_id, first, position, wanted)
        return TimelineConnection(
            nodes=[_answer(row) for row in page.rows], page_info=PageInfo.of(page)
        )


def _answer(row: TimelineRow) -> TimelineRowAnswer:
    return TimelineRowAnswer(
        id=strawberry.ID(row.row_id),
        at=row.at,
        category=row.category,
        title=LocalizedTextAnswer.of(row.title),
        detail=LocalizedTextAnswer.of(row.detail),
    )
