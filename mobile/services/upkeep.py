"""When to ask the server: gently while somebody looks, rarely otherwise, later after failures.

Nothing here waits: `tick` is called some times a second by the app and starts what is due, so that
sleep and a stopped process cost nothing.
"""

from collections.abc import Callable

from mobile.services.background import Background
from mobile.services.city_time import CityTime
from mobile.services.family import Family
from mobile.services.help_requests import HelpRequests
from mobile.services.refresh import Refresh
from mobile.services.session import Session

WATCHED_SECONDS = 1.5
IDLE_SECONDS = 60.0
RETRY_SECONDS = 2.0
MAX_RETRY_SECONDS = 60.0


class Upkeep:
    """Keeps card, visits, certificates, and who asks for help, fresh while the app runs."""

    def __init__(
        self,
        refresh: Refresh,
        family: Family,
        help_requests: HelpRequests,
        session: Session,
        time: CityTime,
        steady: Callable[[], float],
    ) -> None:
        self._refresh = refresh
        self._family = family
        self._help_requests = help_requests
        self._session = session
        self._time = time
        self._steady = steady
        self._failures = 0
        self._not_before = 0.0
        self._work = Background()
        self.watched = True

    def tick(self) -> None:
        """Start what is due; one act at a time."""
        wanted = self._session.wallet is not None or self._family.known is not None
        due = wanted and self._steady() >= self._not_before
        if due and not self._work.busy:
            self._work.start(self._act)

    def hurry(self) -> None:
        """Make the next act due at once: somebody asked, or the app came back to the front."""
        self._not_before = 0.0
        self._refresh.expect_news()

    async def close(self) -> None:
        """Stop what runs and wait for its end."""
        await self._work.close()

    async def _act(self) -> None:
        succeeded = self._session.wallet is None or await self._renew_or_read()
        await self._family.keep_codes()
        await self._help_requests.keep_fresh()
        self._failures = 0 if succeeded else self._failures + 1
        self._not_before = self._steady() + self._pause()

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
