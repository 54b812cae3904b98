"""What auditors and security officers ask about the log and its alerts."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.accounts.staff_api import OrganisationAnswer
from backend.datause.oversight import AlertFacts, ChainFacts, Oversight, RowFacts, RowFilter
from backend.foundation.answers import (
    LocalizedTextAnswer,
    OperationRefused,
    RefusalAnswer,
    answer_of,
)
from backend.foundation.operations import OperationContext
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal

OperationInfo = Info[OperationContext, None]


@strawberry.type(name="AuditRow", description="One deed as the log has it; never a value.")
class AuditRowAnswer:
    """A row of the log."""

    id: strawberry.ID
    at: datetime
    actor_kind: str
    actor_id: str
    action: str
    words: LocalizedTextAnswer
    system: str
    organisation: OrganisationAnswer
    result: str
    subject: str | None
    reason: str | None
    origin: str | None
    alert: str | None


@strawberry.type(name="AuditRowConnection", description="A page of the log, newest first.")
class AuditRowConnection:
    """A page of the log."""

    nodes: list[AuditRowAnswer]
    page_info: PageInfo


@strawberry.type(name="Alert", description="What an officer should look at.")
class AlertAnswer:
    """An alert; `acknowledgedAt` is there once an officer has looked at it."""

    id: strawberry.ID
    row: AuditRowAnswer
    acknowledged_by: str | None
    acknowledged_at: datetime | None


@strawberry.type(name="AlertConnection", description="A page of alerts, newest first.")
class AlertConnection:
    """A page of alerts."""

    nodes: list[AlertAnswer]
    page_info: PageInfo


@strawberry.type(name="AuditVerification", description="What a check of the whole chain found.")
class AuditVerificationAnswer:
    """A check; `words` name the first broken row where the chain is not sound."""

    at: datetime
    sound: bool
    seq: int
    words: LocalizedTextAnswer


@strawberry.type(name="AuditChain", description="Where the chain over the log ends.")
class AuditChain:
    """The chain's end, to be compared with what was noted elsewhere."""

    seq: int
    hash: str
    followed_at: datetime | None
    last_verification: AuditVerificationAnswer | None


@strawberry.type(name="AlertAcknowledged")
class AlertAcknowledged:
    """The alert was looked at, now or before."""

    alert: AlertAnswer
    server_time: datetime


@strawberry.input(name="AcknowledgeAlertInput")
class AcknowledgeAlertInput:
    """Which alert, and what came of it."""

    idempotency_key: str
    id: strawberry.ID
    note: str


AuditChainResult = Annotated[AuditChain | RefusalAnswer, strawberry.union("AuditChainResult")]
AcknowledgeAlertResult = Annotated[
    AlertAcknowledged | RefusalAnswer, strawberry.union("AcknowledgeAlertResult")
]


@strawberry.type
class OversightQueries:
    """Questions of officers about the log."""

    @strawberry.field
    async def audit_rows(
        self,
        info: OperationInfo,
        first: int = 20,
        after: str | None = None,
        subject: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        since: Annotated[datetime | None, strawberry.argument(name="from")] = None,
        until: Annotated[datetime | None, strawberry.argument(name="to")] = None,
    ) -> AuditRowConnection:
        """Answer with a page of the log; reading it is written down."""
        position, context = position_of(first, after), info.context
        asked = RowFilter(subject, actor, action, since, until)
        page = await context.services[Oversight].rows(context.caller, asked, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        return AuditRowConnection(
            nodes=[_row(one) for one in page.rows], page_info=PageInfo.of(page)
        )

    @strawberry.field
    async def audit_chain(self, info: OperationInfo) -> AuditChainResult:
        """Answer with the chain's end and its last verification."""
        found = await info.context.services[Oversight].chain(info.context.caller)
        return answer_of(found, _chain)

    @strawberry.field
    async def alerts(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> AlertConnection:
        """Answer with a page of the alerts."""
        position, context = position_of(first, after), info.context
        page = await context.services[Oversight].alerts(context.caller, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        return AlertConnection(
            nodes=[_alert(one) for one in page.rows], page_info=PageInfo.of(page)
        )


@strawberry.type
class OversightMutations:
    """Acts of officers on alerts."""

    @strawberry.mutation
    async def acknowledge_alert(
        self,
        info: OperationInfo,
        input: AcknowledgeAlertInput,  # noqa: A002 - GraphQL's usual name
    ) -> AcknowledgeAlertResult:
        """Note that an alert was looked at."""
        context = info.context
        done = await context.services[Oversight].acknowledge(
            context.caller, input.idempotency_key, str(input.id), input.note
        )
        now = context.clock.now()
        return answer_of(done, lambda done: AlertAcknowledged(alert=_alert(done), server_time=now))


def _row(facts: RowFacts) -> AuditRowAnswer:
    organisation = facts.organisation
    return AuditRowAnswer(
        id=strawberry.ID(facts.row_id),
        at=facts.at,
        actor_kind=facts.actor_kind,
        actor_id=facts.actor_id,
        action=facts.action,
        words=LocalizedTextAnswer.of(facts.words),
        system=facts.system,
        organisation=OrganisationAnswer(
            code=organisation.code, name=LocalizedTextAnswer.of(organisation.name)
        ),
        result=facts.result,
        subject=facts.subject,
        reason=facts.reason,
        origin=facts.origin,
        alert=facts.alert,
    )


def _alert(facts: AlertFacts) -> AlertAnswer:
    return AlertAnswer(
        id=strawberry.ID(facts.row.row_id),
        row=_row(facts.row),
        acknowledged_by=facts.acknowledged_by,
        acknowledged_at=facts.acknowledged_at,
    )


def _chain(facts: ChainFacts) -> AuditChain:
    last = facts.last
    return AuditChain(
        seq=facts.seq,
        hash=facts.hash,
        followed_at=facts.followed_at,
        last_verification=None
        if last is None
        else AuditVerificationAnswer(
            at=last.at, sound=last.sound, seq=last.seq, words=LocalizedTextAnswer.of(last.words)
        ),
    )
