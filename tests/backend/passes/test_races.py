"""Fifty at once for the last of something, on two servers; and what the guards are for."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.entitlements import EntryFlag
from backend.foundation.idempotency import Act, Answer, Once
from backend.foundation.keys import Keys
from backend.foundation.refusals import Refusal
from backend.passes import entries, issuing, voucher_records
from backend.passes.documents import PassStock, StoredPass
from backend.passes.views import PassView
from backend.passes.voucher_records import VoucherView
from backend.settings import Settings
from backend.wiring import make_services
from tests.backend.actors import new_key
from tests.backend.passes.desk import VENUE_STAFF, Desk, code, product
from tests.support.soak import SOAK

CLIENTS = 50
TAKERS = 60 if SOAK else 20
ROUNDS = 20 if SOAK else 1
OTHER_OFFICER = Caller(staff_id="stf_second", roles=frozenset({Role.DEPARTMENT_OFFICER}))


@pytest.fixture
async def servers(desk: Desk, settings: Settings, keys: Keys) -> Sequence[Desk]:
    store = desk.house.store
    services = await make_services(settings, store, keys, desk.clock, {})
    return desk, Desk(House(store, services), desk.clock, desk.people)


@pytest.fixture
def without_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let acts run without the transaction that would order them: the guards stand alone."""

    async def perform(self: Once, *, act: Act, **_: Any) -> Answer | Refusal:
        async with self._store.client.start_session() as session:
            return await act(session)

    monkeypatch.setattr(Once, "perform", perform)


@pytest.mark.soak
@pytest.mark.feature("S53")
async def test_of_fifty_entries_on_a_pass_of_seven_seven_are_taken_and_all_recorded(
    servers: Sequence[Desk],
) -> None:
    desk = servers[0]
    await desk.open(product(uses=7))
    for turn in range(ROUNDS):
        held = await desk.held(f"a{turn}")
        flags = await asyncio.gather(*(servers[n % 2].count(held) for n in range(CLIENTS)))
        assert Counter(flags) == {
            frozenset(): 7,
            frozenset({EntryFlag.OVER_USED}): CLIENTS - 7,
        }
        assert await desk.counts(held) == (0, 7, CLIENTS - 7)


async def _count_plainly(desk: Desk, held: str) -> None:
    row = await desk.row(held)
    passes = StoredPass.get_pymongo_collection()
    await passes.update_one({"_id": row["_id"]}, entries.taking(1, beside=False))


async def _count_by_what_was_read(desk: Desk, held: str) -> None:
    row = await desk.row(held)
    taken = min(1, row["left"])
    done = {"$set": {"left": row["left"] - taken}, "$inc": {"used": taken}}
    await StoredPass.get_pymongo_collection().update_one({"_id": row["_id"]}, done)


async def test_the_write_alone_keeps_uses_from_falling_below_zero(desk: Desk) -> None:
    await desk.open(product(uses=7))
    held = await desk.held("a")
    await asyncio.gather(*(_count_plainly(desk, held) for _ in range(CLIENTS)))
    assert await desk.counts(held) == (0, 7, CLIENTS - 7)


async def test_read_first_and_written_after_uses_would_be_lost(desk: Desk) -> None:
    await desk.open(product(uses=7))
    held = await desk.held("a")
    await asyncio.gather(*(_count_by_what_was_read(desk, held) for _ in range(CLIENTS)))
    row = await desk.row(held)
    assert row["left"] + row["used"] > 7


@pytest.mark.soak
@pytest.mark.feature("S51")
async def test_of_twenty_who_want_five_tickets_five_get_one(servers: Sequence[Desk]) -> None:
    desk = servers[0]
    await desk.open(product("five", quota=5))
    for who in range(TAKERS):
        await desk.person(f"p{who}")
    answers = await asyncio.gather(
        *(servers[who % 2].take(f"p{who}", "five") for who in range(TAKERS))
    )
    assert Counter(map(code, answers)) == {"PassView": 5, "pass_sold_out": TAKERS - 5}
    assert await _given_out("five") == (5, 5)


@pytest.mark.usefixtures("without_transactions")
@pytest.mark.parametrize("guarded", [True, False])
async def test_the_stock_is_kept_by_the_write_and_by_nothing_else(
    desk: Desk, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(issuing, "stock_guard", lambda stock, *_: {"_id": stock})
    await desk.open(product("five", quota=5))
    for who in range(12):
        await desk.person(f"p{who}")
    await asyncio.gather(*(desk.take(f"p{who}", "five") for who in range(12)))
    assert await _given_out("five") == ((5, 5) if guarded else (12, 12))


async def _given_out(stock: str) -> tuple[int, int]:
    found = await PassStock.get_pymongo_collection().find_one({"_id": stock})
    assert found is not None
    return found["taken"], await StoredPass.get_pymongo_collection().count_documents({})


async def test_one_person_asking_everywhere_at_once_keeps_to_the_limit(
    servers: Sequence[Desk],
) -> None:
    await servers[0].open(product(per_holder=3))
    await servers[0].person("one")
    answers = await asyncio.gather(*(servers[n % 2].take("one") for n in range(12)))
    assert Counter(map(code, answers)) == {"PassView": 3, "pass_too_many": 9}


async def test_a_request_sent_many_times_at_once_is_one_pass(servers: Sequence[Desk]) -> None:
    await servers[0].open()
    await servers[0].person("one")
    key = new_key()
    answers = await asyncio.gather(*(servers[n % 2].take("one", key=key) for n in range(12)))
    assert len({one.pass_id for one in answers if isinstance(one, PassView)}) == 1
    assert {code(one) for one in answers} == {"PassView"}


async def test_refund_and_entry_at_once_end_as_one_after_the_other(
    servers: Sequence[Desk],
) -> None:
    await servers[0].open()
    for _ in range(5):
        held = await servers[0].held("a")
        back, flags = await asyncio.gather(servers[0].refund("a", held), servers[1].count(held))
        if isinstance(back, PassView):
            assert flags == {EntryFlag.REFUNDED}
            assert await servers[0].counts(held) == (10, 0, 1)
        else:
            assert (back.code, flags) == ("pass_used", frozenset())
            assert await servers[0].counts(held) == (9, 1, 0)


@pytest.mark.soak
@pytest.mark.feature("S36")
async def test_of_fifty_redemptions_of_a_voucher_one_consumes_it(servers: Sequence[Desk]) -> None:
    desk = servers[0]
    await desk.run()
    for turn in range(ROUNDS):
        held = await desk.voucher(f"a{turn}")
        answers: list[Any] = await asyncio.gather(
            *(servers[n % 2].reserve(f"a{turn}", held, name=f"C{n}") for n in range(CLIENTS))
        )
        assert Counter(map(code, answers)) == {"VoucherView": 1, "voucher_reserved": CLIENTS - 1}
        [won] = [one for one in answers if isinstance(one, VoucherView)]
        assert won.course is not None
        confirmed = await desk.vouchers.confirm(VENUE_STAFF, new_key(), held, won.course.course)
        assert isinstance(confirmed, VoucherView), confirmed
        answers = await asyncio.gather(
            *(
                servers[n % 2].vouchers.settle(OTHER_OFFICER, new_key(), held, 40, 40)
                for n in range(CLIENTS)
            )
        )
        assert Counter(map(code, answers)) == {"VoucherView": 1, "voucher_settled": CLIENTS - 1}


@pytest.mark.usefixtures("without_transactions")
@pytest.mark.parametrize("guarded", [True, False])
async def test_the_voucher_is_kept_by_the_write_and_by_nothing_else(
    desk: Desk, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(voucher_records, "guard", lambda row: {"_id": row["_id"]})
    await desk.run()
    held = await desk.voucher("a")
    answers = await asyncio.gather(*(desk.reserve("a", held, name=f"C{n}") for n in range(CLIENTS)))
    won = Counter(map(code, answers))["VoucherView"]
    assert won == 1 if guarded else won > 1
