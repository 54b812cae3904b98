"""Waiting for what other threads and processes do."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = 10.0) -> T:
    """Return the first true value of `condition`.

    Raises:
        TimeoutError: it did not become true.
    """
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(condition)
        time.sleep(0.01)
    return value


async def until_async(condition: Callable[[], T], seconds: float = 10.0) -> T:
    """Do the same and let the event loop work meanwhile."""
    return await asyncio.to_thread(until, condition, seconds)
