"""What staff of venues do with passes at a counter."""

from datetime import date
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import RefusalAnswer
from backend.foundation.refusals import Refusal
from backend.passes.api import PassChangeResult, changed
from backend.passes.changes import Passes
from backend.passes.closure_refunds import ClosureRefunds
from backend.passes.issuing import PassIssuing
from backend.passes.rules import PassWish


@strawberry.input(name="IssuePassInput")
class IssuePassInput:
    """`reference` is the receipt's number; it may be empty where the pass costs nothing."""

    idempotency_key: str
    resident: strawberry.ID
    product: str
    quantity: int = 1
    day: date | None = None
    reference: str = ""


@strawberry.input(name="RevokePassInput")
class RevokePassInput:
    """Which pass, and why; the reason holds nothing personal."""

    idempotency_key: str
    held: strawberry.ID = strawberry.field(name="pass")
    reason: str


@strawberry.input(name="RefundClosedDaysInput")
class RefundClosedDaysInput:
    """The days on which a venue was or will be closed, and why; nothing personal."""

    idempotency_key: str
    venue: int
    first: date
    last: date
    reason: str


@strawberry.type(name="PassesRefunded")
class PassesRefunded:
    """How many passes were given back now."""

    count: int


RefundClosedDaysResult = Annotated[
    PassesRefunded | RefusalAnswer, strawberry.union("RefundClosedDaysResult")
]


@strawberry.type
class PassStaffMutations:
    """What staff do with passes."""

    @strawberry.mutation
    async def issue_pass(
        self,
        info: OperationInfo,
        input: IssuePassInput,  # noqa: A002 - GraphQL's usual name
    ) -> PassChangeResult:
        """Issue a pass at a counter; what it costs was paid there."""
        wish = PassWish(input.product, input.quantity, input.day)
        issued = await info.context.services[PassIssuing].issue(
            info.context.caller, input.idempotency_key, input.resident, wish, input.reference
        )
        return changed(info, issued)

    @strawberry.mutation
    async def revoke_pass(
        self,
        info: OperationInfo,
        input: RevokePassInput,  # noqa: A002 - see above
    ) -> PassChangeResult:
        """Revoke a pass that should not be."""
        revoked = await info.context.services[Passes].revoke(
            info.context.caller, input.idempotency_key, input.held, input.reason
        )
        return changed(info, revoked)

    @strawberry.mutation
    async def refund_closed_days(
        self,
        info: OperationInfo,
        input: RefundClosedDaysInput,  # noqa: A002 - see above
    ) -> RefundClosedDaysResult:
        """Give back the unused tickets of days on which a venue is closed."""
        done = await info.context.services[ClosureRefunds].refund(
            *(info.context.caller, input.idempotency_key, input.venue),
            *(input.first, input.last, input.reason),
        )
        return RefusalAnswer.of(done) if isinstance(done, Refusal) else PassesRefunded(count=done)
