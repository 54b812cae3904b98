"""A department that pays, for tests of what people see of it."""

from dataclasses import replace
from typing import Any

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.refusals import Refusal
from backend.subsidies.rules import Filing, PaymentState, UnpaidReason
from backend.subsidies.service import Filed, Subsidies
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key

OFFICE = Organisation("360700-mz", LocalizedText("市民政局", "Civil Affairs Bureau"))
OFFICER = Caller(
    staff_id="stf_payer", roles=frozenset({Role.DEPARTMENT_OFFICER}), organisation=OFFICE
)
PAYMENT = Filing(
    reference="2026Q3-0001",
    policy=LocalizedText("困难残疾人生活补贴", "Living allowance"),
    period="2026-Q3",
    amount_fen=27_000,
    bank=LocalizedText("赣州银行", "Bank of Ganzhou"),
    tail="5341",
    state=PaymentState.APPROVED,
)


async def filed(
    house: House,
    resident_id: str,
    state: PaymentState,
    *,
    key: str = "",
    by: Caller = OFFICER,
    **changed: Any,
) -> Filed | Refusal:
    """File the payment in a state, with particulars changed."""
    filing = replace(PAYMENT, **{**changed, "state": state})
    return await house.services[Subsidies].file(by, key or new_key(), resident_id, filing)


async def leave_a_subsidy(house: House, resident_id: str, reference: str) -> None:
    """Let a payment to a resident be filed and fail: a row of every kind."""
    for state, reason in (
        (PaymentState.APPROVED, None),
        (PaymentState.FAILED, UnpaidReason.ACCOUNT_CLOSED),
    ):
        done = await filed(house, resident_id, state, reference=reference, reason=reason)
        assert isinstance(done, Filed), done
