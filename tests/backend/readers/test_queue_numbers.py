"""Who comes through a hospital's reader takes their queue number in the same write (S39)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.bookings.documents import VisitQueue
from backend.bookings.rules import BookingState, SlotKind
from tests.backend.readers.gates import Gates


async def _appointment(gates: Gates, name: str, **changed: Any) -> str:
    return await gates.booking(name, kind=SlotKind.APPOINTMENT, plan="1.medicine", **changed)


async def _place(gates: Gates, booking: str) -> tuple[int, str, bool] | None:
    queue = (await gates.booked(booking)).get("queue")
    return (queue["number"], queue["state"], queue["late"]) if queue else None


async def _given(gates: Gates) -> list[int]:
    rows = gates.house.store.database["visit_queues"].find({}).sort("_id", 1)
    return [row["given"] async for row in rows]


@pytest.mark.feature("S39")
async def test_a_scan_gives_one_number_whatever_is_sent_again_or_at_once(gates: Gates) -> None:
    bookings = [await _appointment(gates, name) for name in ("a", "b", "c")]
    entries = [gates.entry(minute, counted_on=[one]) for minute, one in enumerate(bookings)]
    uploads = [[entries[2], entries[0]], [entries[1]], entries]

    await asyncio.gather(*(gates.book(0, *rows) for rows in uploads))
    for rows in uploads:
        await gates.book(0, *rows)

    places = [await _place(gates, one) for one in bookings]
    assert sorted(one[0] for one in places if one) == [1, 2, 3]
    assert await _given(gates) == [3]
    # Numbers tell who was known first; called are those of one slot as they came.
    orders = [(await gates.booked(one))["queue"]["order"] for one in bookings]
    assert orders == sorted(orders)
    assert await gates.conflicts() == []


async def test_a_second_gate_gives_no_second_number(gates: Gates) -> None:
    booking = await _appointment(gates, "a")

    await gates.book(0, gates.entry(counted_on=[booking]), gates.entry(1, counted_on=[booking]))
    await gates.book(0, gates.entry(2, counted_on=[booking]))

    assert await _place(gates, booking) == (1, "WAITING", False)
    assert await _given(gates) == [1]


async def test_who_did_not_come_in_after_all_leaves_and_keeps_the_number(gates: Gates) -> None:
    booking = await _appointment(gates, "a")
    entry = gates.entry(counted_on=[booking])
    await gates.book(0, entry)
    await gates.book(0, gates.annulment(entry))
    assert await _place(gates, booking) == (1, "LEFT", False)

    await gates.book(0, gates.entry(3, counted_on=[booking]))

    assert await _place(gates, booking) == (1, "WAITING", False)
    assert await _given(gates) == [1]


async def test_only_todays_appointments_have_numbers__late_ones_too(gates: Gates) -> None:
    visit = await gates.booking("visit")
    off = await _appointment(gates, "off", state=BookingState.CANCELLED)
    day = timedelta(days=1)
    other = await _appointment(
        gates, "other", starts_at=gates.now + day, ends_at=gates.now + day + timedelta(hours=1)
    )
    over = gates.now - timedelta(minutes=20)
    late = await _appointment(
        gates, "late", starts_at=over - timedelta(minutes=1), ends_at=over,
        state=BookingState.NO_SHOW,
    )  # fmt: skip

    rows = [gates.entry(counted_on=[one]) for one in (visit, off, other, late)]
    await gates.book(0, *rows)

    assert [await _place(gates, one) for one in (visit, off, other)] == [None] * 3
    assert await _place(gates, late) == (1, "WAITING", True)
    assert (await gates.booked(late))["state"] == "ATTENDED"
    assert await VisitQueue.get_pymongo_collection().count_documents({}) == 1
