"""A server that is killed at one point of a refresh.

The point is `sent` (the write is about to leave), `written` (it is acknowledged, the answer is not
yet made) or a number of microseconds after the write left; at another it lives on.
"""

import asyncio
import os
import signal
import threading
from datetime import datetime
from multiprocessing.connection import Connection

from pymongo import monitoring
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)
from typing_extensions import override

from backend.app import make_app, open_house
from backend.foundation.keys import load_keys
from backend.foundation.serving import bind, serve
from backend.settings import read_settings
from shared.clock import ManualClock


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Death(CommandListener):
    """Kills the process around the one write of a refresh."""

    def __init__(self, point: str) -> None:
        self._point = point
        self._writes: set[int] = set()

    @override
    def started(self, event: CommandStartedEvent) -> None:
        if event.command.get("findAndModify") != "sessions":
            return
        self._writes.add(event.request_id)
        if self._point == "sent":
            _die()
        elif self._point.isdigit():
            threading.Timer(int(self._point) / 1e6, _die).start()

    @override
    def succeeded(self, event: CommandSucceededEvent) -> None:
        if event.request_id in self._writes and self._point == "written":
            _die()

    @override
    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to do."""


def serve_until_death(
    point: str, now: datetime, environ: dict[str, str], told: "Connection[int, None]"
) -> None:
    """Serve, and tell the port."""
    asyncio.run(_serve(point, now, environ, told))


async def _serve(
    point: str, now: datetime, environ: dict[str, str], told: "Connection[int, None]"
) -> None:
    settings = read_settings(environ)
    keys, clock = load_keys(settings), ManualClock(now)
    monitoring.register(_Death(point))
    assert settings.mongodb_uri is not None
    async with open_house(settings, settings.mongodb_uri, keys, clock, environ) as house:
        with bind("127.0.0.1", 0) as listener:
            told.send(listener.getsockname()[1])
            await serve(make_app(settings, house, keys, clock), listener)
