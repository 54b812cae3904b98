"""A venue that asks for a card function (S15)."""

from dataclasses import replace
from typing import Any

import pytest

from shared.admission.answer import Verdict
from shared.admission.evidence import Evidence, Medium
from shared.admission.rules import AdmissionRules, InvalidRules, decide
from shared.ecode.certificate import AgeBand, ConcessionLevel
from shared.ecode.reasons import Reason
from shared.trust.function_list import FunctionStanding

RESIDENT = Evidence(
    Medium.ECODE,
    360702,
    authenticated=True,
    age_band=AgeBand.ADULT,
    concession=ConcessionLevel.FREE,
)
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
    answer = decide(replace(RESIDENT, function=standing), RULES)

    assert answer.reason is reason
    assert answer.verdict is (Verdict.ADMIT if reason is None else Verdict.REFUSE)


@pytest.mark.parametrize("standing", FunctionStanding)
def test_a_venue_that_asks_for_none_does_not_care(standing: FunctionStanding) -> None:
    evidence = replace(RESIDENT, function=standing)

    assert decide(evidence, AdmissionRules()) == decide(RESIDENT, AdmissionRules())


def test_the_function_goes_over_the_wire() -> None:
    assert AdmissionRules.of_wire(RULES.to_wire()) == RULES
    earlier = {name: v for name, v in RULES.to_wire().items() if name != "required_function"}
    assert AdmissionRules.of_wire(earlier).required_function is None


@pytest.mark.parametrize("code", ["", "Transit", "a b", 7, ["transit"], {"$ne": None}, "x" * 40])
def test_a_code_of_another_form_is_refused(code: Any) -> None:
    with pytest.raises(InvalidRules):
        AdmissionRules.of_wire({**RULES.to_wire(), "required_function": code})
