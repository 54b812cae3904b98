"""A venue that asks for a card function (S15)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.admission.answer import Verdict
from shared.admission.circumstances import Circumstances
from shared.admission.evidence import AgeRange, Evidence, Medium
from shared.admission.rules import AdmissionRules, decide
from shared.admission.wire_form import InvalidRules
from shared.ecode.certificate import ConcessionLevel
from shared.ecode.reasons import Reason
from shared.trust.function_list import FunctionStanding

RESIDENT = Evidence(
    Medium.ECODE,
    360702,
    authenticated=True,
    ages=AgeRange(18, 59),
    concession=ConcessionLevel.FREE,
)
AROUND = Circumstances(datetime(2026, 11, 22, 2, 30, tzinfo=UTC), venue=7)
RULES = AdmissionRules(required_function="transit")


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (FunctionStanding.ENABLED, None),
        (FunctionStanding.DISABLED, Reason.FUNCTION_DISABLED),
        (FunctionStanding.CLOSED, Reason.FUNCTION_CLOSED),
        (None, Reason.FUNCTION_DISABLED),  # nothing known is not enabled
    ],
)
def test_only_an_enabled_function_is_admitted(
    standing: FunctionStanding | None, reason: Reason | None
) -> None:
    answer = decide(replace(RESIDENT, function=standing), AROUND, RULES).answer

    assert answer.reason is reason
    assert answer.verdict is (Verdict.ADMIT if reason is None else Verdict.REFUSE)


@pytest.mark.parametrize("standing", FunctionStanding)
def test_a_venue_that_asks_for_none_does_not_care(standing: FunctionStanding) -> None:
    evidence = replace(RESIDENT, function=standing)

    assert decide(evidence, AROUND, AdmissionRules()) == decide(RESIDENT, AROUND, AdmissionRules())


def test_the_function_goes_over_the_wire() -> None:
    assert AdmissionRules.of_wire(RULES.to_wire()) == RULES


@pytest.mark.parametrize("code", ["", "Transit", "a b", 7, ["transit"], {"$ne": None}, "x" * 40])
def test_a_code_of_another_form_is_refused(code: Any) -> None:
    with pytest.raises(InvalidRules):
        AdmissionRules.of_wire({**RULES.to_wire(), "required_function": code})
