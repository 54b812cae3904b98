"""S76: what can be filed, how a payment goes on, and what its message says; pure."""

from dataclasses import replace
from typing import Any

import pytest

from backend.subsidies.rules import (
    REMEDIES,
    STEPS,
    TOLD,
    PaymentState,
    UnpaidReason,
    filing_fault,
    message,
    period_words,
    step_fault,
)
from shared.localized_text import LocalizedText
from tests.backend.subsidies.paying import PAYMENT

PAID = replace(PAYMENT, state=PaymentState.PAID)


@pytest.mark.feature("S76")
def test_the_message_has_policy_period_amount_and_tail_as_cities_write_it() -> None:
    told = message(replace(PAID, amount_fen=9_005))
    assert told.zh == (
        "2026年第3季度困难残疾人生活补贴已获批准，金额90.05元，已发放到尾号为5341的账户"
    )
    assert told.en == (
        "Living allowance, Q3 2026, 90.05 yuan: approved and paid to the account ending in 5341"
    )


@pytest.mark.feature("S76")
@pytest.mark.parametrize("reason", list(UnpaidReason))
@pytest.mark.parametrize("state", [PaymentState.FAILED, PaymentState.RETURNED])
def test_whatever_did_not_arrive_says_why_and_what_to_do(
    state: PaymentState, reason: UnpaidReason
) -> None:
    told, remedy = message(replace(PAID, state=state, reason=reason)), REMEDIES[reason]
    for text, language in ((told.zh, "zh"), (told.en, "en")):
        for part in (remedy.why, remedy.what_to_do, PAID.policy, period_words("2026-Q3")):
            assert getattr(part, language) in text
        assert "270.00" in text
        assert "5341" in text
    assert ("退回" in told.zh) is (state is PaymentState.RETURNED)


def test_a_payment_goes_forward_alone() -> None:
    rank = {
        PaymentState.APPROVED: 0,
        PaymentState.SENT: 1,
        PaymentState.PAID: 2,
        PaymentState.FAILED: 3,
        PaymentState.RETURNED: 3,
    }
    assert set(STEPS) == {None, *PaymentState}
    for before, after in STEPS.items():
        assert before is None or all(rank[one] > rank[before] for one in after)
        assert all(step_fault(before, one) is None for one in after)
        assert all(step_fault(before, one) for one in set(PaymentState) - after)
    assert step_fault(PaymentState.PAID, PaymentState.FAILED), "what arrived is returned instead"
    assert {one for one in PaymentState if not STEPS[one]} <= TOLD


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2026", LocalizedText("2026年", "2026")),
        ("2026-Q4", LocalizedText("2026年第4季度", "Q4 2026")),
        ("2026-09", LocalizedText("2026年9月", "September 2026")),
    ],
)
def test_periods_are_said_in_words(period: str, words: LocalizedText) -> None:
    assert period_words(period) == words
    assert filing_fault(replace(PAID, period=period)) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"reference": ""},
        {"reference": "a b"},
        {"reference": "360702198803129019"},
        {"period": "2026-Q5"},
        {"period": "2026-13"},
        {"period": "1999"},
        {"amount_fen": 0},
        {"amount_fen": -1},
        {"amount_fen": 100_000_001},
        {"tail": "6222021510005341"},
        {"tail": "534"},
        {"tail": "\u0665341"},
        {"bank": LocalizedText("赣州银行6222021510005341", "Bank of Ganzhou")},
        {"bank": LocalizedText("", "Bank of Ganzhou")},
        {"bank": LocalizedText("赣州银行", "")},
        {"bank": LocalizedText("赣州\u202e银行", "Bank of Ganzhou")},
        {"policy": LocalizedText("补贴\n", "Allowance")},
        {"policy": LocalizedText("补贴", " ")},
        {"policy": LocalizedText("补" * 61, "Allowance")},
        {"reason": UnpaidReason.OTHER},
        {"state": PaymentState.FAILED},
        {"state": PaymentState.RETURNED},
    ],
)
def test_what_is_not_whole_is_refused(changed: dict[str, Any]) -> None:
    refused = filing_fault(replace(PAID, **changed))
    assert refused is not None
    assert refused.code == "subsidy_form"


def test_no_period_is_guessed() -> None:
    with pytest.raises(ValueError, match="period"):
        period_words("last year")
