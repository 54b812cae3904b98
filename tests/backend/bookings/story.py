"""A story of bookings that can be told again from its start, and a process that dies within it."""

import asyncio
import os
import signal
from datetime import datetime, timedelta
from multiprocessing.connection import Connection

from pymongo import monitoring
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)
from typing_extensions import override

from backend.app import open_house
from backend.bookings.documents import Slot
from backend.bookings.service import BookingView
from backend.bookings.slots import shown
from backend.foundation.keys import load_keys
from backend.settings import read_settings
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from tests.backend.bookings.hall import STAFF, VENUE, Hall, person, plan

CAPACITY = 4
HOURS = timedelta(hours=16)
NO_POWER = LocalizedText("停电", "No power")
"""So far ahead the first slot of a next day may be: whatever is told takes minutes."""


async def tell(hall: Hall) -> None:
    """Book, wait, cancel, be offered, move, close: each step by a key of its own."""
    while await hall.planning.plan_ahead():
        pass
    later = {"plan": plan().plan_id, "starts_at": {"$gt": hall.clock.now() + HOURS}}
    rows = Slot.get_pymongo_collection().find(later)
    first, second, third = [shown(row) async for row in rows.sort("starts_at", 1).limit(3)]
    service = hall.bookings
    a = await hall.book("a", first, 3, "story: a books")
    b = await hall.book("b", first, 1, "story: b books")
    c = await hall.book("c", first, 3, "story: c waits", waits=True)
    assert isinstance(a, BookingView), a
    assert isinstance(b, BookingView), b
    assert isinstance(c, BookingView), c
    ids = {who: one.booking_id for who, one in (("a", a), ("b", b), ("c", c))}
    await service.confirm(person("a"), "story: a confirms", ids["a"])
    await service.cancel(person("a"), "story: a cancels", ids["a"])
    await service.confirm(person("c"), "story: c confirms", ids["c"])
    await service.confirm(person("b"), "story: b confirms", ids["b"])
    await service.move(person("b"), "story: b moves", ids["b"], second.facts.slot_id)
    await hall.book("d", second, 2, "story: d books")
    start, end = second.facts.starts_at, third.facts.starts_at
    await hall.hours.close_slots(STAFF, "story: close", VENUE, start, end, NO_POWER)
    await hall.sweeps.sweep()


class Death(CommandListener):
    """Kills the process at one of its commands to the store: before it is sent, or after it."""

    def __init__(self, point: int) -> None:
        self._point = point
        self.count = 0
        self.counting = False

    def _step(self, name: str) -> None:
        if not self.counting or name in {"hello", "ping", "endSessions"}:
            return
        self.count += 1
        if self.count == self._point:
            os.kill(os.getpid(), signal.SIGKILL)

    @override
    def started(self, event: CommandStartedEvent) -> None:
        self._step(event.command_name)

    @override
    def succeeded(self, event: CommandSucceededEvent) -> None:
        self._step(event.command_name)

    @override
    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to do."""


def tell_until_death(
    point: int, now: datetime, environ: dict[str, str], told: "Connection[int, None]"
) -> None:
    """Tell the story and die at its command number `point`; else tell how many there were."""
    asyncio.run(_tell(point, now, environ, told))


async def _tell(
    point: int, now: datetime, environ: dict[str, str], told: "Connection[int, None]"
) -> None:
    settings, clock = read_settings(environ), ManualClock(now)
    death = Death(point)
    monitoring.register(death)
    assert settings.mongodb_uri is not None
    keys = load_keys(settings)
    async with open_house(settings, settings.mongodb_uri, keys, clock, environ) as house:
        death.counting = True
        await tell(Hall(house, clock))
        told.send(death.count)
