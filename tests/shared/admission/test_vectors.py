"""The admission rule against the vectors."""

import pytest

from shared.admission.rules import decide
from tests.vectors.admission import AdmissionCase, cases, expected, observed

SCENES = 4
"""Of the fixture matrix: museum, library, transit, medical."""
DELTA = ("shanghai", "nanjing", "ningbo", "hefei")


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_decision_is_the_one_written_down(case: AdmissionCase) -> None:
    decision = decide(case.evidence, case.around, case.rules)

    assert observed(decision, case.expect) == expected(case.expect)


@pytest.mark.feature("S128")
def test_a_holder_of_each_region_of_the_delta_passes_or_fails_at_each_scene() -> None:
    matrix = {
        case.name: decide(case.evidence, case.around, case.rules).answer.verdict.value
        for case in cases()
        if case.name.partition("-")[0] in DELTA
    }
    assert len(matrix) == len(DELTA) * SCENES
    for name, verdict in matrix.items():
        # What the agreement names is open to all four, what it does not is open to none.
        assert verdict == ("refuse" if name.endswith("medical") else "admit"), name


@pytest.mark.feature("S129")
def test_what_one_side_changed_stays_as_it_was_until_the_other_agrees() -> None:
    matrix = {
        case.name.removeprefix("both-list-"): decide(case.evidence, case.around, case.rules)
        for case in cases()
        if case.name.startswith("both-list-")
    }
    found = {name: told.failures and told.failures[0].reason.value for name, told in matrix.items()}
    assert found["pending-museum"] == ()  # the old version stands
    assert found["pending-library"] == "local_pending"  # the new one waits
    assert found["agreed-library"] == ()
    assert found["withdrawn-museum"] == "local_pending"
