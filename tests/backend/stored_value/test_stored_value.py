"""Top up, spend, pay for a court, cancel, close: each once, and the sums agree after each."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from backend.app import House
from backend.assertions.evidence import Shown
from backend.bookings.service import Bookings
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import in_one_write
from backend.foundation.idempotency import KEY_REUSED
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.foundation.permissions import NOT_PERMITTED, OTHER_VENUE
from backend.foundation.refusals import Refusal
from backend.stored_value import ledger, service
from backend.stored_value import refusals as no
from backend.stored_value.documents import StoredValueAccount
from backend.stored_value.leaving import StoredValueLeaving
from backend.stored_value.merging import BALANCE_LEFT, nothing_stored
from backend.stored_value.rules import EntryKind, Sums
from backend.stored_value.service import CounterWish, StoredValueView
from infra.mongodb.roles import role
from tests.backend.actors import new_key
from tests.backend.bookings.hall import HERE, STAFF, VENUE, code
from tests.backend.bookings.test_indexes import EXPLAINED, parts, stages
from tests.backend.stored_value.till import COURT, GROUP, Till, group

ELSEWHERE = replace(STAFF, organisation=replace(HERE, code="venue-99"))
CLERK = Caller(staff_id="stf_clerk", roles=frozenset({Role.OUTLET_CLERK}))
SPENDERS = 20


@pytest.mark.feature("S59")
async def test_topped_up_then_the_venue_closes_every_balance_is_refunded(till: Till) -> None:
    await till.open()
    for who in ("a", "b", "c"):
        assert isinstance(await till.top_up(who, 10_000), StoredValueView)
    assert isinstance(await till.spend("a", 3_500), StoredValueView)
    assert isinstance(await till.refund("c"), StoredValueView)

    key = new_key()
    assert await till.close(key) == 2
    assert await till.close(key) == 0  # repeated, nobody is paid twice

    assert await till.sums("a") == Sums(topped_up=10_000, spent=3_500, refunded=6_500)
    assert await till.sums("b") == Sums(topped_up=10_000, refunded=10_000)
    assert await till.sums("c") == Sums(topped_up=10_000, refunded=10_000)
    assert await till.top_up("a", 100) == no.GROUP_CLOSED
    assert await till.spend("a", 100) == no.GROUP_CLOSED
    assert await till.refund("a") == no.NOTHING_LEFT


async def test_a_top_up_counts_once_by_its_key_and_by_its_receipt(till: Till) -> None:
    await till.open()
    key = new_key()
    for _ in range(2):
        assert isinstance(await till.top_up("a", 5_000, "R-1", key), StoredValueView)
    assert await till.top_up("a", 6_000, "R-1", key) == KEY_REUSED
    assert await till.top_up("b", 5_000, "R-1") == no.REFERENCE_USED
    assert code(await till.top_up("a", 495_001)) == "stored_value_too_much"
    assert await till.top_up("a", 0) == no.AMOUNT_FORM
    assert await till.top_up("a", 100, "收据") == no.REFERENCE_FORM
    assert await till.sums("a") == Sums(topped_up=5_000, balance=5_000)


@pytest.mark.feature("S59")
async def test_a_court_is_paid_once_and_its_price_comes_back_by_the_terms(till: Till) -> None:
    slots = await till.hall.open(COURT)
    await till.open()
    await till.top_up("a", 10_000)
    early, called_off, kept = [await till.hall.booked("a", slots[n]) for n in (1, 3, 5)]

    key = new_key()
    for _ in range(2):
        assert isinstance(await till.pay("a", early.booking_id, key), StoredValueView)
    assert await till.pay("a", early.booking_id) == no.ALREADY_PAID
    assert code(await till.pay("b", early.booking_id)) == "booking_unknown"
    assert isinstance(await till.pay("a", called_off.booking_id), StoredValueView)
    assert code(await till.pay("a", kept.booking_id)) == "stored_value_too_little"
    assert await till.sums("a") == Sums(topped_up=10_000, spent=8_000, balance=2_000)

    assert await till.take_back("a", early.booking_id) == no.STILL_BOOKED
    assert await till.take_back("a", kept.booking_id) == no.NOT_PAID
    till.hall.until(early.starts_at.replace(minute=0))
    till.clock.advance(-3 * 3600)
    await till.hall.cancel("a", early)
    await till.hall.cancel("a", called_off)
    assert isinstance(await till.take_back("a", early.booking_id), StoredValueView)
    assert await till.take_back("a", early.booking_id) == no.PAID_BACK
    assert await till.sums("a") == Sums(topped_up=10_000, spent=6_000, balance=4_000)


async def test_staff_serve_at_their_own_venue_and_end_their_own_group(till: Till) -> None:
    await till.open()
    wish = CounterWish(GROUP, VENUE, 100, Shown("a"))
    for caller, why in ((ELSEWHERE, OTHER_VENUE), (CLERK, NOT_PERMITTED)):
        assert await till.value.top_up(caller, new_key(), wish, "R-1") == why
        assert await till.value.spend(caller, new_key(), wish) == why
        assert await till.groups.close(caller, new_key(), GROUP, "停业") == why
    assert await till.groups.put(STAFF, new_key(), group()) == NOT_PERMITTED
    assert await till.groups.put(OPERATOR, new_key(), group(venues=frozenset())) == no.GROUP_FORM
    elsewhere = replace(wish, venue=VENUE + 22)
    assert await till.value.spend(ELSEWHERE, new_key(), elsewhere) == no.GROUP_UNKNOWN


async def _spend_plainly(till: Till, fen: int) -> object:
    async with till.house.store.client.start_session() as session:
        account = await ledger.account_of("res_a", GROUP)
        assert account is not None
        posting = till.value._posting(EntryKind.SPEND, fen, STAFF, VENUE)
        await asyncio.sleep(0)
        return await ledger.post(account, posting, session)


@pytest.mark.feature("S59")
async def test_of_twenty_spends_at_once_only_what_is_there_is_spent(till: Till) -> None:
    await till.open()
    await till.top_up("a", 5_000)
    answers = await asyncio.gather(*(till.spend("a", 1_000) for _ in range(SPENDERS)))
    assert Counter(map(code, answers)) == {
        "StoredValueView": 5,
        "stored_value_too_little": SPENDERS - 5,
    }
    assert await till.sums("a") == Sums(topped_up=5_000, spent=5_000)


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_balance_is_kept_by_the_write_and_by_nothing_else(
    till: Till, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a transaction's order the guard stands alone; without the guard too much is spent."""
    if not guarded:
        monkeypatch.setattr(ledger, "guard", lambda account, _: {"_id": account["_id"]})
    await till.open()
    await till.top_up("a", 5_000)
    await asyncio.gather(*(_spend_plainly(till, 1_000) for _ in range(SPENDERS)))
    if guarded:
        assert await till.sums("a") == Sums(topped_up=5_000, spent=5_000)
    else:
        row = await StoredValueAccount.get_pymongo_collection().find_one({})
        assert row is not None
        assert row["balance"] < 0


async def test_the_ledger_grows_and_is_never_changed() -> None:
    [ledger_right] = [
        one for one in role()["privileges"] if one["resource"]["collection"] == "value_entries"
    ]
    assert not {"update", "remove"} & set(ledger_right["actions"])


async def test_who_leaves_is_owed_their_balance(till: Till) -> None:
    await till.open()
    await till.top_up("a", 5_000)
    obstacle = nothing_stored(till.clock)

    async def asked(session: Session) -> object:
        return await obstacle.against("res_b", "res_a", session)

    assert await in_one_write(asked) == BALANCE_LEFT

    async def leave(session: Session) -> None:
        leaving: Leaving = StoredValueLeaving()
        await leaving.close_account("res_a", till.clock.now(), session)

    await in_one_write(leave)
    assert await till.sums("a") == Sums(topped_up=5_000, refunded=5_000)
    assert await in_one_write(asked) is None


async def test_every_query_has_its_index(
    till: Till, house: House, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    slots = await till.hall.open(COURT)
    await till.open()
    await till.top_up("a", 10_000)
    booked = await till.hall.booked("a", slots[1])
    await till.pay("a", booked.booking_id)
    await till.hall.cancel("a", booked)
    await till.take_back("a", booked.booking_id)
    await till.value.of_resident("res_a")
    entries = await till.value.entries("res_a", GROUP, 20)
    assert not isinstance(entries, Refusal)
    assert {row.after for row in entries} >= {10_000, 6_000}
    assert await till.value.entries("res_b", GROUP, 20) == no.ACCOUNT_UNKNOWN
    await till.close()
    await nothing_stored(till.clock).against("res_b", "res_a", None)  # type: ignore[arg-type]
    asked = set()
    for name, command in [one for one in sent if one[0] in EXPLAINED]:
        if not str(command[name]).startswith("value_"):
            continue
        asked.add(f"{command[name]} {name}")
        for part in parts(name, command):
            plan = await house.store.database.command(
                {"explain": part, "verbosity": "queryPlanner"}
            )
            assert not {"COLLSCAN", "SORT"} & stages(plan), part
    assert {
        "value_groups find",
        "value_groups update",
        "value_accounts find",
        "value_accounts findAndModify",
        "value_entries find",
    } <= asked


@pytest.mark.parametrize("guarded", [True, False])
async def test_nothing_is_paid_for_a_booking_that_is_cancelled_at_the_same_moment(
    till: Till, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = await till.hall.open(COURT)
    await till.open()
    await till.top_up("a", 4_000)
    booked = await till.hall.booked("a", slots[0])
    read = Bookings.own

    async def own_and_cancelled(self: Bookings, resident_id: str, booking_id: str) -> Any:
        found = await read(self, resident_id, booking_id)
        await till.hall.cancel("a", booked)
        return found

    async def always(*_: Any) -> bool:
        return True

    monkeypatch.setattr(Bookings, "own", own_and_cancelled)
    if not guarded:
        monkeypatch.setattr(service, "mark_paid", always)
    answer = await till.pay("a", booked.booking_id)
    monkeypatch.setattr(Bookings, "own", read)
    assert (await till.sums("a")).spent == (0 if guarded else 4_000)
    assert (code(answer) == "stored_value_booking_not_payable") is guarded
