"""Work that goes on beside the application for as long as it runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import PyMongoError

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


async def rounds(
    work: Callable[[], Awaitable[object]], seconds: float, *, until_idle: bool = False
) -> None:
    """Do work for ever, `seconds` after each round; a store that does not answer is asked again.

    `until_idle`: a round goes on until the work tells that nothing was left to do.
    """
    while True:
        try:
            while await work() and until_idle:
                pass
        except (PyMongoError, OSError) as error:
            fields = {"work": _name(work), "error": describe_error(error)}
            _log.warning("round failed", extra={FIELDS: fields})
        await asyncio.sleep(seconds)


async def _again_and_again(work: Callable[[], Awaitable[None]], again_seconds: float) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the others' work goes on
            fields = {"work": _name(work), "error": describe_error(error)}
            _log.error("work failed and begins again", extra={FIELDS: fields})
        await asyncio.sleep(again_seconds)


def _name(work: Callable[[], Awaitable[object]]) -> str:
    return getattr(work, "__qualname__", type(work).__name__)
