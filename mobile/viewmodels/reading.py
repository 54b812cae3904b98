"""Something a page reads from the server: how old it is, why it is not newer, when to try again."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from mobile.core.trouble import Trouble
from mobile.services.background import Background
from mobile.services.city_time import CityTime

RETRY_AFTER = timedelta(seconds=10)


class Reading:
    """Runs `read`, which returns why nothing came, or None; `told` is called when it is over."""

    def __init__(
        self,
        read: Callable[[], Awaitable[Trouble | None]],
        time: CityTime,
        told: Callable[[], None],
    ) -> None:
        self._read = read
        self._time = time
        self._told = told
        self._work = Background()
        self.trouble: Trouble | None = None
        self.tried_at: datetime | None = None
        self.seen_at: datetime | None = None
        self.going_on = False

    def start(self) -> None:
        """Read now, unless that goes on already."""
        if not self._work.busy:
            self.going_on, self.tried_at = True, self._time.now()
            self._work.start(self._run)

    def retry(self) -> None:
        """Read again some time after a failure; to be called while the page is seen."""
        if self.trouble is not None and self.tried_at is not None and self.is_past(RETRY_AFTER):
            self.start()

    def is_past(self, pause: timedelta) -> bool:
        """Tell whether the last try is as long ago as `pause`."""
        return self.tried_at is None or self._time.now() - self.tried_at >= pause

    def forget(self) -> None:
        """Know nothing any more."""
        self.trouble = self.seen_at = self.tried_at = None

    async def close(self) -> None:
        """Stop what goes on and wait for its end."""
        await self._work.close()

    async def _run(self) -> None:
        try:
            self.trouble = await self._read()
            if self.trouble is None:
                self.seen_at = self._time.now()
        finally:
            self.going_on = False
            self._told()
