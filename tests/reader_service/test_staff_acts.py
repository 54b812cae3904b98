"""What staff do at a lane: parties, exits, take back, by hand; journalled first, each once."""

import threading
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex

import pytest

from reader_service.journal import JournalFull
from reader_service.lane.board import LaneAnswer
from reader_service.lane.staff_acts import WITHIN, ActDone, ActRefused, ActResult
from reader_service.offline_holdings import OfferedSet
from reader_service.snapshot import Kind
from shared.admission.answer import Verdict
from shared.admission.circumstances import HeldBooking
from shared.admission.entitlement_conditions import BookingHeld
from shared.admission.rules import AdmissionRules
from shared.admission.time_conditions import NotFull, NotInside, Passback
from shared.ecode.reasons import Reason
from shared.wire.flow import AreaFlow, VenueFlow
from shared.wire.offline_set import (
    Holdings,
    OfflineSet,
    encode_offline_set,
    phone_secret,
    record_content,
    record_key,
    seal_record,
)
from shared.wire.scans import Direction, Override, OverrideReason, ScanRecord
from tests.reader_service.city import LIST_KEY_ID, OPEN_RULES, REGION, VENUE, Phone
from tests.reader_service.conftest import Venue, VenueMaker

SALT = bytes(range(16))
BY_HAND = Override(OverrideReason.IDENTITY_CHECKED, "u01", "u02")


def _rules(venue: Venue, rules: AdmissionRules, *, offline_set: bool = False) -> None:
    manifest = venue.city.manifest(rules, offline_set=offline_set)
    venue.snapshot.offer(Kind.MANIFEST, manifest, None, venue.clock.now())


def book(venue: Venue, quantity: int) -> Phone:
    """Return a phone whose holder has a booking for so many, now."""
    phone, now = venue.city.phone(), venue.clock.now()
    booking = HeldBooking("bkg_one", VENUE, now, now + timedelta(hours=2), quantity)
    _rules(venue, replace(OPEN_RULES, conditions=(BookingHeld(),)), offline_set=True)
    claims = phone.certificate.claims
    secret = phone_secret(REGION, claims.card_index, claims.device_serial, claims.device_key)
    key = record_key(SALT, VENUE, secret)
    records = {key.locator: seal_record(key, record_content(Holdings(bookings=(booking,))))}
    made = OfflineSet(REGION, VENUE, SALT, 1, 0, now, now + timedelta(days=2), records)
    body = encode_offline_set(made, venue.city.list_key, LIST_KEY_ID)
    venue.snapshot.offer_holdings(OfferedSet(body, '"1"', None, now, now))
    return phone


def _show(venue: Venue, phone: Phone, lane: int = 1) -> LaneAnswer:
    venue.clock.advance(31)
    return venue.lanes[lane].present_code(phone.code(venue.clock.now()))


def _done(result: ActResult) -> ScanRecord:
    assert isinstance(result, ActDone), result
    return result.outcome.record


def _last(venue: Venue) -> ScanRecord:
    return venue.journal.unsent(100)[-1]


def test_a_party_enters_in_parts_and_never_more_than_booked(venue: Venue) -> None:
    phone, lane = book(venue, 5), venue.lanes[1]
    assert lane.expect_party(3)

    first = _show(venue, phone)
    assert (first.persons, len(venue.gates[1].openings)) == (3, 3)
    assert first.answer.detail == {"quantity": 5, "entered": 3}
    assert (_last(venue).party, _last(venue).persons) == (3, 3)
    rest = _done(lane.let_in_more(token_hex(16), first.answer_id, 4))

    assert (rest.party, rest.admits, rest.verdict) == (4, 2, Verdict.LOOK)
    assert len(venue.gates[1].openings) == 5
    nobody = lane.let_in_more(token_hex(16), first.answer_id, 1)
    assert isinstance(nobody, ActRefused)
    assert nobody.code == Reason.ALREADY_USED
    assert _show(venue, phone, 2).answer.reason is Reason.ALREADY_USED
    assert sum(scan.persons for scan in venue.journal.unsent(9)) == 5


def test_a_party_that_does_not_come_is_forgotten(venue: Venue) -> None:
    phone = book(venue, 5)
    assert venue.lanes[1].expect_party(4)
    venue.clock.advance(61)

    assert _show(venue, phone).persons == 1
    assert not venue.lanes[1].expect_party(0)
    assert not venue.lanes[1].expect_party(100)


@pytest.mark.parametrize("act", ["more", "take back", "by hand"])
def test_an_act_asked_for_twice_at_once_is_done_once(
    venue: Venue, make_venue: VenueMaker, act: str
) -> None:
    phone, lane = book(venue, 9), venue.lanes[1]
    entry = _show(venue, phone)
    opened, rows, key = venue.opened(), len(venue.journal.unsent(99)), token_hex(16)
    start, results = threading.Barrier(4), list[ActResult]()

    def ask(at: Venue = venue) -> ActResult:
        match act:
            case "more":
                return at.lanes[1].let_in_more(key, entry.answer_id, 2)
            case "take back":
                return at.lanes[1].take_back(key, entry.answer_id, "u01")
            case _:
                return at.lanes[1].let_by_hand(key, BY_HAND, 2)

    def tap() -> None:
        start.wait()
        results.append(ask())

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()

    assert [_done(one).scan_id for one in results] == [key] * 4
    assert len(venue.journal.unsent(99)) == rows + 1
    persons = 0 if act == "take back" else 2
    assert venue.opened() == opened + persons
    restarted = make_venue(clock=venue.clock)
    again = ask(restarted)
    assert isinstance(again, ActDone)
    assert (again.repeated, restarted.opened()) == (True, 0)
    other = lane.let_by_hand(key, replace(BY_HAND, staff="u09"))
    assert isinstance(other, ActRefused)


def test_two_taps_with_two_keys_are_two_acts(venue: Venue) -> None:
    """The negative control: it is the key that makes a double tap one act."""
    for _ in range(2):
        _done(venue.lanes[1].let_by_hand(token_hex(16), BY_HAND))

    assert venue.opened() == 2


def test_what_did_not_turn_is_taken_back_and_may_be_shown_again(
    venue: Venue, make_venue: VenueMaker
) -> None:
    phone, lane = book(venue, 1), venue.lanes[1]
    entry = _show(venue, phone)

    record = _done(lane.take_back(token_hex(16), entry.answer_id, "u01"))

    assert (record.annuls, record.persons, record.detail) == (entry.answer_id, 0, {"staff": "u01"})
    assert venue.board.lanes()[0].annulled == {entry.answer_id}
    held = lane.present_code(phone.code(venue.clock.now()))
    assert (held.again, held.persons, venue.opened()) == (True, 0, 1)  # it never left the camera
    venue.clock.advance(4)
    assert lane.present_code(phone.code(venue.clock.now())).answer.verdict is Verdict.ADMIT
    assert venue.opened() == 2
    for again in (lane, make_venue(clock=venue.clock).lanes[1]):
        second = again.take_back(token_hex(16), entry.answer_id, "u01")
        assert isinstance(second, ActRefused)
        assert second.code == "act_taken_back"


def test_only_what_let_somebody_in_here_and_lately_is_taken_back(venue: Venue) -> None:
    lane = venue.lanes[1]
    refused = lane.present_code("junk")
    entry = _show(venue, venue.city.phone())

    def code(scan_id: str, at: int = 1) -> str:
        result = venue.lanes[at].take_back(token_hex(16), scan_id, "u01")
        assert isinstance(result, ActRefused)
        return result.code

    assert code(refused.answer_id) == "act_nobody_passed"
    assert code(entry.answer_id, at=2) == code("f" * 32) == code("'; --") == "act_no_answer"
    assert isinstance(lane.take_back("../x", entry.answer_id, "u01"), ActRefused)
    venue.clock.advance(WITHIN.total_seconds() + 1)
    assert code(entry.answer_id) == "act_too_late"
    assert venue.opened() == 1


def test_a_refusal_is_overridden_once_with_a_reason_and_two_persons(venue: Venue) -> None:
    lane, stale = venue.lanes[1], venue.city.phone()
    refused = lane.present_code(stale.code(venue.clock.now() - timedelta(seconds=40)))
    assert refused.answer.reason is Reason.STALE

    record = _done(lane.let_by_hand(token_hex(16), BY_HAND, refused=refused.answer_id))

    assert (record.override, record.reason, record.persons) == (BY_HAND, Reason.STALE, 1)
    assert record == ScanRecord.of_wire(record.to_wire()) == _last(venue)
    again = lane.let_by_hand(token_hex(16), BY_HAND, refused=refused.answer_id)
    assert isinstance(again, ActRefused)
    assert again.code == "act_was_let_in"
    assert venue.opened() == 1


def test_no_act_opens_what_the_journal_does_not_have(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise JournalFull

    monkeypatch.setattr(venue.journal, "append", full)
    result = venue.lanes[1].let_by_hand(token_hex(16), BY_HAND)

    assert isinstance(result, ActRefused)
    assert (result.code, venue.opened()) == (Reason.JOURNAL_FULL, 0)


def test_a_blocked_terminal_opens_for_nobody(venue: Venue) -> None:
    later = venue.clock.now() + timedelta(hours=1)
    blocked = venue.city.terminal_standing(blocked=True, issued_at=later)
    venue.clock.advance(3601)
    venue.snapshot.offer(Kind.TERMINAL_STANDING, blocked, None, venue.clock.now())

    result = venue.lanes[1].let_by_hand(token_hex(16), BY_HAND)

    assert isinstance(result, ActRefused)
    assert (result.code, venue.opened()) == (Reason.TERMINAL_BLOCKED, 0)


def test_who_left_may_come_again_and_who_did_not_may_not(
    make_venue: VenueMaker,
) -> None:
    venue = make_venue(directions=("in", "out"))
    venue.city.fill(venue.snapshot)
    _rules(venue, replace(OPEN_RULES, conditions=(NotInside(Passback.HARD),)))
    phone = venue.city.phone()

    assert _show(venue, phone).answer.verdict is Verdict.ADMIT
    assert _show(venue, phone).answer.reason is Reason.ALREADY_INSIDE
    left = _show(venue, phone, 2)
    assert (left.out, left.answer.headline.zh, left.persons) == (True, "请慢走", 1)
    assert _last(venue).direction is Direction.OUT
    assert _show(venue, phone).answer.verdict is Verdict.ADMIT
    restarted = make_venue(clock=venue.clock, directions=("in", "out"))
    assert _show(restarted, phone).answer.reason is Reason.ALREADY_INSIDE


def test_staff_turn_only_a_lane_of_both_ways(make_venue: VenueMaker) -> None:
    venue = make_venue(directions=("in", "both"))
    venue.city.fill(venue.snapshot)

    assert venue.lanes[2].turn(Direction.OUT)
    assert not venue.lanes[1].turn(Direction.OUT)
    assert _show(venue, venue.city.phone(), 2).out
    assert not _show(venue, venue.city.phone(), 1).out
    assert [lane.out for lane in venue.board.lanes()] == [False, True]


def test_an_area_fills_empties_and_is_refused_when_full(make_venue: VenueMaker) -> None:
    venue = make_venue(directions=("in", "out"))
    venue.city.fill(venue.snapshot)
    _rules(venue, replace(OPEN_RULES, conditions=(NotFull(2),)))
    phones = [venue.city.phone() for _ in range(3)]
    entry, _ = (_show(venue, phone) for phone in phones[:2])
    assert _show(venue, phones[2]).answer.reason is Reason.AREA_FULL
    [area] = venue.gatekeeper.areas()
    assert (area.entered, area.left, area.inside) == (2, 0, 2)

    _done(venue.lanes[1].take_back(token_hex(16), entry.answer_id, "u01"))
    assert _show(venue, phones[2]).answer.verdict is Verdict.ADMIT
    assert _show(venue, phones[1], 2).out
    assert [one.inside for one in venue.gatekeeper.areas()] == [1]

    # The backend knows of 40 more at other readers, and has booked none of ours.
    flow = VenueFlow((AreaFlow(None, 45, 5),), (), venue.clock.now())
    venue.gatekeeper.ledger.learn(flow)
    assert [one.inside for one in venue.gatekeeper.areas()] == [41]
    assert _show(venue, venue.city.phone()).answer.reason is Reason.AREA_FULL
    venue.clock.advance(86_400)
    assert [one.inside for one in venue.gatekeeper.areas()] == [0]
