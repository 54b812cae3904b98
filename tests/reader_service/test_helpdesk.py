"""A helpdesk's check: what a lane would answer and what it answered before; nobody passes on it."""

from dataclasses import replace
from datetime import timedelta
from secrets import token_hex

import pytest

from reader_service.card_reading import ReadCard
from reader_service.journal import JournalFull
from reader_service.lane.board import LaneState
from reader_service.lane.helpdesk import (
    CHECK_SECONDS,
    MOST_ANSWERS,
    MOST_HOLDERS,
    EarlierAnswer,
    EarlierAnswers,
)
from reader_service.lane.online import OnlineChecks
from reader_service.lane.staff_acts import NOT_FOUND
from reader_service.snapshot import Kind
from shared.admission.answer import Verdict
from shared.admission.condition import Condition
from shared.admission.entitlement_conditions import BookingHeld
from shared.admission.evidence import Medium
from shared.admission.holder_conditions import UnauthenticatedCard
from shared.admission.rules import AdmissionRules
from shared.cardfile.identification_code import IdentificationCode
from shared.cardfile.records import CardVersion
from shared.clock import SystemClock
from shared.ecode.reasons import Reason, explain
from shared.wire.admission_check import AdmissionCheck
from shared.wire.scans import CHECKED, Override, OverrideReason, ScanRecord
from tests.reader_service.conftest import Venue, VenueMaker
from tests.reader_service.test_online import ASKING, BOOKED, FULL, Line
from tests.reader_service.test_staff_acts import book


def _earlier(venue: Venue, answer_id: str, lane: int = 1) -> list[tuple[int, Verdict, str]]:
    found = venue.lanes[lane].earlier_answers(answer_id)
    assert found is not None
    return [(one.lane, one.verdict, one.headline.en) for one in found]


def test_why_somebody_was_refused_is_told_without_letting_them_in(venue: Venue) -> None:
    phone, lane = book(venue, 1), venue.lanes[1]
    old = phone.code(venue.clock.now())
    venue.clock.advance(120)
    lane.present_code(old)
    entry = venue.lanes[2].present_code(phone.code(venue.clock.now()))
    assert (entry.persons, venue.opened()) == (1, 1)
    venue.clock.advance(31)

    lane.expect_check("u01")
    answer = lane.present_code(phone.code(venue.clock.now()))

    assert (answer.checked, answer.persons, venue.opened()) == (True, 0, 1)
    assert (answer.answer.verdict, answer.answer.reason) == (
        Verdict.AGAIN,
        Reason.ALREADY_USED,
    )
    assert _earlier(venue, answer.answer_id) == [
        (2, Verdict.ADMIT, "Let in"),
        (1, Verdict.REFUSE, explain(Reason.STALE, {"seconds": 120}).staff.en),
    ]
    record = venue.journal.unsent(9)[-1]
    assert (record.persons, record.reason, record.counted_on) == (0, Reason.ALREADY_USED, ())
    assert record.detail[CHECKED] == "u01"
    assert ScanRecord.of_wire(record.to_wire()) == record
    by_hand = Override(OverrideReason.OFFICIAL_DUTY, "u01", "u02")
    assert lane.let_by_hand(token_hex(16), by_hand, refused=answer.answer_id) is NOT_FOUND


def test_a_check_uses_nothing_up(venue: Venue) -> None:
    phone, lane = book(venue, 1), venue.lanes[1]
    code = phone.code(venue.clock.now())

    lane.expect_check("u01")
    first = lane.present_code(code)
    venue.clock.advance(1)
    still = lane.present_code(code)
    venue.clock.advance(2)
    held = lane.present_code(phone.code(venue.clock.now()))

    assert first.answer.headline.en == "Check · would be let in"
    assert {first.answer_id, still.answer_id, held.answer_id} == {first.answer_id}
    assert (venue.opened(), len(venue.journal.unsent(9))) == (0, 1), "held in view, it is one check"
    entry = venue.lanes[2].present_code(phone.code(venue.clock.now()))
    assert (entry.persons, entry.checked) == (1, False), "the same code is good at the gate"


def test_only_the_next_showing_is_checked_and_only_for_a_while(venue: Venue) -> None:
    lane = venue.lanes[1]

    lane.expect_check("u01")
    venue.clock.advance(CHECK_SECONDS)
    late = lane.present_code(venue.city.phone().code(venue.clock.now()))
    lane.expect_check("u01")
    lane.expect_check(None)
    ended = lane.present_code(venue.city.phone().code(venue.clock.now()))
    lane.expect_check("u01")
    states = [one.checking for one in venue.told if isinstance(one, LaneState)]
    checked = lane.present_code(venue.city.phone().code(venue.clock.now()))
    after = lane.present_code(venue.city.phone().code(venue.clock.now()))

    assert [one.checked for one in (late, ended, checked, after)] == [False, False, True, False]
    assert (venue.opened(), states[-1]) == (3, True)
    assert not venue.board.lanes()[0].checking


def test_a_card_is_checked_by_its_own_earlier_answers(venue: Venue) -> None:
    def card(raw: bytes) -> ReadCard:
        return ReadCard(IdentificationCode(raw), CardVersion.V2, None)

    lane, mine = venue.lanes[1], card(bytes.fromhex("360700") + bytes(10))
    lane.present_card(card(bytes.fromhex("360700") + bytes(9) + b"\1"))
    told = lane.present_card(mine)

    lane.expect_check("u02")
    answer = lane.present_card(mine)

    assert (answer.checked, answer.medium) == (True, Medium.CARD)
    [(_, verdict, _)] = _earlier(venue, answer.answer_id)
    assert verdict is told.answer.verdict
    assert venue.opened() == 2 * told.answer.verdict.opens


def test_earlier_answers_come_back_after_a_restart(venue: Venue, make_venue: VenueMaker) -> None:
    phone = venue.city.phone()
    venue.lanes[1].present_code(phone.code(venue.clock.now()))
    venue.clock.advance(60)
    again = make_venue(venue.folder, venue.clock)

    again.lanes[1].expect_check("u01")
    answer = again.lanes[1].present_code(phone.code(venue.clock.now()))

    assert _earlier(again, answer.answer_id) == [(1, Verdict.ADMIT, "Let in")]


def test_a_check_that_cannot_be_written_down_tells_nothing(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = venue.lanes[1]
    lane.expect_check("u01")

    def full(*_: ScanRecord) -> None:
        raise JournalFull

    monkeypatch.setattr(venue.journal, "append", full)
    answer = lane.present_code(venue.city.phone().code(venue.clock.now()))

    assert (answer.answer.reason, answer.checked) == (Reason.JOURNAL_FULL, False)
    assert lane.earlier_answers(answer.answer_id) is None
    assert venue.opened() == 0


def test_earlier_answers_are_few_and_of_a_day(venue: Venue) -> None:
    kept, now = EarlierAnswers(), venue.clock.now()

    def record(holder: int, minutes: int) -> ScanRecord:
        at = int((now - timedelta(minutes=minutes)).timestamp() * 1000)
        made = ScanRecord(token_hex(16), 1, at, Medium.ECODE, Verdict.ADMIT, region=360700)
        return replace(made, card_index=holder)

    for minutes in (24 * 60 + 1, *range(9, 0, -1)):
        kept.note(record(7, minutes))
    found: tuple[EarlierAnswer, ...] = kept.of(record(7, 0))
    assert [now - one.at for one in found] == [
        timedelta(minutes=one) for one in range(1, MOST_ANSWERS + 1)
    ]
    kept.note(record(8, 24 * 60 + 1))
    assert kept.of(record(8, 0)) == ()
    for holder in range(100, 100 + MOST_HOLDERS):
        kept.note(record(holder, 0))
    assert kept.of(record(7, 0)) == ()


def _asking(venue: Venue, line: Line, rules: AdmissionRules = ASKING) -> None:
    now = venue.clock.now()
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(rules), None, now)
    venue.gatekeeper.online = OnlineChecks(line, SystemClock())


@pytest.mark.parametrize("shown", ["code", "card"])
def test_a_check_asks_the_backend_where_the_venue_does_and_keeps_no_place(
    venue: Venue, shown: str
) -> None:
    line, lane, phone = Line(FULL), venue.lanes[1], venue.city.phone()
    card = ReadCard(IdentificationCode(bytes.fromhex("360700") + bytes(10)), CardVersion.V2, None)
    _asking(venue, line, replace(ASKING, unauthenticated_card=UnauthenticatedCard.LOOK))

    lane.expect_check("u01")
    answer = (
        lane.present_code(phone.code(venue.clock.now()))
        if shown == "code"
        else lane.present_card(card)
    )

    assert (answer.checked, answer.answer.reason) == (True, Reason.AREA_FULL)
    assert (answer.persons, venue.opened()) == (0, 0)
    [asked] = line.asked
    assert asked.enquiry
    assert AdmissionCheck.of_wire(asked.to_wire()) == asked
    [record] = venue.journal.unsent(9)
    assert (record.scan_id, record.counted_on) == (asked.check_id, ())
    venue.clock.advance(60)
    venue.lanes[2].present_code(phone.code(venue.clock.now()))
    assert not line.asked[-1].enquiry, "a gate's question is none"


@pytest.mark.parametrize(
    ("conditions", "words"),
    [((), "by this reader's lists alone"), ((BookingHeld(),), "may not know of a new booking")],
    ids=["would enter", "no booking here"],
)
def test_staff_are_told_that_the_backend_did_not_answer(
    venue: Venue, conditions: tuple[Condition, ...], words: str
) -> None:
    lane, rules = venue.lanes[1], replace(ASKING, conditions=conditions)
    _asking(venue, Line(None), rules)
    lane.expect_check("u01")
    lost = lane.present_code(venue.city.phone().code(venue.clock.now()))
    _asking(venue, Line(BOOKED), rules)
    lane.expect_check("u01")
    heard = lane.present_code(venue.city.phone().code(venue.clock.now()))

    assert lost.answer.next_step is not None
    assert words in lost.answer.next_step.en
    assert "没有连上后台" in lost.answer.next_step.zh
    assert heard.answer.headline.en == "Check · would be let in"
    assert heard.answer.next_step is not None
    assert heard.answer.next_step.en == "Nothing was opened or counted"
    assert venue.opened() == 0
