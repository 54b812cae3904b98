"""The way from the lanes' threads to the backend, over the event loop's own connections."""

import asyncio
import logging
from collections.abc import Callable

from reader_service.sync.backend import Backend, SyncProblem
from shared.wire.admission_check import AdmissionAnswer, AdmissionCheck

Told = Callable[[AdmissionAnswer | None], None]
GIVEN_UP_SECONDS = 3.0
"""Longer than a visitor waits: a slow answer still tells how slow the line is."""
_log = logging.getLogger(__name__)


class BackendLine:
    """Asks through `backend`, whose event loop is running when this is made."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._loop = asyncio.get_running_loop()
        self._asking: set[asyncio.Task[None]] = set()

    def ask(self, asked: AdmissionCheck, told: Told) -> None:
        """Ask from any thread (see `reader_service.lane.online.Line`)."""

        def begin() -> None:
            task = self._loop.create_task(self._ask(asked, told))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

        try:
            self._loop.call_soon_threadsafe(begin)
        except RuntimeError:  # the loop has ended
            told(None)

    async def _ask(self, asked: AdmissionCheck, told: Told) -> None:
        found: AdmissionAnswer | None = None
        try:
            async with asyncio.timeout(GIVEN_UP_SECONDS):
                found = await self._backend.check(asked)
        except (SyncProblem, TimeoutError) as error:
            _log.info("online check: %s", type(error).__name__)
        finally:
            told(found)
