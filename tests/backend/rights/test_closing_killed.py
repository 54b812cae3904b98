"""kill -9 at any command of a sweep of closings: the person is there whole, or gone everywhere."""

import asyncio
import signal

import pytest

from backend.app import House
from backend.cards.lifecycle import CardEvent
from backend.foundation.embedded_mongod import RunningMongod
from backend.rights.closing_rules import KEPT_COLLECTIONS
from backend.settings import Settings
from shared.clock import ManualClock
from tests.backend.accounts.actors import People
from tests.backend.actors import Terminal
from tests.backend.rights.dying_sweep import sweep_until_death
from tests.backend.rights.test_closing import COOLING_OFF, whole_store
from tests.backend.rights.test_copies import held, somebody
from tests.support.processes import FORKS
from tests.support.soak import SOAK

POINTS = 4
"""Places at which it is killed; every command before and after it is sent under soak."""


async def _swept(
    mongod: RunningMongod, settings: Settings, clock: ManualClock, point: int
) -> int | None:
    """Return how many commands a sweep has, None where its process was killed at `point`."""
    environ = {"YIKATONG_DATA_DIR": str(settings.data_dir), "YIKATONG_MONGODB_URI": mongod.uri}
    told, tells = FORKS.Pipe(duplex=False)
    arguments = (point, clock.now(), environ, tells)
    process = FORKS.Process(target=sweep_until_death, args=arguments)
    process.start()
    await asyncio.to_thread(process.join, 60)
    if process.exitcode == -signal.SIGKILL:
        return None
    assert process.exitcode == 0
    return int(told.recv())


@pytest.mark.soak
async def test_a_sweep_killed_at_any_command_leaves_nobody_half_erased(
    people: People, house: House, clock: ManualClock, mongod: RunningMongod, settings: Settings
) -> None:
    """The control: a sweep that nobody kills erases, by as many commands as it tells."""
    terminal = await people.city.terminal()
    ids = await _leaving(people, terminal, clock, "901")
    count = await _swept(mongod, settings, clock, -1)
    assert count is not None
    assert count > 60
    assert (await held(house, ids)).keys() == KEPT_COLLECTIONS.keys()

    ids = await _leaving(people, terminal, clock, "902")
    before, killed_before_the_end = await whole_store(house), 0
    step = 1 if SOAK else count // POINTS
    for point in range(step, count + 1, step):
        assert await _swept(mongod, settings, clock, point) is None, point
        # The dead process's transaction ends by itself after a time; here at once.
        await house.store.client.admin.command({"killAllSessions": []})
        if await whole_store(house) != before:
            break  # it was killed after the commit
        killed_before_the_end += 1
    assert killed_before_the_end >= POINTS - 1
    await _swept(mongod, settings, clock, -1)
    assert (await held(house, ids)).keys() == KEPT_COLLECTIONS.keys()
    erased = {"action": "rights.erased"}
    assert await house.store.database["audit_rows"].count_documents(erased) == 2


async def _leaving(
    people: People, terminal: Terminal, clock: ManualClock, sequence: str
) -> set[str]:
    """Return the ids of somebody without a card whose closing is due."""
    one = await somebody(people, terminal, sequence)
    await people.city.served(one.holder, CardEvent.CANCEL)
    clock.advance(COOLING_OFF.total_seconds())
    return {one.resident_id, one.holder.card_id}
