"""The proof by id counts what really passed, and nothing else."""

import json
from pathlib import Path

import pytest

from tests.support.features import FeatureRecorder, MarkedTest, known_features, lines, state

ROOT = Path(__file__).parents[2]
pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], ("none", 0)),
        (["passed"], ("pass", 1)),
        (["passed", "passed"], ("pass", 2)),
        (["passed", "failed"], ("fail", 2)),
        (["skipped"], ("none", 0)),
        (["not run"], ("none", 0)),
        (["passed", "skipped"], ("pass", 1)),
    ],
)
def test_an_id_is_proven_only_by_tests_that_passed(
    outcomes: list[str], expected: tuple[str, int]
) -> None:
    tests = [MarkedTest(ids=["S24"], outcome=outcome) for outcome in outcomes]  # type: ignore[typeddict-item]
    others = [MarkedTest(ids=["S2"], outcome="failed")]
    assert state("S24", tests + others) == expected


def test_the_list_holds_every_id_once_in_order() -> None:
    expected = [
        f"{letter}{number}"
        for letter, count in (("S", 142), ("D", 32), ("A", 34), ("L", 34), ("U", 24))
        for number in range(1, count + 1)
    ]
    features = known_features()
    assert list(features) == expected
    assert all(feature.zh and feature.en for feature in features.values())


def test_a_line_names_id_state_count_and_name() -> None:
    feature = known_features()["S24"]
    assert lines([feature], [MarkedTest(ids=["S24"], outcome="passed")]) == [
        "S24   pass   1  动态码核验 · Dynamic code validation"
    ]


MARKED = """
import pytest

@pytest.mark.feature("S24", "A6")
def test_good(): pass

@pytest.mark.feature("S24")
@pytest.mark.parametrize("n", [1, 2])
def test_twice(n): pass

@pytest.mark.feature("D1")
def test_bad(): assert False

@pytest.mark.feature("D2")
def test_torn_down(broken): pass

@pytest.mark.feature("A7")
def test_skipped(): pytest.skip("part missing")

@pytest.fixture
def broken():
    yield
    raise RuntimeError
"""


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inner runs and their workers load the recorder and no installed plugin."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def recorded(
    pytester: pytest.Pytester, source: str, *options: str
) -> tuple[pytest.RunResult, Path]:
    report = pytester.path / "features.json"
    pytester.makeconftest(
        "from pathlib import Path\n"
        "from tests.support.features import FeatureRecorder\n"
        "def pytest_configure(config):\n"
        "    config.addinivalue_line('markers', 'feature(*ids): ids')\n"
        f"    recorder = FeatureRecorder(Path({str(report)!r}), ['S24', 'A6', 'A7', 'D1', 'D2'])\n"
        "    config.pluginmanager.register(recorder)\n"
    )
    pytester.makepyfile(source)
    flags = ("-p", "no:cacheprovider", *options)
    return pytester.runpytest_inprocess(*flags), report


@pytest.mark.parametrize(
    ("options", "bad"),
    [((), "assert False"), (("-p", "xdist", "-n", "2"), "__import__('os')._exit(1)")],
    ids=["one process", "workers, of which one is killed"],
)
def test_the_report_keeps_the_worst_of_each_test(
    pytester: pytest.Pytester, options: tuple[str, ...], bad: str
) -> None:
    _, report = recorded(pytester, MARKED.replace("assert False", bad), *options)
    tests = json.loads(report.read_text())["tests"]
    outcomes = {name.split("::")[1]: test["outcome"] for name, test in tests.items()}
    assert outcomes == {
        "test_good": "passed",
        "test_twice[1]": "passed",
        "test_twice[2]": "passed",
        "test_bad": "failed",
        "test_torn_down": "failed",
        "test_skipped": "skipped",
    }
    assert state("S24", tests.values()) == ("pass", 3)
    assert state("D2", tests.values()) == ("fail", 1)


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "2")])
def test_an_unknown_id_stops_the_run(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    source = "import pytest\n@pytest.mark.feature('S999')\ndef test_x(): pass\n"
    result, report = recorded(pytester, source, *options)
    assert result.ret in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.TESTS_FAILED)
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines(["*not in tests/features.toml*S999*"])
    assert not report.exists()


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "2")])
def test_a_report_does_not_outlive_a_run_that_broke_off(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    _, report = recorded(pytester, MARKED)
    assert report.exists()
    pytester.makepyfile(test_broken="import nothing_of_this_name\n")
    pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)
    assert not report.exists()


def test_a_narrowed_run_leaves_the_report_alone(pytester: pytest.Pytester) -> None:
    recorded(pytester, MARKED)
    report = pytester.path / "features.json"
    before = report.read_bytes()
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-k", "good")
    assert report.read_bytes() == before


def test_the_recorder_is_at_work_in_this_run(request: pytest.FixtureRequest) -> None:
    plugin = request.config.pluginmanager.get_plugin("feature-recorder")
    assert isinstance(plugin, FeatureRecorder)
