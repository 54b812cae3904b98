"""What is kept of kv rules is what Kivy would parse, and follows the file."""

import os
import sys
from pathlib import Path
from typing import Any

import kivy
import pytest

import mobile
from mobile.ui.kept_rules import _parsed, load_style

pytestmark = pytest.mark.usefixtures("parser")


@pytest.fixture
def parser() -> Any:
    """Kivy's own parser, imported as the app imports it."""
    load_style()
    from kivy.lang.parser import Parser  # noqa: PLC0415, after its style

    return Parser


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of compiled code of this test's own."""
    folder = tmp_path / "compiled"
    monkeypatch.setattr(sys, "pycache_prefix", str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return folder


def _rule(rule: Any) -> tuple[Any, ...]:
    canvases = rule.canvas_before, rule.canvas_root, rule.canvas_after
    return (
        (rule.line, rule.name, rule.level, rule.id, rule.avoid_previous_rules),
        [_property(one) for one in (*rule.properties.values(), *rule.handlers)],
        [_rule(child) for child in rule.children],
        [canvas and _rule(canvas) for canvas in canvases],
    )


def _property(one: Any) -> tuple[Any, ...]:
    watched = sorted(one.watched_keys or ())
    return one.line, one.name, one.value, one.ignore_prev, one.co_value, one.mode, watched


def _told(parsed: Any) -> tuple[Any, ...]:
    return (
        [(type(selector), selector.key, _rule(rule)) for selector, rule in parsed.rules],
        [(name, base, _rule(rule)) for name, base, rule in parsed.templates],
        parsed.dynamic_classes,
        list(parsed.directives),
        parsed.root and _rule(parsed.root),
        [line for line in parsed.sourcecode if line[1]],
    )


def test_kept_rules_are_those_that_kivy_parses(cache: Path, parser: Any) -> None:
    files = [Path(kivy.kivy_data_dir) / "style.kv"]
    files += sorted((Path(mobile.__file__).parent / "ui" / "widgets").glob("*.kv"))
    assert len(files) > 10
    for file in files:
        content = file.read_text("utf-8")
        parsed = _told(parser(content=content, filename=str(file)))
        for _ in ("made", "read again"):
            assert _told(_parsed(content, str(file))) == parsed, file
    assert len(list(cache.rglob("*.kv.kivy*.pyc"))) == len(files)


@pytest.mark.usefixtures("cache")
def test_a_changed_file_is_parsed_anew(tmp_path: Path) -> None:
    file = tmp_path / "screen.kv"
    for number, name in enumerate(("First", "Second"), 1):
        file.write_text(f"<{name}>:\n    size: 1, 2\n", "utf-8")
        os.utime(file, (number, number))
        [(selector, _)] = _parsed(file.read_text("utf-8"), str(file)).rules
        assert selector.key == name.lower()


def test_where_nothing_can_be_kept_each_start_parses(cache: Path, tmp_path: Path) -> None:
    cache.write_text("a file where the folder would be", "utf-8")
    file = tmp_path / "screen.kv"
    file.write_text("<Only>:\n    on_touch_down: print(args)\n", "utf-8")
    for _ in range(2):
        [(_, rule)] = _parsed(file.read_text("utf-8"), str(file)).rules
        assert [handler.name for handler in rule.handlers] == ["on_touch_down"]


def test_what_is_kept_but_damaged_is_parsed(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "screen.kv"
    file.write_text("<Only>:\n    size: 1, 2\n", "utf-8")
    _parsed(file.read_text("utf-8"), str(file))
    [kept] = cache.rglob("*.pyc")
    kept.write_bytes(kept.read_bytes()[:40])
    [(selector, _)] = _parsed(file.read_text("utf-8"), str(file)).rules
    assert selector.key == "only"
