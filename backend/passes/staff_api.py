"""What staff of venues do with passes at a counter."""

from datetime import date

import strawberry

from backend.cards.api import OperationInfo
from backend.passes.api import PassChangeResult, changed
from backend.passes.changes import Passes
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
