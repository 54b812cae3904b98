"""Which acceptance checks are proven: the marker `feature`, its report, and the list of them.

As a pytest plugin it writes `.data/features.json` after a run of the whole suite (a narrowed run
proves nothing about the rest and leaves the report alone). Under pytest-xdist the workers tell the
process that started them which tests are marked, and that process writes. As a program it prints
one line an id.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict

import pytest

ROOT = Path(__file__).parents[2]
LIST = ROOT / "tests" / "features.toml"
REPORT = ROOT / ".data" / "features.json"

Outcome = Literal["passed", "failed", "skipped", "not run"]
Verdict = Literal["pass", "fail", "none"]
_TOLD = "features"  # the key of a worker's last message


class MarkedTest(TypedDict):
    """One test of the report: the ids it is to prove, and how it ended."""

    ids: list[str]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Feature:
    """An acceptance check: its id, and its name in both languages."""

    identifier: str
    zh: str
    en: str


def known_features(source: Path = LIST) -> dict[str, Feature]:
    """Read the list of acceptance checks, in its order."""
    rows: Mapping[str, Mapping[str, str]] = tomllib.loads(source.read_text("utf-8"))["features"]
    return {name: Feature(name, row["zh"], row["en"]) for name, row in rows.items()}


def state(identifier: str, tests: Iterable[MarkedTest]) -> tuple[Verdict, int]:
    """Say whether an id is proven, and by how many tests.

    One failure outweighs every pass; a test that was skipped or not reached proves nothing.
    """
    outcomes = [test["outcome"] for test in tests if identifier in test["ids"]]
    if "failed" in outcomes:
        return "fail", len(outcomes)
    passed = outcomes.count("passed")
    return ("pass" if passed else "none"), passed


class FeatureRecorder:
    """Collects the marked tests of one run and writes their outcomes at its end."""

    def __init__(self, report: Path, known: Iterable[str]) -> None:
        self._report = report
        self._known = frozenset(known)
        self._marked: dict[str, list[str]] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._complete = True

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Note the marked tests of a file; an id that is not on the list is the file's error."""
        report = yield
        unknown: list[str] = []
        for item in report.result or ():
            ids = [str(name) for mark in item.iter_markers("feature") for name in mark.args]
            unknown += [f"{item.nodeid}: {name}" for name in ids if name not in self._known]
            if ids and isinstance(item, pytest.Item):
                self._marked[item.nodeid] = ids
        if unknown:
            report.outcome = "failed"
            report.longrepr = "not in tests/features.toml: " + "; ".join(unknown)
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember that a file could not be read; pytest-xdist goes on as if it held no tests."""
        self._complete = self._complete and not report.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst of a test's set-up, call and tear-down."""
        before = self._outcomes.get(report.nodeid)
        if report.failed:
            self._outcomes[report.nodeid] = "failed"
        elif before is None and (report.skipped or report.when == "call"):
            self._outcomes[report.nodeid] = "skipped" if report.skipped else "passed"

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Forget the last report, which must not outlive a run that breaks off."""
        if _writes(session.config):
            self._report.unlink(missing_ok=True)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker marked; one that was killed has a successor that tells it."""
        self._marked |= getattr(node, "workeroutput", {}).get(_TOLD, {})

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the report when the whole suite ran to its end."""
        if _is_worker(session.config):
            session.config.workeroutput[_TOLD] = self._marked  # type: ignore[attr-defined]
            return
        ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if ended and self._complete and _writes(session.config):
            tests = {
                name: MarkedTest(ids=ids, outcome=self._outcomes.get(name, "not run"))
                for name, ids in self._marked.items()
            }
            self._report.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"tests": tests}, indent=1, ensure_ascii=False)
            self._report.write_text(text, "utf-8")


def _writes(config: pytest.Config) -> bool:
    return not _is_worker(config) and ran_whole_suite(config)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def ran_whole_suite(config: pytest.Config) -> bool:
    """Whether nothing narrowed the run: no path, expression, or earlier failures."""
    option = config.option
    narrowed = ("keyword", "markexpr", "lf", "collectonly", "deselect", "maxfail", "stepwise")
    if any(getattr(option, name, None) for name in narrowed):
        return False
    return config.args_source is not pytest.Config.ArgsSource.ARGS


def pytest_configure(config: pytest.Config) -> None:
    """Start recording."""
    config.pluginmanager.register(FeatureRecorder(REPORT, known_features()), "feature-recorder")


def read_report(source: Path) -> list[MarkedTest]:
    """Read the marked tests of the last whole run."""
    tests: dict[str, MarkedTest] = json.loads(source.read_text("utf-8"))["tests"]
    return list(tests.values())


def lines(features: Iterable[Feature], tests: Sequence[MarkedTest]) -> list[str]:
    """Make one line an id: id, pass|fail|none, number of tests, name."""
    made = []
    for feature in features:
        verdict, count = state(feature.identifier, tests)
        made.append(f"{feature.identifier:<5} {verdict:<4} {count:>3}  {feature.zh} · {feature.en}")
    return made


def main() -> int:
    """Print where each acceptance check stands; run the suite first when it never ran.

    Returns:
        0; 1 when a check fails; 2 when the suite could not be run to its end.
    """
    if not REPORT.exists():
        subprocess.run(["make", "test", "ARGS=-q"], cwd=ROOT, check=False)
    if not REPORT.exists():
        print("测试没有跑完，没有结果；请先修复上面的错误。", file=sys.stderr)  # noqa: T201
        print("The suite did not run to its end; mend the errors above.", file=sys.stderr)  # noqa: T201
        return 2
    tests = read_report(REPORT)
    features = list(known_features().values())
    print("\n".join(lines(features, tests)))  # noqa: T201
    verdicts = [state(feature.identifier, tests)[0] for feature in features]
    counts = ", ".join(f"{verdicts.count(name)} {name}" for name in ("pass", "fail", "none"))
    print(f"{len(verdicts)} ids: {counts}")  # noqa: T201
    return int("fail" in verdicts)


if __name__ == "__main__":
    sys.exit(main())
