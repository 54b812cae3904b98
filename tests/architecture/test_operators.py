"""What operators of venues expect is shown by tests that exist, or the row says why not."""

import ast
import tomllib
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROWS = 27


def _tests_there_are() -> set[str]:
    files = (ast.parse(path.read_text("utf-8")) for path in TESTS.rglob("test_*.py"))
    return {
        node.name
        for tree in files
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[:5] == "test_"
    }


def test_each_expectation_is_shown_by_tests_or_says_why_not() -> None:
    rows = tomllib.loads((TESTS / "operators.toml").read_text("utf-8"))

    assert sorted(map(int, rows)) == list(range(1, ROWS + 1))
    assert all(bool(row.get("tests")) is not bool(row.get("why")) for row in rows.values())
    named = {name for row in rows.values() for name in row.get("tests", ())}
    assert named - _tests_there_are() == set()
    assert all(rows[number]["figure"] for number in ("26", "27"))
