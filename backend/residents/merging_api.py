"""What officers ask and do about merging records of one person."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import OperationRefused, RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.residents.merge_rules import MergeState
from backend.residents.merging import MergeFacts, RecordMerging

OperationInfo = Info[OperationContext, None]

strawberry.enum(MergeState, name="RecordMergeState")


@strawberry.type(name="RecordMerge", description="Two records that are one person's.")
class RecordMergeAnswer:
    """A merge; `reason` and `asked_at` are of what was proposed or decided last."""

    id: strawberry.ID
    kept_id: strawberry.ID
    merged_id: strawberry.ID
    state: MergeState
    reason: str
    asked_at: datetime
    decided_at: datetime | None


@strawberry.type(name="RecordMergeConnection", description="A page, the oldest first.")
class RecordMergeConnection:
    """A page of what waits for a second officer."""

    nodes: list[RecordMergeAnswer]
    page_info: PageInfo


@strawberry.type(name="RecordMergeMoved")
class RecordMergeMoved:
    """It is proposed or decided, now or before."""

    merge: RecordMergeAnswer
    server_time: datetime


@strawberry.input(name="ProposeMergeInput")
class ProposeMergeInput:
    """Which record becomes a part of which, and why."""

    idempotency_key: str
    kept_id: strawberry.ID
    merged_id: strawberry.ID
    reason: str


@strawberry.input(name="ProposeUnmergeInput")
class ProposeUnmergeInput:
    """Which merge is to be undone, and why."""

    idempotency_key: str
    id: strawberry.ID
    reason: str


@strawberry.input(name="DecideMergeInput")
class DecideMergeInput:
    """Whether what another officer proposed is done, and why."""

    idempotency_key: str
    id: strawberry.ID
    accept: bool
    reason: str


RecordMergeResult = Annotated[
    RecordMergeMoved | RefusalAnswer, strawberry.union("RecordMergeResult")
]


@strawberry.type
class RecordMergeQueries:
    """Questions about merges."""

    @strawberry.field
    async def record_merges(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> RecordMergeConnection:
        """Answer with a page of what waits for a second officer; the people are told."""
        position, context = position_of(first, after), info.context
        page = await context.services[RecordMerging].waiting(context.caller, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        return RecordMergeConnection(
            nodes=[_merge(one) for one in page.rows], page_info=PageInfo.of(page)
        )


@strawberry.type
class RecordMergeMutations:
    """Acts on merges; each takes two officers."""

    @strawberry.mutation
    async def propose_merge(
        self,
        info: OperationInfo,
        input: ProposeMergeInput,  # noqa: A002 - GraphQL's usual name
    ) -> RecordMergeResult:
        """Propose that two records of one person become one."""
        done = await info.context.services[RecordMerging].propose(
            info.context.caller,
            input.idempotency_key,
            str(input.kept_id),
            str(input.merged_id),
            input.reason,
        )
        return _moved(info, done)

    @strawberry.mutation
    async def propose_unmerge(
        self,
        info: OperationInfo,
        input: ProposeUnmergeInput,  # noqa: A002 - see above
    ) -> RecordMergeResult:
        """Propose that a merge be undone."""
        done = await info.context.services[RecordMerging].propose_unmerge(
            info.context.caller, input.idempotency_key, str(input.id), input.reason
        )
        return _moved(info, done)

    @strawberry.mutation
    async def decide_merge(
        self,
        info: OperationInfo,
        input: DecideMergeInput,  # noqa: A002 - see above
    ) -> RecordMergeResult:
        """Decide what another officer proposed."""
        done = await info.context.services[RecordMerging].decide(
            info.context.caller,
            input.idempotency_key,
            str(input.id),
            input.reason,
            accept=input.accept,
        )
        return _moved(info, done)


def _moved(info: OperationInfo, done: MergeFacts | Refusal) -> RecordMergeMoved | RefusalAnswer:
    now = info.context.clock.now()
    return answer_of(done, lambda one: RecordMergeMoved(merge=_merge(one), server_time=now))


def _merge(found: MergeFacts) -> RecordMergeAnswer:
    return RecordMergeAnswer(
        id=strawberry.ID(found.merge_id),
        kept_id=strawberry.ID(found.kept),
        merged_id=strawberry.ID(found.merged),
        state=found.state,
        reason=found.reason,
        asked_at=found.asked_at,
        decided_at=found.decided_at,
    )
