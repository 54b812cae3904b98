"""A booking at the lane of a reader without a network, from end to end, and what a thief gets."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from backend.demo_city import IDENTIFICATION_CODE
from reader_service.card_reading import ReadCard
from reader_service.journal import Journal
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.lane.lane import Lane
from reader_service.snapshot import Kind, Snapshot
from shared.admission.answer import Verdict
from shared.cardfile.identification_code import IdentificationCode
from shared.cardfile.records import CardVersion
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.reasons import Reason
from shared.trust.trust_list import Untrusted
from shared.wire.offline_set import card_secret, open_record, phone_secret, record_key
from tests.backend.actors import DIGEST, REGION
from tests.backend.lane import VenueLane
from tests.backend.manifests.conftest import VENUE, Museum

CARD = ReadCard(IdentificationCode(IDENTIFICATION_CODE), CardVersion.V3, None)


def _all_bytes(folder: Path) -> bytes:
    """Return everything on the reader's disk."""
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


def _restarted(lane: VenueLane, folder: Path) -> tuple[Lane, Journal]:
    """Start the reader anew on its files, with no network since."""
    lane.journal.close()
    journal = Journal(folder / "journal.sqlite")
    snapshot = Snapshot(folder / "snapshot.sqlite", lane.enrolment)
    gatekeeper = Gatekeeper(snapshot, journal, lane.city.clock)
    return Lane(1, gatekeeper, lane.gate, lane.board, lane.city.clock), journal


async def test_a_booking_admits_once_without_a_network_and_after_a_restart(
    museum: Museum, tmp_path: Path
) -> None:
    booked, other = await museum.visitor("901"), await museum.visitor("902")
    slot = await museum.slot()
    booking = await museum.booked(booked, slot)
    museum.until(slot.facts.starts_at - timedelta(minutes=10))
    assert await museum.refresh(), museum.lane.sync.state
    # From here on nothing is asked of the backend.

    early = museum.show(booked).answer
    assert early.reason is Reason.NOT_OPEN  # nor is the museum, ten minutes before its first slot
    museum.until(slot.facts.starts_at + timedelta(minutes=1))
    first = museum.show(booked).answer
    again = museum.show(booked).answer
    stranger = museum.show(other).answer

    assert (first.verdict, first.reason) == (Verdict.ADMIT, None)
    assert first.headline.zh == "请进 · 已预约"
    assert (again.verdict, again.reason) == (Verdict.REFUSE, Reason.ALREADY_USED)
    assert again.detail == {"entered": 1, "quantity": 1}
    assert stranger.reason is Reason.BOOKING_NEEDED
    [entry] = [scan for scan in museum.lane.journal.unsent(10) if scan.verdict.opens]
    assert (entry.counted_on, entry.admits, entry.party) == ((booking.booking_id,), 1, 1)

    lane, journal = _restarted(museum.lane, tmp_path)
    museum.hall.clock.advance(60)
    code = museum.lane.code(booked.phone, booked.certificate)
    assert lane.present_code(code).answer.reason is Reason.ALREADY_USED
    journal.close()


async def test_what_the_backend_has_counted_is_not_taken_off_twice(museum: Museum) -> None:
    family = await museum.visitor("901")
    slot = await museum.slot()
    booking = await museum.booked(family, slot, 3)
    museum.until(slot.facts.starts_at)
    assert await museum.refresh()
    for _ in range(2):
        assert museum.show(family).answer.verdict is Verdict.ADMIT
    museum.hall.clock.advance(20)
    assert await museum.refresh()
    row = await museum.hall.house.store.database["bookings"].find_one({"_id": booking.booking_id})
    assert row is not None
    assert row["entered"] == 2
    assert await museum.refresh()
    held = museum.lane.snapshot.lists.holdings
    assert held is not None
    assert held.of_code(family.certificate.claims).bookings[0].entered == 2

    assert museum.show(family).answer.verdict is Verdict.ADMIT
    assert museum.show(family).answer.reason is Reason.ALREADY_USED


async def test_a_cancelled_booking_is_gone_and_a_new_one_there_with_the_next_round(
    museum: Museum,
) -> None:
    gone, new = await museum.visitor("901"), await museum.visitor("902")
    slot = await museum.slot()
    booking = await museum.booked(gone, slot)
    assert await museum.refresh()
    before = museum.lane.snapshot.lists.holdings
    await museum.hall.cancel(gone.name, booking)
    await museum.booked(new, slot)
    museum.until(slot.facts.starts_at)
    assert await museum.refresh()

    assert museum.show(gone).answer.reason is Reason.BOOKING_NEEDED
    assert museum.show(new).answer.verdict is Verdict.ADMIT
    after = museum.lane.snapshot.lists.holdings
    assert before is not None
    assert after is not None
    assert before.content.salt == after.content.salt  # a delta, not a new series
    assert before.content.epoch < after.content.epoch


async def test_a_card_counts_like_a_code_and_after_a_restart_the_reader_blames_itself(
    museum: Museum, tmp_path: Path
) -> None:
    owner = await museum.visitor("901", DIGEST)
    slot = await museum.slot()
    await museum.booked(owner, slot, 2)
    museum.until(slot.facts.starts_at)
    assert await museum.refresh()

    assert museum.lane.tap(CARD).answer.verdict is Verdict.LOOK
    lane, journal = _restarted(museum.lane, tmp_path)
    answer = lane.present_card(CARD).answer
    assert (answer.verdict, answer.reason) == (Verdict.SYSTEM, Reason.LISTS_MISSING)
    code = museum.lane.code(owner.phone, owner.certificate)
    assert lane.present_code(code).answer.verdict is Verdict.ADMIT  # the phone's key is enough
    journal.close()


async def test_without_a_set_or_with_an_old_one_the_venue_is_to_blame_and_says_how_old(
    museum: Museum,
) -> None:
    visitor = await museum.visitor("901")
    slot = await museum.slot()
    await museum.booked(visitor, slot)
    page = museum.lane.page()
    assert museum.show(visitor).answer.reason is Reason.LISTS_MISSING
    assert await museum.refresh()
    listed = page.everything()["lists"][Kind.OFFLINE_SET.value]
    assert listed["confirmed_at"] == museum.hall.clock.now().isoformat(timespec="milliseconds")

    museum.hall.clock.advance(3 * 86_400)
    too_old = page.everything()["lists_fault"]

    assert too_old["reason"] is Reason.LISTS_TOO_OLD
    assert listed["valid_until"] < museum.hall.clock.now().isoformat()


async def test_a_stolen_reader_tells_no_booking_of_a_card_that_was_not_shown(
    museum: Museum, tmp_path: Path
) -> None:
    shown, hidden = await museum.visitor("901", DIGEST), await museum.visitor("902")
    slot = await museum.slot()
    mine = await museum.booked(shown, slot)
    secret = await museum.booked(hidden, slot, 4)
    museum.until(slot.facts.starts_at)
    assert await museum.refresh()
    assert museum.show(shown).answer.verdict is Verdict.ADMIT
    museum.lane.journal.close()

    disk = _all_bytes(tmp_path)
    key = hidden.certificate.claims.device_key
    index = hidden.certificate.claims.card_index
    held = museum.lane.snapshot.lists.holdings
    assert held is not None
    assert held.card_key is not None
    # What is there of the one who came: the search finds what it looks for.
    [entry] = museum.lane.journal.unsent(9)
    assert entry.scan_id.encode() in disk
    assert entry.counted_on == (mine.booking_id,)
    assert mine.booking_id.encode() not in disk
    for value in (
        secret.booking_id.encode(),
        hidden.holder.resident_id.encode(),
        hidden.holder.card_id.encode(),
        key.raw,
        str(index).encode(),
        held.card_key,
        held.card_key.hex().encode(),
    ):
        assert value not in disk, value

    content = held.content
    claims = hidden.certificate.claims
    real = record_key(
        content.salt, VENUE, phone_secret(REGION, index, claims.device_serial, claims.device_key)
    )
    # The record is there and would open: the attempts below fail for want of the secret alone.
    [booking] = open_record(real, content.records[real.locator]).bookings
    assert booking.booking_id == secret.booking_id
    guesses = [
        index.to_bytes(4),
        phone_secret(REGION, index, 1, shown.certificate.claims.device_key),
        phone_secret(REGION, index, 1, SoftwareKey.generate(Algorithm.ED25519).public),
        card_secret(DIGEST, b""),  # the card's code was read, but the key left with the power
        card_secret(DIGEST, bytes(32)),
        card_secret(DIGEST, secrets.token_bytes(32)),
    ]
    for guess in guesses:
        derived = record_key(content.salt, VENUE, guess)
        assert derived.locator not in content.records
        for sealed in content.records.values():
            with pytest.raises(Untrusted):
                open_record(derived, sealed)


async def test_a_blocked_reader_gets_no_set_any_more(museum: Museum) -> None:
    assert await museum.refresh()
    terminals = museum.hall.house.store.database["terminals"]
    await terminals.update_many({}, {"$set": {"blocked": True}})

    assert not await museum.refresh()

    assert museum.lane.sync.state.problem is not None
    assert museum.lane.sync.state.problem.code == "terminal_blocked"


@pytest.mark.parametrize("apart", [1, 4], ids=["next to it", "in the afternoon"])
async def test_of_two_booked_slots_the_lane_chooses_the_one_whose_time_it_is(
    museum: Museum, apart: int
) -> None:
    who, slots = await museum.visitor("901"), await museum.slots()
    first, later = slots[0], slots[apart]
    # Booked the other way round: the order in the set says nothing.
    second_booking = await museum.booked(who, later)
    first_booking = await museum.booked(who, first)
    museum.until(first.facts.starts_at + timedelta(minutes=5))
    assert await museum.refresh(), museum.lane.sync.state
    # From here on nothing is asked of the backend.

    entered = museum.show(who).answer
    again = museum.show(who).answer
    museum.until(later.facts.starts_at + timedelta(minutes=5))
    in_time = museum.show(who).answer
    once_more = museum.show(who).answer

    assert [one.verdict.opens for one in (entered, again, in_time, once_more)] == [
        *(True, False),
        *(True, False),
    ]
    assert once_more.reason is Reason.ALREADY_USED
    entries = [scan for scan in museum.lane.journal.unsent(10) if scan.verdict.opens]
    assert [scan.counted_on for scan in entries] == [
        (first_booking.booking_id,),
        (second_booking.booking_id,),
    ], "each is counted on its own slot, nobody having chosen one"
    museum.hall.clock.advance(20)
    assert await museum.refresh()
    bookings = museum.hall.house.store.database["bookings"]
    counted = {row["_id"]: row["entered"] async for row in bookings.find({})}
    assert counted == {first_booking.booking_id: 1, second_booking.booking_id: 1}
