"""Logs: one JSON object a line on stderr, saying what happened and never whose data it was.

A library's exception message may quote the value it choked on, so messages of exceptions are left
out: type, files and lines are enough to find the place.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from shared.clock import Clock

FIELDS = "fields"
_log = logging.getLogger("yikatong.requests")
_QUIET_PATHS = frozenset({"/livez", "/readyz"})


class EventFormatter(logging.Formatter):
    """Writes a record as one JSON line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe_error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def set_up_logs() -> None:
    """Send every log line of this process to stderr in our form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EventFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def describe_error(error: BaseException) -> list[str]:
    """Return an exception's type, code and places, outermost first, without message or value."""
    chain: list[str] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 10:
        code = getattr(current, "code", None)
        name = type(current).__qualname__ + (f" {code}" if isinstance(code, int) else "")
        chain.append(f"{name} at {_places(current.__traceback__)}")
        current = current.__cause__ or current.__context__
    return chain


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-5:]
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)


def request_log(clock: Clock) -> Callable[[ASGIApp], ASGIApp]:
    """Return a middleware that writes one line a request: method, route, status, milliseconds."""

    def middleware(app: ASGIApp) -> ASGIApp:
        async def log_request(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP or scope["path"] in _QUIET_PATHS:
                await app(scope, receive, send)
                return
            started, status = clock.monotonic(), 0

            async def watch(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            try:
                await app(scope, receive, watch)
            finally:
                fields = {
                    "method": scope["method"],
                    # The route's own text: a path a client made up may hold anything.
                    "route": scope.get("path_template", "?"),
                    "status": status,
                    "ms": round((clock.monotonic() - started) * 1000, 1),
                }
                _log.info("request", extra={FIELDS: fields})

        return log_request

    return middleware
