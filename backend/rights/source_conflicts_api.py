"""What clerks ask and do where sources say different things of a person."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import OperationRefused, RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.residents.rules import PersonField, Source
from backend.rights.source_conflicts import ConflictFacts, SaidBy, Settling, SourceConflicts

OperationInfo = Info[OperationContext, None]

strawberry.enum(Source, name="FieldSource")


@strawberry.type(name="SaidBySource", description="What a source says of a field; masked.")
class SaidBySource:
    """A source's word, and when it was said."""

    source: Source
    at: datetime
    masked: str


@strawberry.type(name="SourceConflict", description="Two sources differ on a field of a record.")
class SourceConflictAnswer:
    """The word that stands, and the later one of a source of lower rank."""

    resident_id: strawberry.ID
    field: PersonField
    standing: SaidBySource
    other: SaidBySource


@strawberry.type(name="SourceConflictConnection", description="By records, the oldest first.")
class SourceConflictConnection:
    """All conflicts of a page of records."""

    nodes: list[SourceConflictAnswer]
    page_info: PageInfo


@strawberry.type(name="SourceConflictSettled")
class SourceConflictSettled:
    """It is settled, now or before."""

    settled_at: datetime
    server_time: datetime


@strawberry.input(name="SettleSourceConflictInput")
class SettleSourceConflictInput:
    """Whether the word of `source`, said at `said_at`, stands from now on, and why."""

    idempotency_key: str
    resident_id: strawberry.ID
    field: PersonField
    source: Source
    said_at: datetime
    adopt: bool
    reason: str


SourceConflictResult = Annotated[
    SourceConflictSettled | RefusalAnswer, strawberry.union("SourceConflictResult")
]


@strawberry.type
class SourceConflictQueries:
    """Questions about conflicts."""

    @strawberry.field
    async def source_conflicts(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> SourceConflictConnection:
        """Answer with the conflicts of a page of records; the people are told."""
        position, context = position_of(first, after), info.context
        found = await context.services[SourceConflicts].waiting(context.caller, first, position)
        if isinstance(found, Refusal):
            raise OperationRefused(found)
        return SourceConflictConnection(
            nodes=[_conflict(one) for row in found.rows for one in row.conflicts],
            page_info=PageInfo.of(found),
        )


@strawberry.type
class SourceConflictMutations:
    """Acts on conflicts."""

    @strawberry.mutation
    async def settle_source_conflict(
        self,
        info: OperationInfo,
        input: SettleSourceConflictInput,  # noqa: A002 - GraphQL's usual name
    ) -> SourceConflictResult:
        """Settle a conflict."""
        context = info.context
        decision = Settling(
            resident_id=str(input.resident_id),
            which=input.field,
            source=input.source,
            said_at=input.said_at,
            adopt=input.adopt,
            reason=input.reason,
        )
        done = await context.services[SourceConflicts].settle(
            context.caller, input.idempotency_key, decision
        )
        now = context.clock.now()
        return answer_of(done, lambda at: SourceConflictSettled(settled_at=at, server_time=now))


def _conflict(found: ConflictFacts) -> SourceConflictAnswer:
    return SourceConflictAnswer(
        resident_id=strawberry.ID(found.resident_id),
        field=found.which,
        standing=_said(found.standing),
        other=_said(found.other),
    )


def _said(found: SaidBy) -> SaidBySource:
    return SaidBySource(source=found.source, at=found.at, masked=found.masked)
