"""Subsidies over GraphQL: a department files payments, their recipient reads them."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.subsidies.rules import (
    REMEDIES,
    Filing,
    PaymentState,
    UnpaidReason,
    period_words,
)
from backend.subsidies.service import PaymentView, Subsidies
from shared.localized_text import LocalizedText

strawberry.enum(PaymentState, name="SubsidyState")
strawberry.enum(UnpaidReason, name="SubsidyUnpaidReason")


@strawberry.type(name="SubsidyPayment", description="A payment, the account by its last digits.")
class SubsidyPaymentAnswer:
    """A payment; `reason` and `whatToDo` where it did not arrive.

    `correctAccount`: naming another payout account is what helps.
    """

    id: strawberry.ID
    payer: LocalizedTextAnswer
    policy: LocalizedTextAnswer
    period: LocalizedTextAnswer
    amount_fen: int
    bank: LocalizedTextAnswer
    tail: str
    state: PaymentState
    filed_at: datetime
    changed_at: datetime
    reason: LocalizedTextAnswer | None
    what_to_do: LocalizedTextAnswer | None
    correct_account: bool


@strawberry.type(name="SubsidyConnection")
class SubsidyConnection:
    """A page of payments, the newest first."""

    nodes: list[SubsidyPaymentAnswer]
    page_info: PageInfo


@strawberry.type(name="SubsidyFiled")
class SubsidyFiledAnswer:
    """The payment's id, and the state as it was filed."""

    id: strawberry.ID
    state: PaymentState


@strawberry.input(name="FileSubsidyPaymentInput")
class FileSubsidyPaymentInput:
    """A payment as its department knows it, by a reference of the department's own.

    `tail` are the account's last four digits; `reason` is for what failed or was returned.
    """

    idempotency_key: str
    reference: str
    resident: strawberry.ID
    policy_zh: str
    policy_en: str
    period: str
    amount_fen: int
    bank_zh: str
    bank_en: str
    tail: str
    state: PaymentState
    reason: UnpaidReason | None = None


SubsidiesResult = Annotated[SubsidyConnection | RefusalAnswer, strawberry.union("SubsidiesResult")]
FileSubsidyResult = Annotated[
    SubsidyFiledAnswer | RefusalAnswer, strawberry.union("FileSubsidyResult")
]


@strawberry.type
class SubsidyQueries:
    """Questions about the caller's subsidies."""

    @strawberry.field
    async def subsidies(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> SubsidiesResult:
        """Answer with a page of the caller's payments."""
        position = position_of(first, after)
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        page = await info.context.services[Subsidies].page(asking, first, position)
        return SubsidyConnection(nodes=list(map(_answer, page.rows)), page_info=PageInfo.of(page))


@strawberry.type
class SubsidyMutations:
    """What departments do."""

    @strawberry.mutation
    async def file_subsidy_payment(
        self,
        info: OperationInfo,
        input: FileSubsidyPaymentInput,  # noqa: A002 - GraphQL's usual name
    ) -> FileSubsidyResult:
        """File a payment, or how it went on; its recipient is told of the end."""
        filing = Filing(
            reference=input.reference,
            policy=LocalizedText(input.policy_zh, input.policy_en),
            period=input.period,
            amount_fen=input.amount_fen,
            bank=LocalizedText(input.bank_zh, input.bank_en),
            tail=input.tail,
            state=input.state,
            reason=input.reason,
        )
        service, caller = info.context.services[Subsidies], info.context.caller
        filed = await service.file(caller, input.idempotency_key, input.resident, filing)
        return answer_of(
            filed, lambda one: SubsidyFiledAnswer(id=strawberry.ID(one.payment_id), state=one.state)
        )


def _answer(one: PaymentView) -> SubsidyPaymentAnswer:
    filing = one.filing
    remedy = None if filing.reason is None else REMEDIES[filing.reason]
    return SubsidyPaymentAnswer(
        id=strawberry.ID(one.payment_id),
        payer=LocalizedTextAnswer.of(one.payer),
        policy=LocalizedTextAnswer.of(filing.policy),
        period=LocalizedTextAnswer.of(period_words(filing.period)),
        amount_fen=filing.amount_fen,
        bank=LocalizedTextAnswer.of(filing.bank),
        tail=filing.tail,
        state=filing.state,
        filed_at=one.filed_at,
        changed_at=one.changed_at,
        reason=None if remedy is None else LocalizedTextAnswer.of(remedy.why),
        what_to_do=None if remedy is None else LocalizedTextAnswer.of(remedy.what_to_do),
        correct_account=remedy is not None and remedy.correct_account,
    )
