"""What people's apps and the staff's desks ask and do about corrections."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.cards.api import acting_for
from backend.foundation.answers import LocalizedTextAnswer, OperationRefused, RefusalAnswer
from backend.foundation.operations import OperationContext
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.rights.correction_cases import CaseFacts, CorrectionCases, Decision
from backend.rights.correction_rules import CorrectableField, CorrectionState
from backend.rights.corrections import CorrectionFacts, Corrections, Wish

OperationInfo = Info[OperationContext, None]

strawberry.enum(CorrectableField, name="CorrectableField")
strawberry.enum(CorrectionState, name="CorrectionState")


@strawberry.type(
    name="Correction", description="A request that a field of the record be corrected."
)
class CorrectionAnswer:
    """A case as its person sees it; `reason` is the clerk's, once it is decided."""

    id: strawberry.ID
    field: CorrectableField
    state: CorrectionState
    submitted_at: datetime
    decided_at: datetime | None
    reason: LocalizedTextAnswer | None


@strawberry.type(name="CorrectionConnection", description="A page, the last submitted first.")
class CorrectionConnection:
    """A page of cases."""

    nodes: list[CorrectionAnswer]
    page_info: PageInfo


@strawberry.type(name="CorrectionCase", description="A case as a clerk sees it; values masked.")
class CorrectionCaseAnswer:
    """A case that waits for a clerk."""

    correction: CorrectionAnswer
    resident_id: strawberry.ID
    present: str
    wanted: str
    explanation: str


@strawberry.type(name="CorrectionCaseConnection", description="A page, the oldest first.")
class CorrectionCaseConnection:
    """A page of cases that wait."""

    nodes: list[CorrectionCaseAnswer]
    page_info: PageInfo


@strawberry.type(name="CorrectionValues", description="Both values of a case, in full.")
class CorrectionValues:
    """What a clerk compares with the document."""

    present: str
    wanted: str


@strawberry.type(name="CorrectionRequested")
class CorrectionRequested:
    """The case is submitted, now or before."""

    correction: CorrectionAnswer
    server_time: datetime


@strawberry.type(name="CorrectionWithdrawn")
class CorrectionWithdrawn:
    """The case is withdrawn, now or before."""

    correction: CorrectionAnswer
    server_time: datetime


@strawberry.type(name="CorrectionDecided")
class CorrectionDecided:
    """The case is decided, now or before."""

    correction: CorrectionAnswer
    server_time: datetime


@strawberry.input(name="RequestCorrectionInput")
class RequestCorrectionInput:
    """Which field, its right value, and why; a birth date is written 2001-02-03."""

    idempotency_key: str
    field: CorrectableField
    value: str
    explanation: str


@strawberry.input(name="WithdrawCorrectionInput")
class WithdrawCorrectionInput:
    """One case of the caller's."""

    idempotency_key: str
    id: strawberry.ID


@strawberry.input(name="DecideCorrectionInput")
class DecideCorrectionInput:
    """Whether the record is changed, and why; the person reads the reason."""

    idempotency_key: str
    id: strawberry.ID
    accept: bool
    reason: str


CorrectionValuesResult = Annotated[
    CorrectionValues | RefusalAnswer, strawberry.union("CorrectionValuesResult")
]
RequestCorrectionResult = Annotated[
    CorrectionRequested | RefusalAnswer, strawberry.union("RequestCorrectionResult")
]
WithdrawCorrectionResult = Annotated[
    CorrectionWithdrawn | RefusalAnswer, strawberry.union("WithdrawCorrectionResult")
]
DecideCorrectionResult = Annotated[
    CorrectionDecided | RefusalAnswer, strawberry.union("DecideCorrectionResult")
]


@strawberry.type
class CorrectionQueries:
    """Questions about corrections."""

    @strawberry.field
    async def corrections(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> CorrectionConnection:
        """Answer with a page of the caller's requests for correction."""
        position, context = position_of(first, after), info.context
        acting = await acting_for(info)
        if isinstance(acting, Refusal):
            raise OperationRefused(acting)
        cases = context.services[Corrections]
        page = await cases.of_caller(context.caller, first, position, acting)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        return CorrectionConnection(
            nodes=[_correction(one) for one in page.rows],
            page_info=PageInfo.of(page),
        )

    @strawberry.field
    async def correction_cases(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> CorrectionCaseConnection:
        """Answer with a page of the cases that wait, for staff; each person shown is told."""
        position, context = position_of(first, after), info.context
        page = await context.services[CorrectionCases].cases(context.caller, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        cursor = page.rows[-1].case.position.to_cursor() if page.rows else None
        return CorrectionCaseConnection(
            nodes=[_case(one) for one in page.rows],
            page_info=PageInfo(has_next_page=page.has_more, end_cursor=cursor),
        )

    @strawberry.field
    async def correction_values(
        self,
        info: OperationInfo,
        id: strawberry.ID,  # noqa: A002 - GraphQL's usual name
    ) -> CorrectionValuesResult:
        """Answer with both values of a case in full, for staff; the person is told."""
        context = info.context
        found = await context.services[CorrectionCases].reveal(context.caller, str(id))
        if isinstance(found, Refusal):
            return RefusalAnswer.of(found)
        return CorrectionValues(present=found.present, wanted=found.wanted)


@strawberry.type
class CorrectionMutations:
    """Acts on corrections."""

    @strawberry.mutation
    async def request_correction(
        self,
        info: OperationInfo,
        input: RequestCorrectionInput,  # noqa: A002 - GraphQL's usual name
    ) -> RequestCorrectionResult:
        """Ask for a field of the caller's record to be corrected."""
        context = info.context
        acting = await acting_for(info)
        if isinstance(acting, Refusal):
            return RefusalAnswer.of(acting)
        wish = Wish(input.field, input.value, input.explanation)
        done = await context.services[Corrections].request(
            context.caller, input.idempotency_key, wish, acting
        )
        if isinstance(done, Refusal):
            return RefusalAnswer.of(done)
        return CorrectionRequested(correction=_correction(done), server_time=context.clock.now())

    @strawberry.mutation
    async def withdraw_correction(
        self,
        info: OperationInfo,
        input: WithdrawCorrectionInput,  # noqa: A002 - see above
    ) -> WithdrawCorrectionResult:
        """Withdraw a case of the caller's."""
        context = info.context
        acting = await acting_for(info)
        if isinstance(acting, Refusal):
            return RefusalAnswer.of(acting)
        done = await context.services[Corrections].withdraw(
            context.caller, input.idempotency_key, str(input.id), acting
        )
        if isinstance(done, Refusal):
            return RefusalAnswer.of(done)
        return CorrectionWithdrawn(correction=_correction(done), server_time=context.clock.now())

    @strawberry.mutation
    async def decide_correction(
        self,
        info: OperationInfo,
        input: DecideCorrectionInput,  # noqa: A002 - see above
    ) -> DecideCorrectionResult:
        """Decide a case, for staff."""
        context = info.context
        decision = Decision(str(input.id), input.accept, input.reason)
        done = await context.services[CorrectionCases].decide(
            context.caller, input.idempotency_key, decision
        )
        if isinstance(done, Refusal):
            return RefusalAnswer.of(done)
        return CorrectionDecided(correction=_correction(done), server_time=context.clock.now())


def _correction(facts: CorrectionFacts) -> CorrectionAnswer:
    return CorrectionAnswer(
        id=strawberry.ID(facts.case_id),
        field=facts.field,
        state=facts.state,
        submitted_at=facts.submitted_at,
        decided_at=facts.decided_at,
        reason=None if facts.reason is None else LocalizedTextAnswer.of(facts.reason),
    )


def _case(facts: CaseFacts) -> CorrectionCaseAnswer:
    return CorrectionCaseAnswer(
        correction=_correction(facts.case),
        resident_id=strawberry.ID(facts.resident_id),
        present=facts.present,
        wanted=facts.wanted,
        explanation=facts.explanation,
    )
