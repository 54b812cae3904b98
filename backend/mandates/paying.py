"""Small payments 小额支付 by a delegate: within what the principal allowed, and never to oneself.

What was spent stands in the mandate and is written with the use itself, so two payments at once
cannot both take the last of a limit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.foundation.audit import Deed
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.mandates import refusals as no
from backend.mandates.acting import Acting, record_act
from backend.mandates.documents import Mandate
from backend.mandates.rules import MoneyLimits, refusal_to_pay, spent_in
from backend.mandates.scopes import Scope
from backend.mandates.stored import read
from shared.identity.age import local_day


@dataclass(frozen=True, slots=True)
class Payment:
    """How much is paid, in fen, and who owns the account it goes to, if a resident does."""

    fen: int
    to_resident: str | None = None


async def record_payment(
    deed: Deed, payment: Payment, acting: Acting, session: Session
) -> Refusal | None:
    """Write the row, the notice and the sum of what a delegate pays (D21).

    The payment itself is the caller's, in the same transaction; a refusal must undo it.

    Args:
        deed: as if the principal had paid themselves.
        payment: what is paid.
        acting: who pays for the principal.
        session: the transaction of the payment.
    """
    if acting.scope is not Scope.PAY_SMALL:
        return no.SCOPE_MISSING
    refused = await record_act(deed, acting, session)  # from here on the mandate is this write's
    row = None if refused else await read(acting.mandate, session)
    if row is None:
        return refused or no.MANDATE_UNKNOWN
    today, month = spent_in(row.get("spent"), local_day(deed.at))
    limits = MoneyLimits(**row["limits"])
    own = payment.to_resident == acting.delegate
    refused = refusal_to_pay(limits, today, month, payment.fen, to_delegate=own)
    if refused is None:
        spent = _spent(deed.at, today + payment.fen, month + payment.fen)
        await Mandate.get_pymongo_collection().update_one(
            {"_id": acting.mandate}, {"$set": {"spent": spent}}, session=session
        )
    return refused


def _spent(now: datetime, today: int, month: int) -> dict[str, Any]:
    return {"day": local_day(now).isoformat(), "day_fen": today, "month_fen": month}
