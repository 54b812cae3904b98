"""Which parts of the app's kv files the tests drew and touched: a pytest plugin.

A kv file is lines of widgets (`Panel:`), which a rule makes, and of handlers (`on_release:`), which
something sets off. Kivy compiles each, and coverage.py sees none; so the two functions of Kivy that
make widgets and call handlers are followed here, in each process that tests the app. A run of the
whole suite writes `.data/kv.json`, and fails for what was never made or never set off; not where a
test failed, for it may be what that one did not reach. `YIKATONG_KV=1` asks the same of a narrower
run, such as `pytest tests/mobile`.
"""

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.features import ran_whole_suite

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "mobile"
REPORT = ROOT / ".data" / "kv.json"
_TOLD = "kv"  # the key of a worker's last message
_WIDGET = re.compile(r"\s*(<[^#]*>|[A-Z]\w*):\s*(#.*)?$")
_HANDLER = re.compile(r"\s*on_\w+:")
_CANVAS = re.compile(r"(\s*)canvas(\.before|\.after)?:")

Part = tuple[str, int]
"""A file, relative to the project, and the number of a line, from 1."""
met: set[Part] = set()


def follow() -> None:
    """Take note, from now on, of what Kivy makes and calls by its rules."""
    from kivy.lang import builder  # noqa: PLC0415, only processes that draw load it

    make, call = builder.BuilderBase._apply_rule, builder.custom_callback

    def made(self: Any, widget: Any, rule: Any, *given: Any, **named: Any) -> None:
        _note(rule)
        make(self, widget, rule, *given, **named)

    def called(rule: Any, *given: Any, **named: Any) -> None:
        _note(rule)
        call(rule, *given, **named)

    builder.BuilderBase._apply_rule, builder.custom_callback = made, called


def _note(rule: Any) -> None:
    if rule.ctx.filename:
        met.add((rule.ctx.filename, rule.line + 1))


def parts(source: str) -> Iterator[int]:
    """Yield the lines of widgets and handlers; what a canvas draws comes with its widget."""
    canvas: int | None = None
    for number, line in enumerate(source.splitlines(), 1):
        depth = len(line) - len(line.lstrip())
        if canvas is not None and line.strip() and depth <= canvas:
            canvas = None
        if _CANVAS.match(line):
            canvas = depth
        elif canvas is None and (_WIDGET.match(line) or _HANDLER.match(line)):
            yield number


def all_parts(folder: Path = SOURCES) -> set[Part]:
    """Return each part of each kv file under `folder`."""
    return {
        (str(path), number)
        for path in sorted(folder.rglob("*.kv"))
        for number in parts(path.read_text("utf-8"))
    }


class KvCoverage:
    """Gathers what the processes of a run met, and says at its end what none did."""

    def __init__(self) -> None:
        self._met: set[Part] = set()
        self.unmet: Sequence[str] = ()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker met."""
        self._met |= {
            (file, line) for file, line in getattr(node, "workeroutput", {}).get(_TOLD, ())
        }

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Tell the process that started this one, or be it and judge."""
        if hasattr(session.config, "workerinput"):
            session.config.workeroutput[_TOLD] = sorted(met)  # type: ignore[attr-defined]
            return
        asked = bool(os.environ.get("YIKATONG_KV")) or ran_whole_suite(session.config)
        ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if not asked or not ended:
            return
        whole = all_parts()
        self.unmet = [_words(part) for part in sorted(whole - self._met - met)]
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        told = {"parts": len(whole), "unmet": self.unmet}
        REPORT.write_text(json.dumps(told, indent=1, ensure_ascii=False), "utf-8")
        if self.unmet and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Name what no test drew or touched."""
        if self.unmet:
            terminalreporter.section("kv that no test drew or touched")
            for words in self.unmet:
                terminalreporter.line(words)


def _words(part: Part) -> str:
    file, line = part
    source = Path(file).read_text("utf-8").splitlines()[line - 1].strip()
    return f"{Path(file).relative_to(ROOT)}:{line}: {source}"


def pytest_configure(config: pytest.Config) -> None:
    """Begin to gather."""
    config.pluginmanager.register(KvCoverage(), "kv-coverage")
