"""A court that was paid for is called off: its price comes back by itself, once, and is told."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import IndexModel

from backend.bookings.documents import BookingNotice
from backend.bookings.leaving import BookingLeaving
from backend.bookings.service import BookingView
from backend.figures import BookingFigures
from backend.foundation.audit import AuditRow, in_one_write
from backend.foundation.mongo import Session
from backend.stored_value import court_returns
from backend.stored_value.court_returns import CourtReturns
from backend.stored_value.documents import StoredValueAccount, StoredValueEntry
from backend.stored_value.leaving import StoredValueLeaving
from backend.stored_value.refusals import PAID_BACK
from backend.stored_value.rules import EntryKind, Sums
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.bookings.hall import STAFF, VENUE
from tests.backend.bookings.test_indexes import EXPLAINED, parts, stages
from tests.backend.stored_value.till import COURT, GROUP, Till

RAIN = LocalizedText("场地积水", "The court is under water")
DAY = 24 * 3600


@pytest.fixture
async def paid(till: Till) -> BookingView:
    """A court tomorrow, confirmed and paid for."""
    slots = await till.hall.open(COURT)
    await till.open()
    await till.top_up("a", 10_000)
    booked = await till.hall.booked("a", slots[2])
    await till.pay("a", booked.booking_id)
    return booked


@pytest.fixture
def returns(till: Till) -> CourtReturns:
    return till.house.services[CourtReturns]


async def flood(till: Till, booked: BookingView) -> None:
    """The venue closes the slot, and the sweep of bookings ends what was booked."""
    till.clock.advance(60)
    first, last = booked.starts_at, booked.ends_at
    await till.hall.hours.close_slots(STAFF, new_key(), VENUE, first, last, RAIN)
    await till.hall.sweeps.sweep()


async def returned(booked: BookingView) -> list[int]:
    rows = StoredValueEntry.get_pymongo_collection().find(
        {"booking": booked.booking_id, "kind": EntryKind.GIVE_BACK.value}
    )
    return [row["fen"] async for row in rows]


@pytest.mark.feature("S59")
async def test_a_court_the_venue_closed_is_paid_back_whole_unasked_and_told(
    till: Till, paid: BookingView, returns: CourtReturns
) -> None:
    assert await returns.sweep() == 0  # it is still booked
    await flood(till, paid)
    assert await till.sums("a") == Sums(topped_up=10_000, spent=4_000, balance=6_000)

    assert [await returns.sweep(), await returns.sweep()] == [1, 0]
    assert await till.take_back("a", paid.booking_id) == PAID_BACK
    assert await till.sums("a") == Sums(topped_up=10_000, balance=10_000)
    entries = await till.value.entries("res_a", GROUP, 1)
    assert isinstance(entries, list)
    assert (entries[0].kind, entries[0].fen) == (EntryKind.GIVE_BACK, 4_000)
    assert entries[0].booking == paid.booking_id

    seen = await till.hall.bookings.own("res_a", paid.booking_id)
    assert isinstance(seen, BookingView)
    assert seen.remark is not None
    assert "场地积水" in seen.remark.zh  # why it is off stays in what they read
    assert "¥40.00已退回“赣州体育中心”储值" in seen.remark.zh
    assert "¥40.00 came back to your stored value" in seen.remark.en
    notices = BookingNotice.get_pymongo_collection().find({"code": "booking_price_settled"})
    assert [row["resident_id"] async for row in notices] == ["res_a"]
    rows = AuditRow.get_pymongo_collection()
    assert await rows.count_documents({"action": "stored_value.given_back"}) == 1


@pytest.mark.feature("S59")
@pytest.mark.parametrize(("hours", "back"), [(25, 4_000), (3, 2_000), (1, 0)])
async def test_who_cancels_gets_by_itself_what_the_terms_leave(
    till: Till, paid: BookingView, returns: CourtReturns, hours: int, back: int
) -> None:
    till.hall.until(paid.starts_at)
    till.clock.advance(-hours * 3600)
    await till.hall.cancel("a", paid)
    till.clock.advance(2 * DAY)  # when the house gets round to it changes nothing

    assert [await returns.sweep(), await returns.sweep()] == [1, 0]

    assert await till.sums("a") == Sums(topped_up=10_000, spent=4_000 - back, balance=6_000 + back)
    seen = await till.hall.bookings.own("res_a", paid.booking_id)
    assert isinstance(seen, BookingView)
    assert seen.remark is not None
    assert ("不退款" in seen.remark.zh) is (back == 0)


async def test_a_court_that_was_played_or_missed_is_not_paid_back(
    till: Till, paid: BookingView, returns: CourtReturns
) -> None:
    till.hall.until(paid.ends_at)
    await till.hall.sweeps.sweep()
    assert await till.hall.state("a", paid) == "NO_SHOW"
    assert await returns.sweep() == 0
    assert await returned(paid) == []


@pytest.fixture
async def ledger_open_to_doubles() -> AsyncIterator[None]:
    """The ledger without the index that lets a booking be paid back once."""
    entries = StoredValueEntry.get_pymongo_collection()
    kept: list[IndexModel] = StoredValueEntry.Settings.indexes
    [index] = [one for one in kept if one.document["name"] == "booking_once"]
    await entries.drop_index("booking_once")
    yield
    await entries.delete_many({})
    await entries.create_indexes([index])


@pytest.mark.feature("S59")
async def test_two_houses_and_the_holder_at_once_give_it_back_once(
    till: Till, paid: BookingView, returns: CourtReturns
) -> None:
    await flood(till, paid)
    await asyncio.gather(
        *(returns.sweep() for _ in range(4)),
        *(till.take_back("a", paid.booking_id) for _ in range(4)),
    )
    assert await returned(paid) == [4_000]
    assert await till.sums("a") == Sums(topped_up=10_000, balance=10_000)


@pytest.mark.usefixtures("ledger_open_to_doubles")
async def test_without_the_mark_and_the_ledgers_index_it_comes_back_twice(
    till: Till, paid: BookingView, returns: CourtReturns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what holds it is the mark, and behind it the index."""
    await flood(till, paid)
    seen = await till.hall.bookings.own("res_a", paid.booking_id)

    async def anybody(*_: Any) -> Any:
        return seen

    async def nothing(*_: Any) -> None:
        """A notice has an id of its own, which would forbid the second."""

    monkeypatch.setattr(court_returns, "settle", anybody)
    monkeypatch.setattr(court_returns, "tell_of_price", nothing)
    await asyncio.gather(*(returns._settled(paid.booking_id) for _ in range(2)))
    assert await returned(paid) == [4_000, 4_000]


@pytest.mark.feature("S59")
@pytest.mark.parametrize("point", ["settle", "paid_with", "post", "tell_of_price"])
async def test_killed_at_any_step_nothing_is_lost_and_the_next_round_pays(
    till: Till,
    paid: BookingView,
    returns: CourtReturns,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
) -> None:
    await flood(till, paid)
    does = getattr(court_returns, point)

    async def dies(*args: Any, **more: Any) -> Any:
        await does(*args, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(court_returns, point, dies)
    with pytest.raises(KeyboardInterrupt):
        await returns._settled(paid.booking_id)
    assert await returned(paid) == []
    assert await till.sums("a") == Sums(topped_up=10_000, spent=4_000, balance=6_000)

    monkeypatch.setattr(court_returns, point, does)
    assert await returns.sweep() == 1
    assert await till.sums("a") == Sums(topped_up=10_000, balance=10_000)


async def test_a_price_that_cannot_come_back_holds_up_no_other(
    till: Till, paid: BookingView, returns: CourtReturns
) -> None:
    slot = (await till.hall.slots())[3]
    await till.top_up("b", 10_000)
    other = await till.hall.booked("b", slot)
    await till.pay("b", other.booking_id)
    accounts = StoredValueAccount.get_pymongo_collection()
    [mine, theirs] = [
        await accounts.find_one_and_delete({"resident_id": "res_a"}),
        await accounts.find_one({"resident_id": "res_b"}),
    ]
    assert mine is not None
    assert theirs is not None
    await flood(till, paid)
    await flood(till, other)

    assert await returns.sweep() == 1

    assert [await returned(one) for one in (paid, other)] == [[], [4_000]]
    await accounts.insert_one(mine)
    assert await returns.sweep() == 1
    assert await returned(paid) == [4_000]


async def test_a_price_that_comes_back_to_an_ended_group_is_refunded_with_the_rest(
    till: Till, paid: BookingView, returns: CourtReturns
) -> None:
    await flood(till, paid)
    assert await till.close() == 1
    await returns.sweep()
    assert await till.sums("a") == Sums(topped_up=10_000, refunded=10_000)


async def test_who_leaves_is_refunded_what_their_courts_cost_too(
    till: Till, paid: BookingView, returns: CourtReturns
) -> None:
    till.hall.until(paid.starts_at)
    till.clock.advance(-25 * 3600)  # the terms still leave all of it

    async def leave(session: Session) -> None:
        now = till.clock.now()
        await BookingLeaving(BookingFigures()).close_account("res_a", now, session)
        await StoredValueLeaving().close_account("res_a", now, session)

    await in_one_write(leave)
    assert await till.sums("a") == Sums(topped_up=10_000, refunded=10_000)
    assert await returns.sweep() == 0
    assert await BookingNotice.get_pymongo_collection().count_documents({}) == 0


async def test_what_is_owed_is_found_by_its_index(
    till: Till, paid: BookingView, returns: CourtReturns, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    await flood(till, paid)
    sent.clear()
    await returns.sweep()
    asked = [one for one in sent if one[0] in EXPLAINED]
    assert {command[name] for name, command in asked} >= {"bookings", "value_entries"}
    for name, command in asked:
        for part in parts(name, command):
            plan = await till.house.store.database.command(
                {"explain": part, "verbosity": "queryPlanner"}
            )
            assert not {"COLLSCAN", "SORT"} & stages(plan), part
