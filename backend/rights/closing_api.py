"""What people's apps ask and do about closing their account."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.operations import OperationContext
from backend.foundation.refusals import Refusal
from backend.rights.closing import AccountClosings, ClosingRequest
from backend.rights.closing_rules import KeptRecord

OperationInfo = Info[OperationContext, None]


@strawberry.type(name="KeptRecord", description="What a closing leaves, why, and until when.")
class KeptRecordAnswer:
    """What a closing leaves."""

    what: LocalizedTextAnswer
    legal_basis: LocalizedTextAnswer
    until: LocalizedTextAnswer


@strawberry.type(name="ClosingRequest", description="A closing in its cooling-off time.")
class ClosingRequestAnswer:
    """A closing that can still be withdrawn."""

    requested_at: datetime
    effective_at: datetime


@strawberry.type(name="ClosingTerms", description="What closing the account now would do.")
class ClosingTermsAnswer:
    """What is erased, what is kept, and the closing that waits, if one does."""

    erased: list[LocalizedTextAnswer]
    kept: list[KeptRecordAnswer]
    cooling_off_days: int
    request: ClosingRequestAnswer | None


@strawberry.type(name="ClosingRequested")
class ClosingRequested:
    """The closing waits its time, now or since before."""

    request: ClosingRequestAnswer
    server_time: datetime


@strawberry.type(name="ClosingWithdrawn")
class ClosingWithdrawn:
    """The account stays."""

    server_time: datetime


@strawberry.input(name="RequestClosingInput")
class RequestClosingInput:
    """Nothing but the request's key: who asks closes their own account."""

    idempotency_key: str


@strawberry.input(name="WithdrawClosingInput")
class WithdrawClosingInput:
    """As with the request."""

    idempotency_key: str


ClosingTermsResult = Annotated[
    ClosingTermsAnswer | RefusalAnswer, strawberry.union("ClosingTermsResult")
]
RequestClosingResult = Annotated[
    ClosingRequested | RefusalAnswer, strawberry.union("RequestClosingResult")
]
WithdrawClosingResult = Annotated[
    ClosingWithdrawn | RefusalAnswer, strawberry.union("WithdrawClosingResult")
]


@strawberry.type
class ClosingQueries:
    """Questions about closing the caller's account."""

    @strawberry.field
    async def closing_terms(self, info: OperationInfo) -> ClosingTermsResult:
        """Answer with what closing would erase and keep, and the request that waits."""
        terms = await info.context.services[AccountClosings].terms(info.context.caller)
        if isinstance(terms, Refusal):
            return RefusalAnswer.of(terms)
        return ClosingTermsAnswer(
            erased=[LocalizedTextAnswer.of(one) for one in terms.erased],
            kept=[_kept(one) for one in terms.kept],
            cooling_off_days=terms.cooling_off_days,
            request=None if terms.request is None else _request(terms.request),
        )


@strawberry.type
class ClosingMutations:
    """Acts on the closing of the caller's account."""

    @strawberry.mutation
    async def request_closing(
        self,
        info: OperationInfo,
        input: RequestClosingInput,  # noqa: A002 - GraphQL's usual name
    ) -> RequestClosingResult:
        """Ask for the account to be closed after the cooling-off time."""
        context = info.context
        done = await context.services[AccountClosings].request(
            context.caller, input.idempotency_key
        )
        if isinstance(done, Refusal):
            return RefusalAnswer.of(done)
        return ClosingRequested(request=_request(done), server_time=context.clock.now())

    @strawberry.mutation
    async def withdraw_closing(
        self,
        info: OperationInfo,
        input: WithdrawClosingInput,  # noqa: A002 - see above
    ) -> WithdrawClosingResult:
        """Keep the account after all."""
        context = info.context
        refused = await context.services[AccountClosings].withdraw(
            context.caller, input.idempotency_key
        )
        if refused is not None:
            return RefusalAnswer.of(refused)
        return ClosingWithdrawn(server_time=context.clock.now())


def _request(waiting: ClosingRequest) -> ClosingRequestAnswer:
    return ClosingRequestAnswer(
        requested_at=waiting.requested_at, effective_at=waiting.effective_at
    )


def _kept(record: KeptRecord) -> KeptRecordAnswer:
    return KeptRecordAnswer(
        what=LocalizedTextAnswer.of(record.what),
        legal_basis=LocalizedTextAnswer.of(record.legal_basis),
        until=LocalizedTextAnswer.of(record.until),
    )
