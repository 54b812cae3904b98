"""kill -9 at any command of booking, waiting, offer, move or closure: no place is lost."""

import asyncio
import signal
from collections import Counter
from datetime import datetime

import pytest

from backend.bookings.documents import Booker, PlaceBooking
from backend.bookings.rules import AHEAD
from backend.bookings.sweeps import discrepancies
from backend.foundation.audit import AuditRow
from backend.foundation.embedded_mongod import RunningMongod
from backend.settings import Settings
from tests.backend.bookings.hall import Hall, plan
from tests.backend.bookings.story import CAPACITY, tell, tell_until_death
from tests.support.processes import FORKS
from tests.support.soak import SOAK

POINTS = 4
DEEDS = {
    "bookings.placed": 3,
    "bookings.waits": 1,
    "bookings.confirmed": 3,
    "bookings.cancelled": 1,
    "bookings.offered": 1,
    "bookings.moved": 1,
    "bookings.closed": 3,  # the slot, and two bookings in it
}


class Teller:
    """Has the story told by a process that dies at one of its commands."""

    def __init__(self, mongod: RunningMongod, settings: Settings, now: datetime) -> None:
        self._now = now
        self._environ = {
            "YIKATONG_DATA_DIR": str(settings.data_dir),
            "YIKATONG_MONGODB_URI": mongod.uri,
        }

    async def tell(self, point: int) -> int | None:
        """Return how many commands the whole story has, None where the process died in it."""
        told, tells = FORKS.Pipe(duplex=False)
        arguments = (point, self._now, self._environ, tells)
        process = FORKS.Process(target=tell_until_death, args=arguments)
        process.start()
        await asyncio.to_thread(process.join, 60)
        if process.exitcode == -signal.SIGKILL:
            return None
        assert process.exitcode == 0
        return int(told.recv())


async def _empty(hall: Hall) -> None:
    database = hall.house.store.database
    for name in ("slots", "bookings", "bookers", "booking_notices", "audit_rows", "kept_answers"):
        await database[name].delete_many({})
    await hall.planning.put([plan(capacity=CAPACITY)])


async def _told_once() -> None:
    """Check that the story is there as if it had been told once."""
    assert await discrepancies(5) == []
    bookings = PlaceBooking.get_pymongo_collection().find({})
    states = {row["resident_id"]: (row["state"], row["quantity"]) async for row in bookings}
    assert states == {
        "res_a": ("CANCELLED", 3),
        "res_b": ("CLOSED", 1),
        "res_c": ("CONFIRMED", 3),
        "res_d": ("CLOSED", 2),
    }
    deeds = AuditRow.get_pymongo_collection().find({}, {"action": 1})
    assert Counter([row["action"] async for row in deeds]) == DEEDS


async def _whole() -> None:
    """Check that nothing is half done: places, and what people have ahead."""
    assert await discrepancies(5) == []
    ahead = PlaceBooking.get_pymongo_collection().find({"state": {"$in": sorted(AHEAD)}})
    booked = {(row["resident_id"], row["_id"]) async for row in ahead}
    bookers = Booker.get_pymongo_collection().find({})
    held = {(row["_id"], one["booking"]) async for row in bookers for one in row["ahead"]}
    assert booked == held


@pytest.mark.soak
async def test_killed_at_any_command_the_story_is_whole_and_is_told_once(
    hall: Hall, mongod: RunningMongod, settings: Settings
) -> None:
    await hall.open(plan(capacity=CAPACITY))
    teller = Teller(mongod, settings, hall.clock.now())
    await _empty(hall)
    commands = await teller.tell(0)
    assert commands is not None
    await _told_once()

    step = 1 if SOAK else commands // POINTS
    for point in range(step, commands + 1, step):
        await _empty(hall)
        assert await teller.tell(point) is None
        # The dead process's transaction ends by itself after a time; here at once.
        await hall.house.store.client.admin.command({"killAllSessions": []})
        await _whole()
        await tell(hall)
        await _told_once()
