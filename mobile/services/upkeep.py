"""When to ask the server: gently while somebody looks, rarely otherwise, later after failures.

Nothing here waits: `tick` is called some times a second by the app and starts what is due, so that
sleep and a stopped process cost nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable

from mobile.services.city_time import CityTime
from mobile.services.refresh import Refresh
from mobile.services.session import Session

WATCHED_SECONDS = 1.5
IDLE_SECONDS = 60.0
RETRY_SECONDS = 2.0
MAX_RETRY_SECONDS = 60.0


class Upkeep:
    """Keeps card, visits and certificate fresh while the app runs."""

    def __init__(
        self, refresh: Refresh, session: Session, time: CityTime, steady: Callable[[], float]
    ) -> None:
        self._refresh = refresh
        self._session = session
        self._time = time
        self._steady = steady
        self._failures = 0
        self._not_before = 0.0
        self._running: asyncio.Task[None] | None = None
        self.watched = True

    def tick(self) -> None:
        """Start what is due; one act at a time."""
        idle = self._running is None or self._running.done()
        if idle and self._session.wallet is not None and self._steady() >= self._not_before:
            self._start(self._renew_or_read)

    def hurry(self) -> None:
        """Make the next act due at once: somebody asked, or the app came back to the front."""
        self._not_before = 0.0

    async def close(self) -> None:
        """Stop what runs and wait for its end."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _start(self, act: Callable[[], Awaitable[bool]]) -> None:
        async def run() -> None:
            succeeded = await act()
            self._failures = 0 if succeeded else self._failures + 1
            self._not_before = self._steady() + self._pause()

        self._running = asyncio.get_running_loop().create_task(run())

    async def _renew_or_read(self) -> bool:
        wallet = self._session.wallet
        if wallet is not None and self._time.now() >= wallet.certificate.renew_after:
            renewed = await self._refresh.certificate()
            return await self._refresh.home() and renewed
        return await self._refresh.home()

    def _pause(self) -> float:
        if self._failures:
            return min(MAX_RETRY_SECONDS, RETRY_SECONDS * 2.0 ** min(self._failures - 1, 10))
        return WATCHED_SECONDS if self.watched else IDLE_SECONDS
