"""Work that goes on beside the application for as long as it runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from backend.foundation.logs import FIELDS, describe_error

AGAIN_SECONDS = 5.0
_log = logging.getLogger("yikatong.background")


@asynccontextmanager
async def kept_running(
    work: Callable[[], Awaitable[None]], again_seconds: float = AGAIN_SECONDS
) -> AsyncIterator[None]:
    """Run work that never ends of itself; where it raises what it did not foresee, begin it again.

    One value that does not open would otherwise end a sweep for everybody, unseen.
    """
    task = asyncio.create_task(_again_and_again(work, again_seconds))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _again_and_again(work: Callable[[], Awaitable[None]], again_seconds: float) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the others' work goes on
            name = getattr(work, "__qualname__", type(work).__name__)
            fields = {"work": name, "error": describe_error(error)}
            _log.error("work failed and begins again", extra={FIELDS: fields})
        await asyncio.sleep(again_seconds)
