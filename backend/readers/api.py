"""What people's apps ask about visits."""

from datetime import datetime
from enum import Enum

import strawberry

from backend.cards.api import OperationInfo, phone_card
from backend.foundation.access import NOT_PROVEN
from backend.foundation.answers import LocalizedTextAnswer, OperationRefused
from backend.foundation.operation_limits import MAX_PAGE
from backend.foundation.pages import InvalidCursor, Page, Position
from backend.foundation.refusals import Refusal, refusal
from backend.readers.visits import VisitFacts, Visits
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium

strawberry.enum(Medium)

_PAGE_SIZE = refusal(
    "page_size",
    (f"每页应为1至{MAX_PAGE}条。", f"A page has 1 to {MAX_PAGE} rows."),
    ("请更新应用后再试。", "Update the app and try again."),
)
_CURSOR = refusal(
    "cursor_unknown",
    ("翻页位置无效。", "The page's position is not valid."),
    ("请从第一页重新加载。", "Load the list again from its start."),
)


@strawberry.enum(name="VisitOutcome")
class VisitOutcome(Enum):
    """How a visit ended at the gate."""

    ADMITTED = "admit"
    LOOK = "look"  # admitted after staff checked something
    REFUSED = "refuse"


@strawberry.type(name="Visit", description="One showing of the caller's card at a venue.")
class VisitAnswer:
    """One visit; `reason` is there where it was no plain admission."""

    id: strawberry.ID
    at: datetime
    venue_name: LocalizedTextAnswer
    lane_name: LocalizedTextAnswer
    medium: Medium
    verdict: VisitOutcome
    reason: LocalizedTextAnswer | None


@strawberry.type(name="PageInfo")
class PageInfo:
    """Where the next page begins."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type(name="VisitConnection", description="A page of visits, newest first.")
class VisitConnection:
    """A page of visits."""

    nodes: list[VisitAnswer]
    page_info: PageInfo


@strawberry.type
class VisitQueries:
    """Questions about the caller's visits."""

    @strawberry.field
    async def visits(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> VisitConnection:
        """Answer with a page of the caller's visits."""
        if not 1 <= first <= MAX_PAGE:
            raise OperationRefused(_PAGE_SIZE)
        try:
            position = None if after is None else Position.of_cursor(after)
        except InvalidCursor:
            raise OperationRefused(_CURSOR) from None
        card = await phone_card(info)
        if card is NOT_PROVEN:
            raise OperationRefused(NOT_PROVEN)
        if isinstance(card, Refusal):
            # `card` of the same operation says why; a page of nothing keeps that answer whole.
            return _connection(Page((), has_more=False))
        page = await info.context.services[Visits].page(card.resident_id, first, position)
        return _connection(page)


def _connection(page: Page[VisitFacts]) -> VisitConnection:
    cursor = page.rows[-1].position.to_cursor() if page.rows else None
    return VisitConnection(
        nodes=[_answer(visit) for visit in page.rows],
        page_info=PageInfo(has_next_page=page.has_more, end_cursor=cursor),
    )


def _answer(visit: VisitFacts) -> VisitAnswer:
    return VisitAnswer(
        id=strawberry.ID(visit.scan_id),
        at=visit.at,
        venue_name=LocalizedTextAnswer.of(visit.venue_name),
        lane_name=LocalizedTextAnswer.of(visit.lane_name),
        medium=visit.medium,
        verdict=_OUTCOMES[visit.verdict],
        reason=None if visit.reason is None else LocalizedTextAnswer.of(visit.reason),
    )


_OUTCOMES = {
    Verdict.ADMIT: VisitOutcome.ADMITTED,
    Verdict.LOOK: VisitOutcome.LOOK,
    Verdict.REFUSE: VisitOutcome.REFUSED,
}
