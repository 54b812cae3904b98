"""Work that goes on beside the application for as long as it runs."""

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import ConnectionFailure, PyMongoError

T = TypeVar("T")
R = TypeVar("R")
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


async def each(items: AsyncIterable[T], act: Callable[[T], Awaitable[int]]) -> int:
    """Do `act` with one item after the other and return the sum of what it returned.

    What raises is left as it is (see `attempt`), so that nobody waits behind another's broken row.
    Give it a cursor without limit, in batches: a limit that broken rows fill up is a wall.
    """
    return sum([await attempt(act, one) or 0 async for one in items])


async def attempt(act: Callable[[T], Awaitable[R]], item: T) -> R | None:
    """Return what `act` makes of an item; None where it raised, which is logged without values.

    Raises:
        ConnectionFailure, OSError: the store or another system does not answer, which is no
            fault of the item.
    """
    try:
        return await act(item)
    except (ConnectionFailure, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the others' turn comes
        fields = {"work": _name(act), "error": describe_error(error)}
        _log.error("left for the next round", extra={FIELDS: fields})
        return None


async def batches(items: AsyncIterable[T], most: int) -> AsyncIterator[list[T]]:
    """Return the items in lists of at most `most`, none of them empty."""
    batch: list[T] = []
    async for one in items:
        batch.append(one)
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch


async def _again_and_again(work: Callable[[], Awaitable[None]], again_seconds: float) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the others' work goes on
            fields = {"work": _name(work), "error": describe_error(error)}
            _log.error("work failed and begins again", extra={FIELDS: fields})
        await asyncio.sleep(again_seconds)


def _name(work: Callable[..., Awaitable[object]]) -> str:
    return getattr(work, "__qualname__", type(work).__name__)
