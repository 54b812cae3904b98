"""What people's apps and outlets ask about mandates 亲情代办, and do with them."""

from collections.abc import Awaitable

import strawberry
from strawberry.types import Info

from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.mandates.answers import (
    ActConnection,
    MandateActsResult,
    MandateChanged,
    MandateChangeResult,
    MandateConnection,
    MandateInvited,
    MandateInviteResult,
    MandateNoticeConnection,
    MandateNoticesResult,
    MandatesResult,
    act_answer,
    mandate_answer,
    notice_answer,
)
from backend.mandates.by_card import CardGrant, MandatesByCard
from backend.mandates.granting import terms_of
from backend.mandates.guarding import Guarding
from backend.mandates.rules import limits_of
from backend.mandates.scopes import Relation, Scope
from backend.mandates.service import Invited, Mandates
from backend.mandates.views import MandateView, MandateViews, Side

OperationInfo = Info[OperationContext, None]


@strawberry.input(name="InviteMandateInput")
class InviteMandateInput:
    """`side` is the caller's; without `scopes` the smallest; `days` null for guardians only."""

    idempotency_key: str
    side: Side
    relation: Relation
    scopes: list[Scope] = strawberry.field(default_factory=list)
    days: int | None = None


@strawberry.input(name="GrantMandateByCardInput")
class GrantMandateByCardInput:
    """`card` is the digest of the card's 识别码 in hex, `pin` keyed in by the card's holder."""

    idempotency_key: str
    relation: Relation
    card: str
    pin: str
    days: int
    scopes: list[Scope] = strawberry.field(default_factory=list)


@strawberry.input(name="TakeMandateInput")
class TakeMandateInput:
    """What the other side showed."""

    idempotency_key: str
    invitation: str


@strawberry.input(name="MandateInput")
class MandateInput:
    """Which mandate."""

    idempotency_key: str
    mandate: strawberry.ID


@strawberry.input(name="StopMandateInput")
class StopMandateInput:
    """Which mandate, and which scope; without one, all of it."""

    idempotency_key: str
    mandate: strawberry.ID
    scope: Scope | None = None


@strawberry.input(name="LimitMandateInput")
class LimitMandateInput:
    """What the delegate may pay: an act at most a day's, a day's at most a month's."""

    idempotency_key: str
    mandate: strawberry.ID
    per_act_fen: int
    per_day_fen: int
    per_month_fen: int


@strawberry.input(name="MandateViewNoticesInput")
class MandateViewNoticesInput:
    """`daily`: views are told once a day, not one by one."""

    idempotency_key: str
    mandate: strawberry.ID
    daily: bool


@strawberry.type
class MandateQueries:
    """Questions about the caller's mandates."""

    @strawberry.field
    async def mandates(
        self, info: OperationInfo, side: Side, first: int = 20, after: str | None = None
    ) -> MandatesResult:
        """Answer with a page of the caller's mandates on one side."""
        position, context = position_of(first, after), info.context
        page = await context.services[MandateViews].page(context.caller, side, first, position)
        if isinstance(page, Refusal):
            return RefusalAnswer.of(page)
        return MandateConnection(
            nodes=[mandate_answer(one) for one in page.rows], page_info=PageInfo.of(page)
        )

    @strawberry.field
    async def ward_mandates(
        self, info: OperationInfo, mandate: strawberry.ID, first: int = 20, after: str | None = None
    ) -> MandatesResult:
        """Answer a guardian with a page of the mandates of the ward whom `mandate` is about."""
        position, context = position_of(first, after), info.context
        page = await context.services[Guarding].page(context.caller, mandate, first, position)
        if isinstance(page, Refusal):
            return RefusalAnswer.of(page)
        return MandateConnection(
            nodes=[mandate_answer(one) for one in page.rows], page_info=PageInfo.of(page)
        )

    @strawberry.field
    async def mandate_acts(
        self, info: OperationInfo, mandate: strawberry.ID, first: int = 20, after: str | None = None
    ) -> MandateActsResult:
        """Answer with a page of what was done under a mandate."""
        position, context = position_of(first, after), info.context
        page = await context.services[MandateViews].acts(context.caller, mandate, first, position)
        if isinstance(page, Refusal):
            return RefusalAnswer.of(page)
        return ActConnection(
            nodes=[act_answer(one) for one in page.rows], page_info=PageInfo.of(page)
        )

    @strawberry.field
    async def mandate_notices(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> MandateNoticesResult:
        """Answer with a page of what the caller was told of mandates."""
        position, context = position_of(first, after), info.context
        page = await context.services[MandateViews].notices(context.caller, first, position)
        if isinstance(page, Refusal):
            return RefusalAnswer.of(page)
        return MandateNoticeConnection(
            nodes=[notice_answer(one) for one in page.rows], page_info=PageInfo.of(page)
        )


@strawberry.type
class MandateMutations:
    """What people do with mandates."""

    @strawberry.mutation
    async def invite_mandate(
        self,
        info: OperationInfo,
        input: InviteMandateInput,  # noqa: A002 - GraphQL's usual name
    ) -> MandateInviteResult:
        """Make an invitation to a mandate, as its principal or its delegate."""
        context, terms = info.context, terms_of(input.relation, input.scopes, input.days)
        made = await context.services[Mandates].invite(
            context.caller, input.idempotency_key, input.side, terms
        )
        return answer_of(made, lambda found: _invited(info, found))

    @strawberry.mutation
    async def grant_mandate_by_card(
        self,
        info: OperationInfo,
        input: GrantMandateByCardInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Be given a mandate by a relative's card and PIN, held to the caller's phone."""
        terms = terms_of(input.relation, input.scopes, input.days)
        wish = terms if isinstance(terms, Refusal) else CardGrant(terms, input.card, input.pin)
        by_card = info.context.services[MandatesByCard]
        return await mandate_changed(
            info, by_card.grant(info.context.caller, input.idempotency_key, wish)
        )

    @strawberry.mutation
    async def take_mandate(
        self,
        info: OperationInfo,
        input: TakeMandateInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Take an invitation; the mandate then waits for its principal's `confirmMandate`."""
        return await mandate_changed(
            info, _mandates(info).take(info.context.caller, input.idempotency_key, input.invitation)
        )

    @strawberry.mutation
    async def confirm_mandate(
        self,
        info: OperationInfo,
        input: MandateInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Confirm as the principal; also a child's own consent from 14 on."""
        return await mandate_changed(
            info, _mandates(info).confirm(info.context.caller, input.idempotency_key, input.mandate)
        )

    @strawberry.mutation
    async def stop_mandate(
        self,
        info: OperationInfo,
        input: StopMandateInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Stop a mandate or one scope of it, at once, from either side."""
        return await mandate_changed(
            info,
            _mandates(info).stop(
                info.context.caller, input.idempotency_key, input.mandate, input.scope
            ),
        )

    @strawberry.mutation
    async def dispute_mandate(
        self,
        info: OperationInfo,
        input: MandateInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Suspend a mandate until an outlet decides."""
        return await mandate_changed(
            info, _mandates(info).dispute(info.context.caller, input.idempotency_key, input.mandate)
        )

    @strawberry.mutation
    async def limit_mandate(
        self,
        info: OperationInfo,
        input: LimitMandateInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Set, as the principal, what the delegate may pay."""
        limits = limits_of(input.per_act_fen, input.per_day_fen, input.per_month_fen)
        return await mandate_changed(
            info,
            _mandates(info).limit(
                info.context.caller, input.idempotency_key, input.mandate, limits
            ),
        )

    @strawberry.mutation
    async def set_mandate_view_notices(
        self,
        info: OperationInfo,
        input: MandateViewNoticesInput,  # noqa: A002 - see above
    ) -> MandateChangeResult:
        """Choose, as the principal, how to be told of views; acts are told one by one."""
        return await mandate_changed(
            info,
            _mandates(info).tell_views(
                info.context.caller, input.idempotency_key, input.mandate, daily=input.daily
            ),
        )


async def mandate_changed(
    info: OperationInfo, doing: Awaitable[MandateView | Refusal]
) -> MandateChanged | RefusalAnswer:
    """Return what became of a mandate as an answer, or why it is not changed."""
    return answer_of(
        await doing,
        lambda view: MandateChanged(
            mandate=mandate_answer(view), server_time=info.context.clock.now()
        ),
    )


def _mandates(info: OperationInfo) -> Mandates:
    return info.context.services[Mandates]


def _invited(info: OperationInfo, made: Invited) -> MandateInvited:
    return MandateInvited(
        mandate=mandate_answer(made.mandate),
        invitation=made.invitation,
        server_time=info.context.clock.now(),
    )
