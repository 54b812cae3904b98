"""The admission rule against the vectors."""

import pytest

from shared.admission.rules import decide
from tests.vectors.admission import AdmissionCase, cases, expected, observed


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_decision_is_the_one_written_down(case: AdmissionCase) -> None:
    decision = decide(case.evidence, case.around, case.rules)

    assert observed(decision, case.expect) == expected(case.expect)
