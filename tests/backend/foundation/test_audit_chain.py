"""The chain over the audit log: whatever is done to it afterwards is found, and named."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import pytest

from backend.app import House
from backend.foundation import audit
from backend.foundation.audit import Actor, ActorKind, Deed, System
from backend.foundation.audit_chain import LEASE, Sequencer, link_hash
from backend.foundation.audit_verify import Anchor, Broken, Fault, Sound, verify
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.mongo import Session
from backend.settings import Settings
from shared.clock import ManualClock, SystemClock
from shared.localized_text import LocalizedText
from tests.backend.foundation.racing_sequencers import Careful, Careless, Score, follow
from tests.support.processes import FORKS

ROWS = 12
LEAST_ROWS, MOST_ROWS = 100, 1000  # of a race
Collection = Any


def deed(clock: ManualClock | SystemClock, number: int = 0, **changed: Any) -> Deed:
    plain: dict[str, Any] = {
        "at": clock.now() + timedelta(milliseconds=number),
        "actor": Actor(ActorKind.STAFF, "stf_one"),
        "action": "test.looked",
        "words": LocalizedText(f"第{number}次", f"Time {number}"),
        "system": System.COUNTER,
        "subject": "res_one",
    }
    return Deed(**{**plain, **changed})


@pytest.fixture
def sequencer(house: House) -> Sequencer:
    return house.services[Sequencer]


@pytest.fixture
async def ids(house: House, clock: ManualClock, sequencer: Sequencer) -> list[str]:
    """A chain of `ROWS` rows; their ids in its order."""
    for number in range(ROWS):
        await audit.record_read(deed(clock, number))
    assert await sequencer.catch_up() == ROWS
    links = house.store.database["audit_links"].find().sort("_id")
    return [link["row_id"] async for link in links]


async def broken() -> tuple[Fault, int, str | None]:
    found = await verify()
    assert isinstance(found, Broken), found
    return found.fault, found.seq, found.row_id


@pytest.mark.usefixtures("ids")
async def test_an_untouched_log_is_sound() -> None:
    found = await verify()

    assert isinstance(found, Sound)
    assert (found.head.seq, found.waiting) == (ROWS, 0)


@pytest.mark.usefixtures("house")
async def test_an_empty_log_is_sound() -> None:
    assert isinstance(await verify(), Sound)


@pytest.mark.usefixtures("ids")
async def test_rows_that_wait_are_told_and_not_suspected(clock: ManualClock) -> None:
    await audit.record_read(deed(clock))

    found = await verify()

    assert isinstance(found, Sound)
    assert found.waiting == 1


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "res_two"},
        {"result": "refused:x"},
        {"at": SystemClock().now()},
        {"words.zh": "别的"},
        {"actor.id": "stf_two"},
        {"more": 1},
        {"more": b"\0"},
        {"organisation.code": "other"},
    ],
)
async def test_a_changed_row_is_named(house: House, ids: list[str], change: dict[str, Any]) -> None:
    rows = house.store.database["audit_rows"]
    await rows.update_one({"_id": ids[6]}, {"$set": change})

    assert await broken() == (Fault.CHANGED, 7, ids[6])


async def test_a_removed_row_is_named(house: House, ids: list[str]) -> None:
    await house.store.database["audit_rows"].delete_one({"_id": ids[6]})

    assert await broken() == (Fault.REMOVED, 7, ids[6])


async def _renumber(links: Collection, above: int, by: int) -> None:
    """Move the links above a place, as whoever hides a gap would."""
    moved = await links.find({"_id": {"$gt": above}}).to_list()
    await links.delete_many({"_id": {"$gt": above}})
    if moved:
        await links.insert_many([{**link, "_id": link["_id"] + by} for link in moved])


async def test_a_removed_link_is_named_by_its_row(house: House, ids: list[str]) -> None:
    await house.store.database["audit_links"].delete_one({"_id": 7})

    assert await broken() == (Fault.REMOVED, 7, ids[6])


async def test_a_row_removed_with_its_link_leaves_its_place(house: House, ids: list[str]) -> None:
    await house.store.database["audit_rows"].delete_one({"_id": ids[6]})
    await house.store.database["audit_links"].delete_one({"_id": 7})

    assert await broken() == (Fault.REMOVED, 7, None)


async def test_a_gap_closed_by_renumbering_is_found(house: House, ids: list[str]) -> None:
    database = house.store.database
    await database["audit_rows"].delete_one({"_id": ids[6]})
    await database["audit_links"].delete_one({"_id": 7})
    await _renumber(database["audit_links"], above=7, by=-1)

    assert await broken() == (Fault.REMOVED, 7, None)


@pytest.mark.parametrize("place", [0, 6, ROWS - 1])
@pytest.mark.parametrize("well_made", [True, False])
@pytest.mark.usefixtures("ids")
async def test_an_inserted_row_is_named(
    house: House, clock: ManualClock, place: int, well_made: bool
) -> None:
    """With a link that fits the one before, or one that fits nothing."""
    links = house.store.database["audit_links"]
    row = audit.row_of(deed(clock, place))
    await house.store.database["audit_rows"].insert_one(row)
    before = await links.find_one({"_id": place})
    previous = bytes(before["hash"]) if before else bytes(32)
    await _renumber(links, above=place, by=1)
    prev = previous if well_made else b"\1" * 32
    made = link_hash(prev, row) if well_made else b"\2" * 32
    await links.insert_one({"_id": place + 1, "row_id": row["_id"], "prev": prev, "hash": made})
    await house.store.database["audit_chain"].update_one({}, {"$inc": {"seq": 1}})

    assert await broken() == (Fault.INSERTED, place + 1, row["_id"])


@pytest.mark.usefixtures("ids")
async def test_a_row_put_in_past_the_sequencer_is_named(
    house: House, clock: ManualClock, sequencer: Sequencer
) -> None:
    """As a restored backup of one collection would: the row is there and never arrived."""
    clock.advance(3600)
    await audit.record_read(deed(clock, 1))
    await sequencer.catch_up()
    await house.store.database["audit_rows"].insert_one(
        row := audit.row_of(deed(clock, at=clock.now() - timedelta(minutes=30)))
    )

    assert await broken() == (Fault.INSERTED, 0, row["_id"])


async def test_rows_moved_in_the_chain_are_named(house: House, ids: list[str]) -> None:
    """The links' contents change places: both still fit their own rows."""
    links = house.store.database["audit_links"]
    one, other = await links.find_one({"_id": 5}), await links.find_one({"_id": 9})
    assert one is not None
    assert other is not None
    await links.delete_many({"_id": {"$in": [5, 9]}})
    await links.insert_many([{**one, "_id": 9}, {**other, "_id": 5}])

    assert await broken() == (Fault.REORDERED, 5, ids[8])


async def test_rows_swapped_under_their_links_are_named(house: House, ids: list[str]) -> None:
    links = house.store.database["audit_links"]
    await links.update_one({"_id": 5}, {"$set": {"row_id": "none"}})
    await links.update_one({"_id": 9}, {"$set": {"row_id": ids[4]}})
    await links.update_one({"_id": 5}, {"$set": {"row_id": ids[8]}})

    assert await broken() == (Fault.REORDERED, 5, ids[8])


async def test_rows_cut_off_the_end_are_found(house: House, ids: list[str]) -> None:
    await house.store.database["audit_rows"].delete_one({"_id": ids[-1]})
    await house.store.database["audit_links"].delete_one({"_id": ROWS})

    assert await broken() == (Fault.REMOVED, ROWS, None)


async def test_an_anchor_finds_a_chain_cut_or_written_anew(house: House, ids: list[str]) -> None:
    """The chain alone cannot know: whoever writes it all anew leaves it sound."""
    before = await verify()
    assert isinstance(before, Sound)
    database = house.store.database
    await database["audit_rows"].delete_one({"_id": ids[-1]})
    await database["audit_links"].delete_one({"_id": ROWS})
    last = await database["audit_links"].find_one({"_id": ROWS - 1})
    assert last is not None
    cut = {"seq": ROWS - 1, "hash": last["hash"]}
    await database["audit_chain"].update_one({}, {"$set": cut})
    assert isinstance(await verify(), Sound)

    found = await verify([before.head])

    assert isinstance(found, Broken)
    assert found.fault is Fault.ANCHOR
    assert isinstance(await verify([Anchor(5, await _hash(house, 5))]), Sound)
    wrong = await verify([Anchor(5, "0" * 64)])
    assert isinstance(wrong, Broken)
    assert (wrong.fault, wrong.seq, wrong.row_id) == (Fault.ANCHOR, 5, ids[4])


async def _hash(house: House, seq: int) -> str:
    link = await house.store.database["audit_links"].find_one({"_id": seq})
    assert link is not None
    return bytes(link["hash"]).hex()


async def test_a_row_committed_late_is_not_passed_by(
    house: House, clock: ManualClock, sequencer: Sequencer
) -> None:
    """Its transaction began first and ends last: it is linked after the ones it let pass."""
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(session: Session) -> None:
        await audit.record(deed(clock, 1, action="test.slow"), session)
        begun.set()
        await may_end.wait()

    task = asyncio.create_task(audit.in_one_write(slow))
    await begun.wait()
    await audit.record_read(deed(clock, 2))
    assert await sequencer.catch_up() == 1
    may_end.set()
    await task
    assert await sequencer.catch_up() == 1

    rows = house.store.database["audit_rows"]
    links = house.store.database["audit_links"].find().sort("_id")
    order = [await rows.find_one({"_id": link["row_id"]}) async for link in links]
    assert [row["action"] for row in order if row] == ["test.looked", "test.slow"]
    assert isinstance(await verify(), Sound)


@pytest.mark.usefixtures("ids")
async def test_a_forgotten_place_costs_a_sweep_and_no_row(
    house: House, clock: ManualClock, sequencer: Sequencer
) -> None:
    """The store's log of commits is finite; here the kept place is one it does not know."""
    chain = house.store.database["audit_chain"]
    await audit.record_read(deed(clock, 100))
    await chain.update_one({}, {"$unset": {"place": 1}})

    assert await sequencer.catch_up() == 1
    await audit.record_read(deed(clock, 101))
    assert await sequencer.catch_up() == 1
    assert isinstance(await verify(), Sound)


@pytest.mark.usefixtures("ids")
async def test_the_lease_passes_on_when_its_holder_is_gone(
    clock: ManualClock, sequencer: Sequencer
) -> None:
    await audit.record_read(deed(clock))
    other = Sequencer(clock)

    assert await other.catch_up() is None
    clock.advance(LEASE.total_seconds() + 1)
    assert await other.catch_up() == 1
    assert await sequencer.catch_up() is None
    assert isinstance(await verify(), Sound)


async def _race(
    kind: type[Careful],
    mongod: RunningMongod,
    settings: Settings,
    clock: ManualClock,
    met: Callable[[Sequence[Score]], Awaitable[bool]],
) -> tuple[int, list[Score]]:
    """Let two processes link the same arrivals until they `met`; return rows and scores."""
    await Sequencer(clock).catch_up()  # from here on both follow; this lease is long over
    lines = [FORKS.Pipe() for _ in range(2)]
    racers = [
        FORKS.Process(target=follow, args=(kind, mongod.uri, settings.database, there))
        for _, there in lines
    ]
    for racer in racers:
        racer.start()
    scores = [await asyncio.to_thread(_first, here) for here, _ in lines]
    rows = 0
    while rows < MOST_ROWS and (rows < LEAST_ROWS or not await met(scores)):
        for _ in range(10):
            await audit.record_read(deed(SystemClock(), rows))
            rows += 1
            await asyncio.sleep(0.002)
        scores = [_newest(here, score) for (here, _), score in zip(lines, scores, strict=True)]
    for here, _ in lines:
        here.send(None)
    for racer in racers:
        await asyncio.to_thread(racer.join, 30)
        assert racer.exitcode == 0
    return rows, [_newest(here, score) for (here, _), score in zip(lines, scores, strict=True)]


def _first(here: "Connection[None, Score]") -> Score:
    assert here.poll(60), "a racer never began"
    return here.recv()


def _newest(here: "Connection[None, Score]", score: Score) -> Score:
    while here.poll():
        score = here.recv()
    return score


@pytest.mark.usefixtures("house")
async def test_two_sequencers_at_once_never_fork_the_chain(
    mongod: RunningMongod, settings: Settings, clock: ManualClock
) -> None:
    async def met(scores: Sequence[Score]) -> bool:
        """Tell whether both worked, and came upon each other."""
        return all(score.linked for score in scores) and any(score.lost for score in scores)

    rows, scores = await _race(Careful, mongod, settings, clock, met)
    await Sequencer(SystemClock()).catch_up()

    found = await verify()
    assert isinstance(found, Sound), found
    assert (found.head.seq, found.waiting) == (rows, 0)
    assert await met(scores), scores


async def test_without_the_condition_on_the_head_they_fork_it(
    house: House, mongod: RunningMongod, settings: Settings, clock: ManualClock
) -> None:
    """The race above is a race: the same without its guard links two rows to one."""
    links = house.store.database["careless_links"]

    async def forked(_: Sequence[Score]) -> bool:
        made = await links.find().to_list()
        return len({bytes(link["prev"]) for link in made}) < len(made)

    await _race(Careless, mongod, settings, clock, forked)

    assert await forked([])
    await links.drop()
