"""Court payments over GraphQL, for whoever booked."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from backend.stored_value.api import GroupAnswer, group_answer
from backend.stored_value.court_payments import CourtPayment, CourtPayments, Receipt


@strawberry.type(name="CourtReceipt", description="A row of the ledger about a court.")
class ReceiptAnswer:
    """A receipt; `afterFen` is the balance then."""

    number: str
    fen: int
    after_fen: int
    at: datetime


@strawberry.type(name="CourtPayment", description="What a court costs, and what was paid for it.")
class CourtPaymentAnswer:
    """Amounts in fen; `whyNot` is none where it can be paid now, and once it was paid."""

    group: GroupAnswer
    place_fen: int
    quantity: int
    balance_fen: int
    paid: ReceiptAnswer | None
    given_back: ReceiptAnswer | None
    why_not: RefusalAnswer | None


CourtPaymentResult = Annotated[
    CourtPaymentAnswer | RefusalAnswer, strawberry.union("CourtPaymentResult")
]


@strawberry.type
class CourtPaymentQueries:
    """Questions about what a booking costs."""

    @strawberry.field
    async def court_payment(
        self, info: OperationInfo, booking: strawberry.ID
    ) -> CourtPaymentResult:
        """Answer with what the caller's booking costs, line by line."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[CourtPayments]
        return answer_of(await service.of_booking(asking, booking), _payment)


def _payment(one: CourtPayment) -> CourtPaymentAnswer:
    return CourtPaymentAnswer(
        group=group_answer(one.group),
        place_fen=one.place_fen,
        quantity=one.quantity,
        balance_fen=one.balance_fen,
        paid=_receipt(one.paid),
        given_back=_receipt(one.given_back),
        why_not=RefusalAnswer.of(one.why_not) if one.why_not else None,
    )


def _receipt(one: Receipt | None) -> ReceiptAnswer | None:
    return (
        ReceiptAnswer(number=one.number, fen=one.fen, after_fen=one.after_fen, at=one.at)
        if one
        else None
    )
