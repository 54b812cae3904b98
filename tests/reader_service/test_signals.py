"""What is heard, felt and seen for each answer: told apart, and harming nobody."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import reader_service.console.site as console
from shared.admission.answer import Verdict
from shared.ecode.reasons import Reason

SIGNALS: dict[str, dict[str, Any]] = json.loads(
    (Path(console.__file__).parent / "pages" / "signals.json").read_text("utf-8")
)
EVERY = [(name, one) for kind in SIGNALS.values() for name, one in kind.items()]


def test_each_verdict_has_a_signal_of_its_own_and_each_name_is_a_reason() -> None:
    verdicts = SIGNALS["verdicts"]

    assert verdicts.keys() == {one.value for one in Verdict}
    assert SIGNALS["reasons"].keys() <= {one.value for one in Reason}
    for part in ("tones", "vibration"):
        said = [json.dumps(one[part]) for one in verdicts.values()]
        assert len(set(said)) == len(said), part


@pytest.mark.parametrize(("name", "signal"), EVERY, ids=[name for name, _ in EVERY])
def test_a_signal_is_short_and_flashes_slowly(name: str, signal: dict[str, Any]) -> None:
    """WCAG 2.2, 2.3.1: no more than three flashes in a second."""
    assert signal.keys() == {"tones", "vibration", "light"}, name
    for hertz, after, seconds in signal["tones"]:
        assert 200 <= hertz <= 2000
        assert after + seconds <= 1.5
    assert sum(signal["vibration"]) <= 1500
    assert all(dim + bright >= 334 for dim, bright in pairwise(signal["light"]))
    assert sum(signal["light"]) <= 2000
