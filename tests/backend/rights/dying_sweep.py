"""A sweep of closings by a process of its own, which may be killed at one of its commands."""

import asyncio
from datetime import datetime
from multiprocessing.connection import Connection

from pymongo import monitoring

from backend.app import open_house
from backend.foundation.keys import load_keys
from backend.rights.closing_sweep import ClosingSweep
from backend.settings import read_settings
from shared.clock import ManualClock
from tests.backend.bookings.story import Death


def sweep_until_death(
    point: int, now: datetime, environ: dict[str, str], told: "Connection[int, None]"
) -> None:
    """Sweep and die at command number `point`; else tell how many there were."""
    asyncio.run(_sweep(point, now, environ, told))


async def _sweep(
    point: int, now: datetime, environ: dict[str, str], told: "Connection[int, None]"
) -> None:
    settings, clock = read_settings(environ), ManualClock(now)
    death = Death(point)
    monitoring.register(death)
    assert settings.mongodb_uri is not None
    keys = load_keys(settings)
    async with open_house(settings, settings.mongodb_uri, keys, clock, environ) as house:
        death.counting = True
        await house.services[ClosingSweep].run()
        death.counting = False
        told.send(death.count)
