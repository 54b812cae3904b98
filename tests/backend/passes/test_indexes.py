"""No question of passes or vouchers reads a whole collection, and none sorts in memory."""

from datetime import timedelta
from typing import Any

from backend.app import House
from backend.foundation.audit import in_one_write
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.passes.closure_refunds import ClosureRefunds, _lot
from backend.passes.documents import StoredPass
from backend.passes.entries import PassEntitlements
from backend.passes.leaving import PassLeaving
from backend.passes.rules import PassKind, PassState, PassWish
from shared.admission.circumstances import DayRange
from tests.backend.actors import new_key
from tests.backend.bookings.test_indexes import EXPLAINED, parts, stages
from tests.backend.passes.desk import GARDEN, HALL, OFFICER, VENUE_STAFF, Desk, product

OWN = {
    *("pass_products", "pass_stocks", "pass_allowances", "passes", "pass_uses"),
    *("voucher_programmes", "training_vouchers"),
}
Sent = list[tuple[str, dict[str, Any]]]


async def _story(desk: Desk) -> None:
    await desk.open(product(quota=10))
    asking = await desk.person("a")
    await desk.products.quote(asking.resident_id, PassWish("ten"))
    await desk.products.given_out(HALL)
    held, back, gone = [await desk.held("a") for _ in range(3)]
    scan = new_key()
    for persons in (1, 1, 0):
        await desk.count(held, persons, scan)
    await desk.refund("a", back)
    await desk.passes.revoke(VENUE_STAFF, new_key(), gone, "重复发放")
    page = await desk.passes.page(asking.resident_id, 1, None)
    await desk.passes.page(asking.resident_id, 1, page.rows[0].position)
    offered = await desk.transfers.offer(asking, new_key(), held)
    await desk.transfers.withdraw(asking, new_key(), held)
    assert not isinstance(offered, Refusal)
    await desk.hand_on("a", "b", held)
    now, tells = desk.clock.now(), desk.house.services[PassEntitlements]
    assert [one async for one in tells.of_venue(HALL, now, now + timedelta(days=1))]
    refunds = desk.house.services[ClosureRefunds]
    await refunds.refund(VENUE_STAFF, new_key(), HALL, desk.today, desk.today, "暴雨")
    await desk.run()
    voucher = await desk.voucher("a")
    await desk.reserve("a", voucher)
    await desk.vouchers.confirm(VENUE_STAFF, new_key(), voucher, "E-2026-1")
    await desk.vouchers.settle(OFFICER, new_key(), voucher, 8, 8)
    await desk.vouchers.of_resident(asking.resident_id)

    async def leave(session: Session) -> None:
        leaving: Leaving = PassLeaving()
        await leaving.close_account(asking.resident_id, desk.clock.now(), session)

    await in_one_write(leave)


async def test_every_query_has_its_index(desk: Desk, house: House, sent: Sent) -> None:
    await _story(desk)
    asked: set[str] = set()
    for name, command in [one for one in sent if one[0] in EXPLAINED]:
        if command[name] not in OWN:
            continue
        asked.add(f"{command[name]} {name}")
        for part in parts(name, command):
            plan = await house.store.database.command(
                {"explain": part, "verbosity": "queryPlanner"}
            )
            assert not {"COLLSCAN", "SORT"} & stages(plan), part
    assert {
        "pass_products find",
        "pass_stocks update",
        "pass_allowances findAndModify",
        "pass_allowances delete",
        "passes find",
        "passes update",
        "pass_uses find",
        "pass_uses update",
        "voucher_programmes findAndModify",
        "training_vouchers find",
        "training_vouchers update",
    } <= asked


async def _others(desk: Desk, pass_id: str) -> None:
    """Put beside a pass forty of another venue, forty that were revoked and forty that are over."""
    row = dict(await desk.row(pass_id))
    over = (desk.today - timedelta(days=2)).isoformat()
    kinds: tuple[dict[str, Any], ...] = (
        {"venues": [GARDEN]},
        {"state": PassState.REVOKED.value},
        {"last": over},
    )
    rows = [
        {**row, **changed, "_id": f"{row['_id']}{kind}{count}", "resident_id": f"res_{count:03}"}
        for kind, changed in enumerate(kinds)
        for count in range(40)
    ]
    await StoredPass.get_pymongo_collection().insert_many(rows)


async def _examined(house: House, sent: Sent, collection: str) -> int:
    """Return how many documents the one read of a collection looks at."""
    [command] = [one for name, one in sent if name == "find" and one["find"] == collection]
    [plain] = parts("find", command)
    told = await house.store.database.command({"explain": plain, "verbosity": "executionStats"})
    return int(told["executionStats"]["totalDocsExamined"])


async def test_reads_of_passes_and_products_look_at_what_they_answer_with_alone(
    desk: Desk, house: House, sent: Sent
) -> None:
    there = [product(f"p{count}", venues=frozenset({GARDEN})) for count in range(40)]
    today = DayRange(desk.today, desk.today)
    await desk.open(*there, product(kind=PassKind.PERIOD, uses=None, valid_days=None, season=today))
    held = await desk.held("a")
    await _others(desk, held)
    now, tells = desk.clock.now(), house.services[PassEntitlements]

    sent.clear()
    assert [one.code for one in await desk.products.given_out(HALL)] == ["ten"]
    assert await _examined(house, sent, "pass_products") == 1
    sent.clear()
    assert len([one async for one in tells.of_venue(HALL, now, now)]) == 1
    assert await _examined(house, sent, "passes") == 1
    sent.clear()
    lot = await _lot(HALL, desk.today, desk.today)
    assert [row["_id"] for row in lot] == [held]
    assert await _examined(house, sent, "passes") == 1
