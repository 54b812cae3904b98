"""Entries on passes that come in one batch: as one by one, in a few round trips."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from backend.foundation.audit import in_one_write
from backend.foundation.entitlements import Entry, EntryFlag
from backend.foundation.mongo import Session
from backend.passes.documents import PassUse
from backend.passes.entries import PassEntries
from backend.passes.rules import PassKind
from tests.backend.passes.desk import Desk, product

Told = dict[Entry, frozenset[EntryFlag]]


async def _all_at_once(desk: Desk, some: Sequence[Entry]) -> Told:
    async def act(session: Session) -> Told:
        return dict(await desk.house.services[PassEntries].count_all(session, some))

    return await in_one_write(act)


async def _stored(desk: Desk, held: Sequence[str]) -> Any:
    """Return what counting left of passes and uses, the passes by their order."""
    order = {one: number for number, one in enumerate(held)}
    kept = []
    async for row in PassUse.get_pymongo_collection().find({"pass_id": {"$in": list(held)}}):
        scan = row["_id"].split(".")[0][1:]
        kept.append(
            (order[row["pass_id"]], scan, row["persons"], row["counted"], sorted(row["flags"]))
        )
    return sorted(kept), [await desk.counts(one) for one in held]


async def test_a_batch_does_what_its_entries_do_one_by_one(desk: Desk) -> None:
    await desk.open(product(uses=3), product("free", kind=PassKind.PERIOD, uses=None))
    now = desk.clock.now()
    one_by_one = [await desk.held("a"), await desk.held("a", "free"), "pas_gone"]
    batched = [await desk.held("b"), await desk.held("b", "free"), "pas_gone"]
    # Every pass, scan and number of persons meets every other, and each scan comes several times.
    drawn = [(one % 3, one * 5 % 7, (1, 0, 2, 1)[one * 3 % 4], one) for one in range(42)]
    said, told = [], []
    for which, scan, persons, minute in drawn:
        at = now + timedelta(minutes=minute)
        said.append(await desk.count(one_by_one[which], persons, f"x{scan}", at))
    for start in range(0, len(drawn), 13):
        some = [
            Entry(batched[which], f"y{scan}", persons, now + timedelta(minutes=minute))
            for which, scan, persons, minute in drawn[start : start + 13]
        ]
        answers = await _all_at_once(desk, some)
        told += [answers[one] for one in some]

    assert said == told
    assert await _stored(desk, one_by_one[:2]) == await _stored(desk, batched[:2])
    assert {EntryFlag.OVER_USED, EntryFlag.ENTITLEMENT_UNKNOWN} <= set().union(*told)


async def test_a_batch_costs_the_same_few_commands_however_large_it_is(
    desk: Desk, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    await desk.open(product(uses=100))
    held = [await desk.held(f"p{one}") for one in range(4)]
    took = []
    for size in (2, 40):
        sent.clear()
        some = [Entry(held[one % 4], f"s{size}-{one}", 1, desk.clock.now()) for one in range(size)]
        assert set((await _all_at_once(desk, some)).values()) == {frozenset()}
        took.append([name for name, _ in sent])
    assert took[0] == took[1]
    assert len(took[0]) <= 5
