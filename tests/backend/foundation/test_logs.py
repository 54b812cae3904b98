import json
import logging
import sys

import pytest

from backend.foundation.logs import FIELDS, EventFormatter, describe_error


def _line(level: int, event: str, **more: object) -> dict[str, object]:
    record = logging.LogRecord("yikatong.test", level, __file__, 1, event, None, None)
    record.__dict__.update(more)
    line: dict[str, object] = json.loads(EventFormatter().format(record))
    return line


def test_a_line_is_one_json_object_with_its_fields() -> None:
    line = _line(logging.INFO, "request", **{FIELDS: {"status": 200, "route": "/livez"}})

    assert {name: line[name] for name in ("level", "event", "status", "route")} == {
        "level": "info",
        "event": "request",
        "status": 200,
        "route": "/livez",
    }


def test_an_exception_is_told_by_type_and_place_with_its_causes() -> None:
    def fail() -> None:
        try:
            int("钟小明")
        except ValueError as error:
            raise RuntimeError("of 钟小明") from error

    with pytest.raises(RuntimeError) as caught:
        fail()
    line = _line(logging.ERROR, "failed", exc_info=(RuntimeError, caught.value, caught.tb))

    assert line["error"] == describe_error(caught.value)
    told = json.dumps(line, ensure_ascii=False)
    assert "RuntimeError at test_logs.py" in told
    assert "ValueError at test_logs.py" in told
    assert "钟小明" not in told


def test_a_loop_of_causes_ends() -> None:
    one, other = ValueError(), KeyError()
    one.__context__, other.__context__ = other, one

    assert len(describe_error(one)) <= 10
    assert sys.exc_info()[0] is None
