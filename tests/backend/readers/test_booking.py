import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.readers.booking import NO_SCAN_ID, Booking
from shared.clock import ManualClock
from tests.backend.actors import City, code_scan, scan


async def _stored(house: House, scan_id: str) -> dict[str, Any]:
    stored = await house.store.database["scans"].find_one({"_id": scan_id})
    assert stored is not None
    return stored


async def test_a_scan_is_booked_with_its_card_and_visitor(city: City, house: House) -> None:
    holder = await city.holder()
    terminal = await city.terminal()
    by_card = scan(city.clock.now())
    by_code = code_scan(city.clock.now(), await city.card_index(holder))

    receipts = await terminal.upload(by_card, by_code)

    assert [receipt["outcome"] for receipt in receipts] == ["recorded", "recorded"]
    for sent in (by_card, by_code):
        stored = await _stored(house, sent["scan_id"])
        assert (stored["card_id"], stored["visitor"]) == (holder.card_id, holder.resident_id)
        assert stored["flags"] == []


async def test_a_batch_sent_again_changes_nothing(city: City, house: House) -> None:
    await city.holder()
    terminal = await city.terminal()
    batch = [scan(city.clock.now()) for _ in range(20)]
    await terminal.upload(*batch)

    again = await terminal.upload(*batch, scan(city.clock.now()))

    assert [receipt["outcome"] for receipt in again] == ["duplicate"] * 20 + ["recorded"]
    assert await house.store.database["scans"].count_documents({}) == 21


async def test_the_same_batch_at_once_is_booked_once__and_twice_without_the_guard(
    city: City, house: House
) -> None:
    await city.holder()
    terminal = await city.terminal()
    batch = [scan(city.clock.now()) for _ in range(50)]

    answers = await asyncio.gather(*(terminal.upload(*batch) for _ in range(4)))

    outcomes = [receipt["outcome"] for receipts in answers for receipt in receipts]
    assert outcomes.count("recorded") == 50
    assert outcomes.count("duplicate") == 150
    scans = house.store.database["scans"]
    assert await scans.count_documents({}) == 50

    # The guard is that a scan's id is the document's: stored under ids of their own, they double.
    unguarded = house.store.database["unguarded_scans"]
    rows = [{"scan_id": one["scan_id"]} for one in batch]
    await asyncio.gather(*(unguarded.insert_many([dict(row) for row in rows]) for _ in range(4)))
    assert await unguarded.count_documents({}) == 200
    await unguarded.drop()


async def test_a_bad_row_is_answered_and_the_rest_is_booked(city: City, house: House) -> None:
    await city.holder()
    good, bad = scan(city.clock.now()), scan(city.clock.now(), lane=-1)
    rows = [good, bad, "junk", None, {"scan_id": {"$ne": None}}, scan(city.clock.now())]

    receipts = await (await city.terminal()).upload(*rows)

    assert [(r["outcome"], r["code"]) for r in receipts] == [
        ("recorded", None),
        ("rejected", "invalid_lane"),
        ("rejected", "invalid_scan"),
        ("rejected", "invalid_scan"),
        ("rejected", "invalid_scan_id"),
        ("recorded", None),
    ]
    assert [r["scan_id"] for r in receipts[:3]] == [good["scan_id"], bad["scan_id"], NO_SCAN_ID]
    assert await house.store.database["scans"].count_documents({}) == 2


async def test_a_card_nobody_knows_is_booked_and_flagged(city: City, house: House) -> None:
    sent = scan(city.clock.now(), card_digest="ab" * 16)
    index = code_scan(city.clock.now(), 12345)

    await (await city.terminal()).upload(sent, index)

    for one in (sent, index):
        stored = await _stored(house, one["scan_id"])
        assert stored["flags"] == ["card_unknown"]
        assert "visitor" not in stored


@pytest.mark.parametrize(
    ("off", "flags"),
    [
        (timedelta(0), []),
        (timedelta(minutes=4), []),
        (timedelta(minutes=6), ["clock_ahead"]),
        (timedelta(days=-29), []),
        (timedelta(days=-31), ["too_old"]),
    ],
)
async def test_a_terminals_clock_is_judged_and_its_scan_booked(
    city: City, house: House, off: timedelta, flags: list[str]
) -> None:
    await city.holder()
    sent = scan(city.clock.now() + off)

    receipts = await (await city.terminal()).upload(sent)

    assert receipts[0]["outcome"] == "recorded"
    assert (await _stored(house, sent["scan_id"]))["flags"] == flags


async def test_an_unknown_lane_is_booked_and_flagged(city: City, house: House) -> None:
    await city.holder()
    sent = scan(city.clock.now(), lane=9)

    await (await city.terminal()).upload(sent)

    assert (await _stored(house, sent["scan_id"]))["flags"] == ["lane_unknown"]


async def test_another_venue_cannot_take_a_scans_id(city: City, house: House) -> None:
    await city.holder()
    first, other = await city.terminal(1), await city.terminal(2)
    sent = scan(city.clock.now())
    await first.upload(sent)

    receipts = await other.upload({**sent, "verdict": "refuse"})

    assert (receipts[0]["outcome"], receipts[0]["code"]) == ("rejected", "scan_id_taken")
    assert (await _stored(house, sent["scan_id"]))["venue_number"] == 1


@pytest.mark.feature("S24")
async def test_one_showing_at_two_offline_gates_is_found_at_upload(
    city: City, house: House, clock: ManualClock
) -> None:
    """S24: two readers without a network both admit a code; the uploads bring it to light."""
    index = await city.card_index(await city.holder())
    one, other = await city.terminal(1), await city.terminal(2)
    here, there = code_scan(clock.now(), index), code_scan(clock.now(), index)
    fine = code_scan(clock.now(), index, counter=8)

    await asyncio.gather(one.upload(here, fine), other.upload(there))

    found = await house.services[Booking].two_gates(10)
    assert {scan.scan_id for scan in found} == {here["scan_id"], there["scan_id"]}
    assert {(scan.venue_number, scan.lane) for scan in found} == {(1, 1), (2, 1)}
    assert (await _stored(house, fine["scan_id"]))["flags"] == []


async def test_the_same_lane_again_or_a_refusal_elsewhere_is_no_conflict(
    city: City, house: House, clock: ManualClock
) -> None:
    index = await city.card_index(await city.holder())
    one, other = await city.terminal(1), await city.terminal(2)

    await one.upload(code_scan(clock.now(), index), code_scan(clock.now(), index))
    await other.upload(code_scan(clock.now(), index, verdict="refuse", reason="replayed"))

    assert await house.services[Booking].two_gates(10) == []


async def test_a_batch_costs_the_same_round_trips_whatever_its_size(
    city: City, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    index = await city.card_index(await city.holder())
    terminal = await city.terminal()
    small = [scan(city.clock.now()), code_scan(city.clock.now(), index)]
    large = [scan(city.clock.now()) for _ in range(250)]
    large += [code_scan(city.clock.now(), index, counter) for counter in range(9, 259)]
    sent.clear()
    await terminal.upload(*small)
    for_small = [name for name, _ in sent]
    sent.clear()
    await terminal.upload(*large)

    assert [name for name, _ in sent] == for_small
    reads = ["find"] * 4  # terminal, venue, what is booked already, cards
    after = ["find"] * 3  # what is tied to them, showings at other lanes, days with paper
    assert for_small == [*reads, "insert", *after]
