"""Calls for help between an elder and their family, as GraphQL has them."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

import backend.mandates.answers  # noqa: F401 - it names the enum Side
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.foundation.refusals import Refusal
from backend.help_requests.rules import TOPIC_WORDS, HelpTopic
from backend.help_requests.service import HelpRequests, HelpRequestView
from backend.mandates.views import Side

OperationInfo = Info[OperationContext, None]
strawberry.enum(HelpTopic, name="HelpTopic")


@strawberry.type(name="HelpRequest", description="`otherName` is the other person's, masked.")
class HelpRequestAnswer:
    """A call for help; it waits until it is answered, withdrawn, or `until`."""

    id: strawberry.ID
    mandate: strawberry.ID
    other_name: str | None
    topic: HelpTopic
    words: LocalizedTextAnswer
    asked_at: datetime
    until: datetime
    answered_at: datetime | None
    withdrawn_at: datetime | None


@strawberry.type(name="HelpRequestList", description="At most 20, the last asked first.")
class HelpRequestList:
    """What stands."""

    nodes: list[HelpRequestAnswer]


@strawberry.type(name="HelpRequestChanged")
class HelpRequestChanged:
    """A call for help that was made or changed."""

    help_request: HelpRequestAnswer
    server_time: datetime


HelpRequestsResult = Annotated[
    HelpRequestList | RefusalAnswer, strawberry.union("HelpRequestsResult")
]
HelpRequestChangeResult = Annotated[
    HelpRequestChanged | RefusalAnswer, strawberry.union("HelpRequestChangeResult")
]


@strawberry.input(name="AskForHelpInput")
class AskForHelpInput:
    """Whom, by the mandate that the caller gave them, and with what."""

    idempotency_key: str
    mandate: strawberry.ID
    topic: HelpTopic


@strawberry.input(name="HelpRequestInput")
class HelpRequestInput:
    """Which call for help."""

    idempotency_key: str
    help_request: strawberry.ID


@strawberry.type
class HelpRequestQueries:
    """Questions about calls for help."""

    @strawberry.field
    async def help_requests(self, info: OperationInfo, side: Side) -> HelpRequestsResult:
        """Answer with what the caller asked, or is asked."""
        found = await info.context.services[HelpRequests].requests(info.context.caller, side)
        if isinstance(found, Refusal):
            return RefusalAnswer.of(found)
        return HelpRequestList(nodes=[_answer(one) for one in found])


@strawberry.type
class HelpRequestMutations:
    """What is done with calls for help."""

    @strawberry.mutation
    async def ask_for_help(
        self,
        info: OperationInfo,
        input: AskForHelpInput,  # noqa: A002 - GraphQL's usual name
    ) -> HelpRequestChangeResult:
        """Ask, as the principal of a mandate, its delegate for help."""
        asked = await info.context.services[HelpRequests].ask(
            info.context.caller, input.idempotency_key, input.mandate, input.topic
        )
        return _changed(info, asked)

    @strawberry.mutation
    async def answer_help_request(
        self,
        info: OperationInfo,
        input: HelpRequestInput,  # noqa: A002 - see above
    ) -> HelpRequestChangeResult:
        """Say, as the delegate, that one is at it."""
        answered = await info.context.services[HelpRequests].answer(
            info.context.caller, input.idempotency_key, input.help_request
        )
        return _changed(info, answered)

    @strawberry.mutation
    async def withdraw_help_request(
        self,
        info: OperationInfo,
        input: HelpRequestInput,  # noqa: A002 - see above
    ) -> HelpRequestChangeResult:
        """Ask no longer."""
        withdrawn = await info.context.services[HelpRequests].withdraw(
            info.context.caller, input.idempotency_key, input.help_request
        )
        return _changed(info, withdrawn)


def _changed(
    info: OperationInfo, found: HelpRequestView | Refusal
) -> HelpRequestChanged | RefusalAnswer:
    now = info.context.clock.now()
    return answer_of(
        found, lambda view: HelpRequestChanged(help_request=_answer(view), server_time=now)
    )


def _answer(view: HelpRequestView) -> HelpRequestAnswer:
    return HelpRequestAnswer(
        id=strawberry.ID(view.request_id),
        mandate=strawberry.ID(view.mandate_id),
        other_name=view.other_name,
        topic=view.topic,
        words=LocalizedTextAnswer.of(TOPIC_WORDS[view.topic]),
        asked_at=view.asked_at,
        until=view.until,
        answered_at=view.answered_at,
        withdrawn_at=view.withdrawn_at,
    )
