"""Mandates 亲情代办 as GraphQL answers with them."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.page_answers import PageInfo
from backend.mandates.notices import NoticeView
from backend.mandates.rules import Ending, ShownState
from backend.mandates.scopes import Channel, Evidence, Relation, Scope
from backend.mandates.views import ActView, MandateView, Side

strawberry.enum(Side, name="MandateSide")
strawberry.enum(Scope, name="MandateScope")
strawberry.enum(Relation, name="MandateRelation")
strawberry.enum(Channel, name="MandateChannel")
strawberry.enum(Evidence, name="MandateEvidence")
strawberry.enum(ShownState, name="MandateState")
strawberry.enum(Ending, name="MandateEnding")


@strawberry.type(name="MandateScopeGrant", description="`since` is null before the confirmation.")
class ScopeAnswer:
    """A scope, and the time it may be used in."""

    scope: Scope
    since: datetime | None
    until: datetime | None


@strawberry.type(
    name="MandateLimits", description="What the delegate may pay and has paid, in fen."
)
class LimitsAnswer:
    """Limits of payments; 0 until the principal sets them."""

    per_act_fen: int
    per_day_fen: int
    per_month_fen: int
    spent_today_fen: int
    spent_this_month_fen: int


@strawberry.type(name="Mandate", description="A mandate as the caller's side sees it.")
class MandateAnswer:
    """A mandate; `otherName` is the other person's, masked; `relation` who the principal is."""

    id: strawberry.ID
    side: Side
    other_name: str | None
    relation: Relation
    delegate_is: LocalizedTextAnswer
    state: ShownState
    scopes: list[ScopeAnswer]
    days: int | None
    text: LocalizedTextAnswer
    offered_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    review_by: datetime | None
    consent_from: datetime | None
    channel: Channel | None
    evidence: Evidence
    limits: LimitsAnswer
    daily_views: bool
    uses: int
    used_at: datetime | None
    ended_at: datetime | None
    ended: Ending | None


@strawberry.type(name="MandateConnection", description="A page of mandates, the last offered first")
class MandateConnection:
    """A page of mandates."""

    nodes: list[MandateAnswer]
    page_info: PageInfo


@strawberry.type(name="MandateAct", description="What was done under a mandate, from the log.")
class ActAnswer:
    """One act; `byDelegate` is false for what the principal or an outlet did with the mandate."""

    id: strawberry.ID
    at: datetime
    action: str
    words: LocalizedTextAnswer
    by_delegate: bool
    done: bool


@strawberry.type(name="MandateActConnection", description="A page of acts, newest first.")
class ActConnection:
    """A page of acts."""

    nodes: list[ActAnswer]
    page_info: PageInfo


@strawberry.type(name="MandateNotice", description="`times` counts views told once a day.")
class MandateNoticeAnswer:
    """What the caller is told of a mandate."""

    id: strawberry.ID
    mandate: strawberry.ID
    code: str
    words: LocalizedTextAnswer
    at: datetime
    times: int


@strawberry.type(name="MandateNoticeConnection", description="A page of notices, newest first.")
class MandateNoticeConnection:
    """A page of notices."""

    nodes: list[MandateNoticeAnswer]
    page_info: PageInfo


@strawberry.type(name="MandateChanged")
class MandateChanged:
    """A mandate that was made or changed."""

    mandate: MandateAnswer
    server_time: datetime


@strawberry.type(name="MandateInvited", description="Whoever sends the invitation is the other.")
class MandateInvited:
    """A mandate that waits for the other side; the invitation holds for a day."""

    mandate: MandateAnswer
    invitation: str
    server_time: datetime


MandatesResult = Annotated[MandateConnection | RefusalAnswer, strawberry.union("MandatesResult")]
MandateActsResult = Annotated[ActConnection | RefusalAnswer, strawberry.union("MandateActsResult")]
MandateNoticesResult = Annotated[
    MandateNoticeConnection | RefusalAnswer, strawberry.union("MandateNoticesResult")
]
MandateInviteResult = Annotated[
    MandateInvited | RefusalAnswer, strawberry.union("MandateInviteResult")
]
MandateChangeResult = Annotated[
    MandateChanged | RefusalAnswer, strawberry.union("MandateChangeResult")
]


def mandate_answer(view: MandateView) -> MandateAnswer:
    """Return a mandate as an answer."""
    limits = view.limits
    return MandateAnswer(
        id=strawberry.ID(view.mandate_id),
        side=view.side,
        other_name=view.other_name,
        relation=view.relation,
        delegate_is=LocalizedTextAnswer.of(view.delegate_is),
        state=view.state,
        scopes=[ScopeAnswer(scope=s.scope, since=s.since, until=s.until) for s in view.scopes],
        days=view.days,
        text=LocalizedTextAnswer.of(view.text),
        offered_at=view.offered_at,
        starts_at=view.starts_at,
        ends_at=view.ends_at,
        review_by=view.review_by,
        consent_from=view.consent_from,
        channel=view.channel,
        evidence=view.evidence,
        limits=LimitsAnswer(
            per_act_fen=limits.per_act,
            per_day_fen=limits.per_day,
            per_month_fen=limits.per_month,
            spent_today_fen=view.spent_today,
            spent_this_month_fen=view.spent_this_month,
        ),
        daily_views=view.daily_views,
        uses=view.uses,
        used_at=view.used_at,
        ended_at=view.ended_at,
        ended=view.ended,
    )


def act_answer(view: ActView) -> ActAnswer:
    """Return an act as an answer."""
    return ActAnswer(
        id=strawberry.ID(view.row_id),
        at=view.at,
        action=view.action,
        words=LocalizedTextAnswer.of(view.words),
        by_delegate=view.by_delegate,
        done=view.done,
    )


def notice_answer(view: NoticeView) -> MandateNoticeAnswer:
    """Return a notice as an answer."""
    return MandateNoticeAnswer(
        id=strawberry.ID(view.notice_id),
        mandate=strawberry.ID(view.mandate_id),
        code=view.code,
        words=LocalizedTextAnswer.of(view.words),
        at=view.at,
        times=view.times,
    )
