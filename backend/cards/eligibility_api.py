"""What people ask about their grounds for the card, and clerks about reviews of them."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.cards.documents import ReviewState
from backend.cards.eligibility_reviews import Decision, EligibilityReviews, Review
from backend.foundation.answers import LocalizedTextAnswer, OperationRefused, RefusalAnswer
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.pages import Position
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.residents.eligibility import GROUND_WORDS, Ground, GroundKind, Grounds

strawberry.enum(GroundKind, name="GroundKind")
strawberry.enum(ReviewState, name="EligibilityReviewState")
strawberry.enum(Decision, name="EligibilityDecision")


@strawberry.type(name="EligibilityGround", description="A ground for holding the city's card.")
class GroundAnswer:
    """A ground of the caller's; the days are local, the last one included."""

    id: strawberry.ID
    kind: GroundKind
    name: LocalizedTextAnswer
    source: str
    first_day: date
    last_day: date | None
    holds: bool


@strawberry.type(name="EligibilityGroundList")
class GroundList:
    """All grounds on the caller's record."""

    nodes: list[GroundAnswer]


@strawberry.type(name="EligibilityReview", description="A review of somebody's grounds.")
class ReviewAnswer:
    """A review; `due_at` is until when it is to be decided."""

    id: strawberry.ID
    resident_id: strawberry.ID
    state: ReviewState
    opened_at: datetime
    due_at: datetime


@strawberry.type(name="EligibilityReviewConnection")
class ReviewConnection:
    """A page of open reviews, those due first first."""

    nodes: list[ReviewAnswer]
    page_info: PageInfo


@strawberry.type(name="GroundChanged")
class GroundChanged:
    """A ground was recorded or ended."""

    id: strawberry.ID


@strawberry.type(name="EligibilityReviewDecided")
class ReviewDecided:
    """A review as it is now."""

    review: ReviewAnswer


@strawberry.input(name="RecordGroundInput")
class RecordGroundInput:
    """A ground as an authority vouches for it; `reference` is the paper's number there."""

    idempotency_key: str
    resident_id: strawberry.ID
    kind: GroundKind
    source: str
    first_day: date
    last_day: date | None = None
    reference: str = ""


@strawberry.input(name="EndGroundInput")
class EndGroundInput:
    """Which ground ends now."""

    idempotency_key: str
    id: strawberry.ID


@strawberry.input(name="DecideEligibilityReviewInput")
class DecideReviewInput:
    """What a clerk decides, and why."""

    idempotency_key: str
    id: strawberry.ID
    decision: Decision
    reason: str


GroundsResult = Annotated[GroundList | RefusalAnswer, strawberry.union("EligibilityGroundsResult")]
GroundResult = Annotated[GroundChanged | RefusalAnswer, strawberry.union("GroundResult")]
ReviewResult = Annotated[ReviewDecided | RefusalAnswer, strawberry.union("EligibilityReviewResult")]


@strawberry.type
class EligibilityQueries:
    """Questions about grounds and their reviews."""

    @strawberry.field
    async def eligibility_grounds(self, info: OperationInfo) -> GroundsResult:
        """Answer with the caller's own grounds, signed in."""
        caller = info.context.caller
        if caller is None or caller.resident_id is None:
            return RefusalAnswer.of(SIGN_IN_NEEDED)
        found = await info.context.services[Grounds].of(caller.resident_id)
        return GroundList(
            nodes=[
                GroundAnswer(
                    id=strawberry.ID(one.ground_id),
                    kind=one.ground.kind,
                    name=LocalizedTextAnswer.of(GROUND_WORDS[one.ground.kind]),
                    source=one.ground.source,
                    first_day=one.ground.first_day,
                    last_day=one.ground.last_day,
                    holds=one.holds,
                )
                for one in found
            ]
        )

    @strawberry.field
    async def eligibility_reviews(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> ReviewConnection:
        """Answer with a page of open reviews, for clerks."""
        position = position_of(first, after)
        reviews = info.context.services[EligibilityReviews]
        page = await reviews.page(info.context.caller, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        last = page.rows[-1] if page.rows else None
        cursor = Position(last.due_at, last.review_id).to_cursor() if last else None
        return ReviewConnection(
            nodes=[_answer(review) for review in page.rows],
            page_info=PageInfo(has_next_page=page.has_more, end_cursor=cursor),
        )


@strawberry.type
class EligibilityMutations:
    """What staff do with grounds and reviews."""

    @strawberry.mutation
    async def record_ground(
        self,
        info: OperationInfo,
        input: RecordGroundInput,  # noqa: A002 - GraphQL's usual name
    ) -> GroundResult:
        """登记资格: for clerks and department officers."""
        ground = Ground(input.kind, input.source, input.first_day, input.last_day, input.reference)
        done = await info.context.services[Grounds].record(
            info.context.caller, input.idempotency_key, input.resident_id, ground
        )
        return _changed(done)

    @strawberry.mutation
    async def end_ground(
        self,
        info: OperationInfo,
        input: EndGroundInput,  # noqa: A002 - see above
    ) -> GroundResult:
        """终止资格: for clerks and department officers; the card stays as it is."""
        grounds, caller = info.context.services[Grounds], info.context.caller
        return _changed(await grounds.end(caller, input.idempotency_key, input.id))

    @strawberry.mutation
    async def decide_eligibility_review(
        self,
        info: OperationInfo,
        input: DecideReviewInput,  # noqa: A002 - see above
    ) -> ReviewResult:
        """核查结论: keep the card or end it, for clerks."""
        done = await info.context.services[EligibilityReviews].decide(
            info.context.caller, input.idempotency_key, input.id, input.decision, input.reason
        )
        if isinstance(done, Refusal):
            return RefusalAnswer.of(done)
        return ReviewDecided(review=_answer(done))


def _changed(done: str | Refusal) -> GroundChanged | RefusalAnswer:
    if isinstance(done, Refusal):
        return RefusalAnswer.of(done)
    return GroundChanged(id=strawberry.ID(done))


def _answer(review: Review) -> ReviewAnswer:
    return ReviewAnswer(
        id=strawberry.ID(review.review_id),
        resident_id=strawberry.ID(review.resident_id),
        state=review.state,
        opened_at=review.opened_at,
        due_at=review.due_at,
    )
