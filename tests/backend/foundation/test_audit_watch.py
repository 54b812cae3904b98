"""The audit log is checked each night by the server that links it, once (D32)."""

from datetime import datetime, timedelta

import pytest

from backend.app import House
from backend.foundation import audit
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_verify import Broken, Fault, Sound, last_verification
from backend.foundation.audit_watch import AuditWatch, due_since
from shared.clock import ManualClock
from tests.backend.foundation.test_audit_chain import deed

DAY = timedelta(days=1).total_seconds()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-22T03:00:00+08:00", "2026-11-22T03:00:00+08:00"),
        ("2026-11-22T02:59:59+08:00", "2026-11-21T03:00:00+08:00"),
        ("2026-11-21T18:59:59+00:00", "2026-11-21T03:00:00+08:00"),
        ("2026-12-31T23:59:59+08:00", "2026-12-31T03:00:00+08:00"),
    ],
)
def test_it_is_due_from_three_in_the_morning_by_local_time(now: str, due: str) -> None:
    assert due_since(datetime.fromisoformat(now)) == datetime.fromisoformat(due)


@pytest.fixture
async def watch(house: House, clock: ManualClock) -> AuditWatch:
    for number in range(3):
        await audit.record_read(deed(clock, number))
    await house.services[Sequencer].catch_up()
    return house.services[AuditWatch]


async def _night(house: House, clock: ManualClock) -> None:
    clock.advance(DAY)
    await house.services[Sequencer].catch_up()


@pytest.mark.feature("D32")
async def test_a_row_that_was_tampered_with_is_named_the_next_night(
    house: House, clock: ManualClock, watch: AuditWatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(await watch.look(), Sound)
    assert await watch.look() is None, "once a night"
    link = await house.store.database["audit_links"].find_one({"_id": 2})
    assert link is not None
    whole = {"_id": link["row_id"]}
    await house.store.database["audit_rows"].update_one(whole, {"$set": {"result": "x"}})
    await _night(house, clock)

    found = await watch.look()

    assert found == Broken(Fault.CHANGED, 2, link["row_id"])
    last = await last_verification()
    assert last is not None
    assert (last.sound, last.seq) == (False, 2)
    assert "not as it was written" in caplog.text
    assert await watch.look() is None, "broken too is said once a night, not without an end"


async def test_a_chain_cut_off_since_the_last_night_is_found(
    house: House, clock: ManualClock, watch: AuditWatch
) -> None:
    """By whoever removed the last row, its link, and set the head back: nothing else shows it."""
    assert isinstance(await watch.look(), Sound)
    links, database = house.store.database["audit_links"], house.store.database
    last, before = await links.find().sort("_id", -1).limit(2).to_list()
    await links.delete_one({"_id": last["_id"]})
    await database["audit_rows"].delete_one({"_id": last["row_id"]})
    cut = {"seq": before["_id"], "hash": before["hash"]}
    await database["audit_chain"].update_one({}, {"$set": cut})
    await _night(house, clock)

    assert await watch.look() == Broken(Fault.ANCHOR, 3, None)


async def test_of_two_servers_the_one_that_links_checks(
    clock: ManualClock, watch: AuditWatch
) -> None:
    other = AuditWatch(Sequencer(clock), clock)

    assert await other.look() is None
    assert isinstance(await watch.look(), Sound)
