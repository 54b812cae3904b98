"""Each control of law and standards has a test that checks it, or a reason why not (S121)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.features import known_features

TESTS = Path(__file__).parents[1]
WAITING = {
    "L25": "nothing about people is published yet",
    "L26": "nothing about people is published yet",
    "L29": "shown number by number: A1 to A34",
    "L30": "there is no catalogue of violations and no sanction yet",
}
"""Controls of what is not built, and why none of it can be checked."""
WISHES_WAITING = {
    "U18": "lists of recipients are made and frozen by the departments, not here",
    "U19": "there are no complaints with tickets yet",
    "U21": "nothing pays into a bank account yet",
    "U22": "there are no complaints with tickets yet",
    "U23": "nothing about people is published yet",
}
"""What users of like apps ask for and cannot be checked yet, and why."""


def marked(tree: ast.AST) -> Iterator[str]:
    """Yield the ids that the marks in a file of tests name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.feature":
            yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))


def all_marked() -> set[str]:
    """Return the ids that some test is marked with."""
    return {
        name
        for path in TESTS.rglob("test_*.py")
        if path != Path(__file__)
        for name in marked(ast.parse(path.read_text("utf-8")))
    }


@pytest.mark.feature("S121")
def test_each_control_is_checked_by_a_test_or_waits_for_what_it_controls() -> None:
    found = all_marked()
    controls = {name for name in known_features() if name.startswith("L")}

    assert len(controls) == 34
    assert controls - found <= WAITING.keys()


def test_each_wish_of_users_is_checked_by_a_test_or_waits() -> None:
    wishes = {name for name in known_features() if name.startswith("U")}

    assert len(wishes) == 24
    assert wishes - all_marked() == WISHES_WAITING.keys()


def test_the_reading_of_marks_finds_them_wherever_they_stand() -> None:
    source = '@pytest.mark.feature("L1", "S2")\ndef test_a(): pass\nx = pytest.mark.skip("L3")\n'

    assert sorted(marked(ast.parse(source))) == ["L1", "S2"]
