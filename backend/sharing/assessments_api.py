"""What officers ask about the register of impact assessments, and their records in it."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import OperationRefused, RefusalAnswer, answer_of
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.sharing.assessment_rules import Assessed, Assessment, Processing
from backend.sharing.assessments import ImpactAssessments

strawberry.enum(Processing, name="AssessedProcessing")


@strawberry.type(name="ImpactAssessment", description="A record of the register (PIPL 55).")
class AssessmentAnswer:
    """An assessment; `items` are stored fields as the data catalogue names them."""

    id: strawberry.ID
    title: str
    kinds: list[Processing]
    items: list[str]
    necessity: str
    impact: str
    measures: str
    starts_at: datetime
    ends_at: datetime
    recorded_at: datetime
    withdrawn_at: datetime | None
    kept_until: datetime


@strawberry.type(name="ImpactAssessmentConnection")
class AssessmentConnection:
    """A page of the register, the last recorded first."""

    nodes: list[AssessmentAnswer]
    page_info: PageInfo


@strawberry.type(name="ImpactAssessmentKept")
class AssessmentKept:
    """A record as it is now."""

    assessment: AssessmentAnswer


@strawberry.input(name="RecordImpactAssessmentInput")
class RecordAssessmentInput:
    """What is assessed: what kinds of processing of which items, and what came of it."""

    idempotency_key: str
    title: str
    kinds: list[Processing]
    items: list[str]
    necessity: str
    impact: str
    measures: str
    starts_at: datetime
    ends_at: datetime


@strawberry.input(name="WithdrawImpactAssessmentInput")
class WithdrawAssessmentInput:
    """Which assessment no longer holds, and why."""

    idempotency_key: str
    id: strawberry.ID
    reason: str


AssessmentResult = Annotated[
    AssessmentKept | RefusalAnswer, strawberry.union("ImpactAssessmentResult")
]


@strawberry.type
class AssessmentQueries:
    """Questions about the register."""

    @strawberry.field
    async def impact_assessments(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> AssessmentConnection:
        """Answer with a page of the register."""
        position, context = position_of(first, after), info.context
        page = await context.services[ImpactAssessments].page(context.caller, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        return AssessmentConnection(
            nodes=[_answer(one) for one in page.rows], page_info=PageInfo.of(page)
        )


@strawberry.type
class AssessmentMutations:
    """Acts on the register."""

    @strawberry.mutation
    async def record_impact_assessment(
        self,
        info: OperationInfo,
        input: RecordAssessmentInput,  # noqa: A002 - GraphQL's usual name
    ) -> AssessmentResult:
        """Record an assessment before the processing begins (PIPL 55)."""
        context = info.context
        assessed = Assessed(
            title=input.title,
            kinds=frozenset(input.kinds),
            items=frozenset(input.items),
            necessity=input.necessity,
            impact=input.impact,
            measures=input.measures,
            starts_at=input.starts_at,
            ends_at=input.ends_at,
        )
        kept = await context.services[ImpactAssessments].record(
            context.caller, input.idempotency_key, assessed
        )
        return answer_of(kept, lambda one: AssessmentKept(assessment=_answer(one)))

    @strawberry.mutation
    async def withdraw_impact_assessment(
        self,
        info: OperationInfo,
        input: WithdrawAssessmentInput,  # noqa: A002 - GraphQL's usual name
    ) -> AssessmentResult:
        """Withdraw an assessment; agreements that rest on it are suspended."""
        context = info.context
        kept = await context.services[ImpactAssessments].withdraw(
            context.caller, input.idempotency_key, str(input.id), input.reason
        )
        return answer_of(kept, lambda one: AssessmentKept(assessment=_answer(one)))


def _answer(one: Assessment) -> AssessmentAnswer:
    assessed = one.assessed
    return AssessmentAnswer(
        id=strawberry.ID(one.assessment_id),
        title=assessed.title,
        kinds=[kind for kind in Processing if kind in assessed.kinds],
        items=sorted(assessed.items),
        necessity=assessed.necessity,
        impact=assessed.impact,
        measures=assessed.measures,
        starts_at=assessed.starts_at,
        ends_at=assessed.ends_at,
        recorded_at=one.recorded_at,
        withdrawn_at=one.withdrawn_at,
        kept_until=one.kept_until,
    )
