"""The account a person is paid to, as GraphQL has it."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.foundation.refusals import Refusal
from backend.payout_accounts.rules import payee_of
from backend.payout_accounts.service import PayeeView, PayoutAccounts, PayoutAccountView

OperationInfo = Info[OperationContext, None]


@strawberry.type(name="Payee", description="A bank account by its last four digits.")
class PayeeAnswer:
    """An account; it counts from `startsAt`."""

    bank: str
    tail: str
    starts_at: datetime


@strawberry.type(name="PayoutAccount", description="`held` counts when its 72 hours are over.")
class PayoutAccountAnswer:
    """The account payments go to, and the change that waits; both may be missing."""

    present: PayeeAnswer | None
    held: PayeeAnswer | None
    server_time: datetime


PayoutAccountResult = Annotated[
    PayoutAccountAnswer | RefusalAnswer, strawberry.union("PayoutAccountResult")
]


@strawberry.input(name="ChangePayoutAccountInput")
class ChangePayoutAccountInput:
    """A bank and the number of an account there, as on the bank's card or book."""

    idempotency_key: str
    bank: str
    number: str


@strawberry.input(name="WithdrawPayoutChangeInput")
class WithdrawPayoutChangeInput:
    """Take the change that waits back."""

    idempotency_key: str


@strawberry.type
class PayoutAccountQueries:
    """Questions about the caller's account."""

    @strawberry.field
    async def payout_account(self, info: OperationInfo) -> PayoutAccountResult:
        """Answer with the account the caller is paid to."""
        context = info.context
        return _answer(info, await context.services[PayoutAccounts].own(context.caller))


@strawberry.type
class PayoutAccountMutations:
    """What people do with their account."""

    @strawberry.mutation
    async def change_payout_account(
        self,
        info: OperationInfo,
        input: ChangePayoutAccountInput,  # noqa: A002 - GraphQL's usual name
    ) -> PayoutAccountResult:
        """Name another account 变更收款账户, by a sign-in of just now; it is held for 72 hours."""
        context, payee = info.context, payee_of(input.bank, input.number)
        service = context.services[PayoutAccounts]
        return _answer(info, await service.change(context.caller, input.idempotency_key, payee))

    @strawberry.mutation
    async def withdraw_payout_change(
        self,
        info: OperationInfo,
        input: WithdrawPayoutChangeInput,  # noqa: A002 - see above
    ) -> PayoutAccountResult:
        """Take a change back while it is held."""
        context = info.context
        service = context.services[PayoutAccounts]
        return _answer(info, await service.withdraw(context.caller, input.idempotency_key))


def _answer(
    info: OperationInfo, found: PayoutAccountView | Refusal
) -> PayoutAccountAnswer | RefusalAnswer:
    return answer_of(
        found,
        lambda view: PayoutAccountAnswer(
            present=_payee(view.present),
            held=_payee(view.held),
            server_time=info.context.clock.now(),
        ),
    )


def _payee(view: PayeeView | None) -> PayeeAnswer | None:
    return (
        None
        if view is None
        else PayeeAnswer(bank=view.bank, tail=view.tail, starts_at=view.starts_at)
    )
