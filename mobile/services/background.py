"""Work that goes on beside the drawing of frames."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger("yikatong.app")


class Background:
    """Runs one piece of work at a time; what fails unexpectedly is logged and the app goes on."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Tell whether work is going on."""
        return self._task is not None and not self._task.done()

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Begin `work`; to be called while nothing else goes on, from the running loop."""

        async def run() -> None:
            try:
                await work()
            except Exception:
                _log.exception("work in the background failed")
                raise

        self._task = asyncio.get_running_loop().create_task(run())

    async def close(self) -> None:
        """Stop what goes on and wait for its end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
