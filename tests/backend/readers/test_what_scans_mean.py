"""What a scan does to the booking it counts on and to who is inside: once, however it came."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.bookings import entries
from backend.bookings.entries import BookingEntries
from backend.bookings.rules import BookingState
from backend.foundation.entitlements import Entry
from backend.foundation.mongo import PyMongoError, Session
from backend.readers import booking as booking_module
from backend.readers.conflicts import ConflictFinder
from backend.readers.documents import Scan
from backend.readers.flow import AreaCount, Flow, LaneHour
from backend.readers.rules import ANNUL_WITHIN
from backend.readers.settling import LEFT_FOR, Settling
from backend.venues.service import Venues
from tests.backend.actors import scan
from tests.backend.readers.gates import Gates


async def test_an_entry_is_counted_once_whatever_is_sent_again(gates: Gates) -> None:
    booking = await gates.booking("a", 2)
    batch = [gates.entry(counted_on=[booking]), gates.entry(), gates.entry(counted_on=[booking])]

    for _ in range(3):
        await gates.book(0, *batch)

    assert await gates.entered(booking) == 2
    assert await gates.conflicts() == []
    assert await Scan.get_pymongo_collection().count_documents({"due": True}) == 0


async def test_two_uploads_of_one_scan_at_once_count_it_once__and_twice_without_the_guard(
    gates: Gates,
) -> None:
    booking, unguarded = await gates.booking("a", 9), await gates.booking("b", 9)
    batch = [gates.entry(counted_on=[booking]) for _ in range(5)]

    receipts = await asyncio.gather(*(gates.book(0, *batch) for _ in range(4)))

    outcomes = [one.outcome.value for some in receipts for one in some]
    assert (outcomes.count("recorded"), outcomes.count("duplicate")) == (5, 15)
    assert await gates.entered(booking) == 5
    assert (await gates.conflicts()) == []
    # The guard is that a booking notes an entry under its scan: only added up, each counts again.
    bookings = gates.house.store.database["bookings"]
    add = ({"_id": unguarded}, {"$inc": {"entered": 5}})
    await asyncio.gather(*(bookings.update_one(*add) for _ in range(4)))
    assert await gates.entered(unguarded) == 20


async def test_a_family_comes_in_part_by_part(gates: Gates) -> None:
    booking = await gates.booking("family", 4)

    await gates.book(0, gates.entry(party=4, admits=3, counted_on=[booking]))
    assert (await gates.entered(booking), await gates.inside()) == (3, 3)
    await gates.book(0, gates.entry(5, party=1, counted_on=[booking]))
    assert (await gates.entered(booking), await gates.inside()) == (4, 4)
    assert await gates.conflicts() == []
    one_more = gates.entry(6, counted_on=[booking])
    await gates.book(0, one_more)

    [conflict] = await gates.conflicts()
    assert [row["flags"] for row in conflict["rows"]] == [[], [], ["over_used"]]
    assert conflict["rows"][-1]["scan_id"] == one_more["scan_id"]
    assert await gates.entered(booking) == 5


async def test_who_goes_out_is_no_longer_inside_and_uses_nothing(gates: Gates) -> None:
    booking = await gates.booking("a")
    entry = gates.entry(counted_on=[booking])
    await gates.book(0, gates.entry(3, direction="out", counted_on=[booking]))
    assert await gates.inside() == 0  # the entry is late

    await gates.book(0, entry, gates.entry(1))

    assert (await gates.inside(), await gates.entered(booking)) == (1, 1)
    assert await gates.conflicts() == []


@pytest.mark.parametrize("entry_first", [True, False])
async def test_a_turnstile_that_did_not_turn_gives_the_use_back_once(
    gates: Gates, entry_first: bool
) -> None:
    booking = await gates.booking("a")
    entry = gates.entry(counted_on=[booking])
    annulment, again = gates.annulment(entry), gates.annulment(entry, 2)
    order = [entry, annulment] if entry_first else [annulment, entry]

    for row in [*order, *order, again]:
        await gates.book(0, row)

    assert (await gates.entered(booking), await gates.inside()) == (0, 0)
    assert (await gates.scan(entry))["annulled_by"] == annulment["scan_id"]
    assert await gates.flags(again) == []
    await gates.book(0, gates.entry(3, counted_on=[booking]))
    assert (await gates.entered(booking), await gates.inside()) == (1, 1)
    assert await gates.conflicts() == []
    await gates.house.services[Settling].sweep()
    assert await Scan.get_pymongo_collection().count_documents({"due": True}) == 0


async def test_at_once_in_one_upload_each_an_entry_and_its_annulment_end_as_nothing(
    gates: Gates,
) -> None:
    booking = await gates.booking("a", 9)
    entries = [gates.entry(counted_on=[booking]) for _ in range(6)]
    rows = [row for entry in entries for row in (entry, gates.annulment(entry))]

    await asyncio.gather(*(gates.book(0, row) for row in rows))

    assert (await gates.entered(booking), await gates.inside()) == (0, 0)


@pytest.mark.parametrize(
    ("gate", "after"),
    [
        (0, ANNUL_WITHIN + timedelta(seconds=1)),
        (0, timedelta(seconds=-1)),
        (1, timedelta(minutes=1)),
    ],
)
@pytest.mark.parametrize("entry_first", [True, False])
async def test_an_annulment_too_late_or_of_another_terminal_is_flagged_and_takes_nothing(
    gates: Gates, gate: int, after: timedelta, entry_first: bool
) -> None:
    booking = await gates.booking("a")
    entry = gates.entry(counted_on=[booking])
    annulment = gates.annulment(entry, after.total_seconds() / 60)
    order = [(0, entry), (gate, annulment)]

    for where, row in order if entry_first else reversed(order):
        await gates.book(where, row)

    assert await gates.entered(booking) == 1
    assert "annulment_refused" in await gates.flags(annulment)


async def test_an_override_is_booked_with_its_reason_and_both_persons(gates: Gates) -> None:
    override = {"reason": "card_worn", "staff": "stf_a", "second_staff": "stf_b"}
    by_hand = gates.entry(override=override, reason="card_unreadable")
    alone = gates.entry(override={**override, "second_staff": "stf_a"})

    receipts = await gates.book(0, by_hand, alone, gates.entry())

    assert [one.outcome.value for one in receipts] == ["recorded", "rejected", "recorded"]
    assert receipts[1].code == "invalid_override"
    stored = await gates.scan(by_hand)
    assert stored["flags"] == ["card_unknown", "override"]
    assert stored["override_reason"] == "card_worn"
    assert stored["override_staff"] == ["stf_a", "stf_b"]
    assert await gates.inside() == 2


@pytest.mark.parametrize(
    ("changed", "minutes", "flag"),
    [
        ({"state": BookingState.CANCELLED}, 0, "ended_before"),
        ({"state": BookingState.CANCELLED}, -1441, "ended_after"),
        ({"state": BookingState.WAITING}, 0, "over_used"),
        ({}, 3 * 1440, "out_of_date"),
    ],
)
async def test_an_entry_that_its_booking_does_not_cover_is_booked_and_reported(
    gates: Gates, changed: dict[str, Any], minutes: int, flag: str
) -> None:
    booking = await gates.booking("a", 2, **changed)
    entry = gates.entry(minutes, counted_on=[booking])

    [receipt] = await gates.book(0, entry)

    assert receipt.outcome.value == "recorded"
    [conflict] = await gates.conflicts()
    assert flag in conflict["rows"][0]["flags"]
    assert await gates.entered(booking) == 1


async def test_an_entry_on_nothing_anybody_knows_is_booked_and_reported(gates: Gates) -> None:
    await gates.book(0, gates.entry(counted_on=["bkg_none", "something"]))

    conflicts = await gates.conflicts()
    assert sorted(one["subject"] for one in conflicts) == ["bkg_none", "something"]
    assert {flag for one in conflicts for flag in one["rows"][0]["flags"]} == {
        "entitlement_unknown"
    }


async def test_a_late_entry_makes_a_no_show_an_attendance_and_its_annulment_undoes_it(
    gates: Gates,
) -> None:
    booking = await gates.booking("a", state=BookingState.NO_SHOW)
    entry = gates.entry(counted_on=[booking])

    await gates.book(0, entry)
    attended = await gates.booked(booking)
    await gates.book(0, gates.annulment(entry))
    annulled = await gates.booked(booking)

    assert (attended["state"], attended["first_entered_at"]) == (
        "ATTENDED",
        gates.now - timedelta(minutes=10),
    )
    assert (annulled["state"], annulled["entered"]) == ("NO_SHOW", 0)
    assert "first_entered_at" not in annulled


@pytest.mark.parametrize("step", ["count", "report", "end"])
async def test_what_dies_between_booking_and_counting_is_made_up_for_once(
    gates: Gates, house: House, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = await gates.booking("a", 1)
    rows = [gates.entry(counted_on=[booking]), gates.entry(1, counted_on=[booking])]

    async def dies(*_: object) -> None:
        raise PyMongoError("the process is gone")

    with monkeypatch.context() as patch:
        if step == "count":
            patch.setattr(Settling, "_count", dies)
        if step == "report":
            patch.setattr(ConflictFinder, "look_at", dies)
        if step == "end":  # the last write, the only one of them outside the transaction
            scans = type(Scan.get_pymongo_collection())
            update = scans.update_many

            async def dies_at_the_end(self: Any, *arguments: Any, **more: Any) -> Any:
                return await (update(self, *arguments, **more) if more else dies())

            patch.setattr(scans, "update_many", dies_at_the_end)
        with pytest.raises(PyMongoError):
            await gates.book(0, *rows)
    assert await Scan.get_pymongo_collection().count_documents({"due": True}) == 2

    gates.city.clock.advance(LEFT_FOR.total_seconds() + 1)
    assert await house.services[Settling].sweep() == 2
    await gates.book(0, *rows)

    assert await gates.entered(booking) == 2
    [conflict] = await gates.conflicts()
    assert [row["flags"] for row in conflict["rows"]] == [[], ["over_used"]]
    assert await house.services[Settling].sweep() == 0


async def test_a_scan_that_breaks_the_sweep_holds_up_no_other_and_has_its_turn_again(
    gates: Gates, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking, other = await gates.booking("a", 1), await gates.booking("b", 1)
    with monkeypatch.context() as patch:

        async def dies(*_: object) -> None:
            raise PyMongoError("the process is gone")

        patch.setattr(Settling, "_count", dies)
        two = [gates.entry(counted_on=[one]) for one in (booking, booking, other)]
        with pytest.raises(PyMongoError):
            await gates.book(0, *two)
    scans, of_other = Scan.get_pymongo_collection(), {"counted_on": other}
    await scans.update_one(of_other, {"$set": {"persons": "two", "due": True}})
    await scans.update_many({}, {"$set": {"due": True}})
    gates.city.clock.advance(LEFT_FOR.total_seconds() + 1)

    assert await house.services[Settling].sweep() == 2

    left = [row["counted_on"] async for row in scans.find({"due": True})]
    assert left == [[other]]


@pytest.mark.parametrize("before", [[], [2], [0, 2]], ids=["none", "one", "two"])
async def test_entries_count_the_same_whichever_of_them_were_counted_before(
    gates: Gates, before: list[int]
) -> None:
    """Ordinary entries are counted a shorter way: never twice, and never with another outcome."""
    booking = await gates.booking("a", 4)
    rows = [gates.entry(place, counted_on=[booking]) for place in range(3)]
    await gates.book(0, *(rows[place] for place in before))

    await gates.book(0, *rows)

    booked = await gates.booked(booking)
    assert (booked["entered"], len(booked["entries"]), booked["state"]) == (3, 3, "CONFIRMED")
    assert booked["first_entered_at"] == min(one["at"] for one in booked["entries"].values())


async def test_entries_on_one_booking_at_once_are_all_counted__and_lost_outside_a_transaction(
    gates: Gates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A booking is read, then written by its id: who wrote it between undoes the transaction."""
    booking, unguarded = await gates.booking("a", 9), await gates.booking("b", 9)
    rows = [gates.entry(counted_on=[booking]) for _ in range(6)]

    await asyncio.gather(*(gates.book(number % 2, row) for number, row in enumerate(rows)))

    booked = await gates.booked(booking)
    assert (booked["entered"], len(booked["entries"])) == (6, 6)
    assert await gates.conflicts() == []

    write, both_have_read = entries._write, asyncio.Barrier(2)

    async def later(*arguments: Any) -> None:
        await both_have_read.wait()
        await write(*arguments)

    monkeypatch.setattr(entries, "_write", later)
    no_transaction: Any = None
    one, other = (Entry(unguarded, f"scan{number}", 1, gates.now) for number in range(2))
    await asyncio.gather(
        *(BookingEntries().count_all(no_transaction, [entry]) for entry in (one, other))
    )
    assert await gates.entered(unguarded) == 1


async def test_what_was_booked_meanwhile_is_no_failure_and_counts_once(
    gates: Gates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload that finds none of its scans, and one of them booked once it writes."""
    booking = await gates.booking("a", 3)
    known, new = (gates.entry(counted_on=[booking]) for _ in range(2))
    await gates.book(0, known)

    async def nothing(*_: object) -> dict[str, Any]:
        monkeypatch.undo()
        return {}

    monkeypatch.setattr(booking_module, "_known", nothing)
    receipts = await gates.book(0, known, new)

    assert [one.outcome.value for one in receipts] == ["duplicate", "recorded"]
    assert await gates.entered(booking) == 2
    assert await Scan.get_pymongo_collection().count_documents({"due": True}) == 0


async def test_a_transaction_that_dies_counts_nothing(
    gates: Gates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting and what the scan says of it are one write: undone together, done together."""
    booking = await gates.booking("a", 3)
    entry = gates.entry(counted_on=[booking])
    flags = Settling._flags

    async def dies(self: Settling, entries: Any, session: Session) -> Any:
        await flags(self, entries, session)
        raise PyMongoError("the process is gone")

    with monkeypatch.context() as patch:
        patch.setattr(Settling, "_flags", dies)
        with pytest.raises(PyMongoError):
            await gates.book(0, entry)
    assert await gates.entered(booking) == 0
    assert await Scan.get_pymongo_collection().count_documents({}) == 0  # the reader keeps it

    await gates.book(0, entry)

    assert await gates.entered(booking) == 1


@pytest.mark.feature("S56")
async def test_counts_by_area_are_right_after_late_uploads(gates: Gates, house: House) -> None:
    """S56: what was admitted offline and comes late is in the count of its area."""
    venues = house.services[Venues]
    venue = await venues.facts(1)
    assert venue is not None
    await venues.put(replace(venue, lane_areas={1: "hall", 2: "garden"}))
    clock = gates.city.clock
    clock.advance(3600 * ((16 + 12 - clock.now().hour) % 24))  # noon here: no midnight between
    late, annulled = gates.entry(-90, party=4, admits=3), gates.entry(-80)
    await gates.book(0, gates.entry(-30), gates.entry(-20, lane=2), gates.entry(-10))
    await gates.book(0, gates.entry(-5, direction="out"))
    before = await house.services[Flow].inside(1)

    await gates.book(0, gates.annulment(annulled), late, gates.entry(-1440), annulled)
    await gates.book(0, late, scan(gates.now, lane=1, verdict="refuse"))

    assert before == [AreaCount("garden", 1, 0), AreaCount("hall", 2, 1)]
    assert await house.services[Flow].inside(1) == [
        AreaCount("garden", 1, 0),
        AreaCount("hall", 5, 1),
    ]
    hours = await house.services[Flow].by_hour(1, clock.now().date())
    assert sum(one.entered for one in hours) == 6
    noon = gates.now.replace(minute=0, second=0, microsecond=0)
    assert LaneHour(noon, 1, 1, 1, 1) in hours
