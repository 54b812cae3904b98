"""Rows that wait in the documents they are about reach the log: all of them, once."""

import asyncio
from typing import Any

import pytest

from backend.app import House
from backend.cards.documents import Card
from backend.foundation import audit_outbox
from backend.foundation.audit import OPERATOR, Deed, System
from backend.foundation.audit_outbox import HOLDS_SOME, INDEX, AuditOutbox, pushed
from backend.foundation.mongo import UpdateOne
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from tests.backend.actors import City, Holder

RENEWED = "cards.certificate_renewed"
WORDS = LocalizedText("更新", "renewed")


async def _leave(house: House, holder: Holder, clock: ManualClock, action: str = "a.b") -> None:
    deed = Deed(clock.now(), OPERATOR, action, WORDS, System.APP, holder.resident_id)
    await house.store.database["cards"].update_one({"_id": holder.card_id}, pushed(deed))


async def _moved(house: House) -> list[str]:
    found = house.store.database["audit_rows"].find({"action": {"$regex": "^a"}})
    return sorted([row["action"] async for row in found])


async def _waiting(house: House) -> int:
    return await house.store.database["cards"].count_documents({"outbox.0": {"$exists": True}})


async def test_several_servers_move_each_row_once(
    city: City, house: House, clock: ManualClock
) -> None:
    for sequence in ("911", "912", "913"):
        holder = await city.holder(sequence, None)
        for number in range(3):
            await _leave(house, holder, clock, f"a.{sequence}.{number}")

    await asyncio.gather(*(AuditOutbox(Card).drain() for _ in range(4)))

    rows = await _moved(house)
    assert len(rows) == len(set(rows)) == 9
    assert await _waiting(house) == 0


async def test_a_server_that_dies_before_it_empties_the_outbox_moves_no_row_twice(
    city: City, house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = await city.holder()
    await _leave(house, holder, clock)

    def dies(_: object) -> UpdateOne:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(audit_outbox, "_emptied", dies)
        with pytest.raises(KeyboardInterrupt):
            await AuditOutbox(Card).drain()
    assert (await _moved(house), await _waiting(house)) == (["a.b"], 1)

    await AuditOutbox(Card).drain()

    assert (await _moved(house), await _waiting(house)) == (["a.b"], 0)


async def _drained_while_one_comes(
    city: City, house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Drain once while another row comes between reading and emptying, then to the end."""
    holder = await city.holder()
    await _leave(house, holder, clock, "a.first")
    insert = audit_outbox._insert

    async def late(rows: list[dict[str, Any]]) -> None:
        await insert(rows)
        if rows[0]["action"] == "a.first":
            await _leave(house, holder, clock, "a.second")

    monkeypatch.setattr(audit_outbox, "_insert", late)
    for _ in range(2):
        await AuditOutbox(Card).drain()
    return await _moved(house)


async def test_a_row_that_comes_meanwhile_is_moved_too(
    city: City, house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = await _drained_while_one_comes(city, house, clock, monkeypatch)

    assert moved == ["a.first", "a.second"]


async def test_rows_that_keep_coming_are_moved_together_in_the_next_round(
    city: City, house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server under load moves many rows at a time, not each by commands of its own."""
    holder, insert, inserts = await city.holder(), audit_outbox._insert, list[int]()
    await _leave(house, holder, clock)

    async def another_comes(rows: list[dict[str, Any]]) -> None:
        await insert(rows)
        inserts.append(len(rows))
        if len(inserts) < 5:
            await _leave(house, holder, clock)
            await _leave(house, holder, clock)

    monkeypatch.setattr(audit_outbox, "_insert", another_comes)
    await AuditOutbox(Card).drain()
    assert inserts == [1]

    await AuditOutbox(Card).drain()
    assert inserts == [1, 2]


async def test_more_than_a_batch_is_moved_at_once(
    city: City, house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_outbox, "BATCH", 2)
    for sequence in ("911", "912", "913", "914"):
        await _leave(house, await city.holder(sequence, None), clock)

    assert await AuditOutbox(Card).drain() == 4
    assert await _waiting(house) == 0


async def test_emptying_it_whole_would_lose_that_row(
    city: City, house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""

    def careless(document: dict[str, Any]) -> UpdateOne:
        return UpdateOne({"_id": document["_id"]}, {"$set": {"outbox": []}})

    monkeypatch.setattr(audit_outbox, "_emptied", careless)

    assert await _drained_while_one_comes(city, house, clock, monkeypatch) == ["a.first"]


async def test_rows_are_moved_soon_after_they_come(city: City, house: House) -> None:
    outbox = house.services[AuditOutbox]
    running = asyncio.create_task(outbox.keep_drained())
    try:
        phone = await city.phone(await city.holder())
        await asyncio.sleep(0.1)
        await phone.renew()
        for _ in range(100):
            await asyncio.sleep(0.05)
            if await house.store.database["audit_rows"].find_one({"action": RENEWED}):
                return
        pytest.fail("not moved")
    finally:
        running.cancel()


async def test_only_documents_with_rows_are_looked_at(
    city: City, house: House, clock: ManualClock
) -> None:
    """An emptied outbox leaves the index: looking costs the same in a city of any size."""
    for sequence in ("911", "912", "913"):
        await _leave(house, await city.holder(sequence, None), clock)
    await AuditOutbox(Card).drain()

    look = {"find": "cards", "filter": dict(HOLDS_SOME), "hint": INDEX}
    told = await house.store.database.command({"explain": look, "verbosity": "executionStats"})

    assert told["executionStats"]["totalDocsExamined"] == 0
    assert told["executionStats"]["totalKeysExamined"] == 0
