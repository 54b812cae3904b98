"""A lane's answers: every reason, once each, recorded before the gate opens."""

import logging
import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from typing_extensions import override

from reader_service.card_reading import ReadCard, RefusedCard
from reader_service.devices.gate import RecordingGate
from reader_service.devices.relay import GateFailed
from reader_service.lane.board import LaneAnswer
from reader_service.snapshot import Kind
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.admission.holder_conditions import UnauthenticatedCard
from shared.admission.rules import AdmissionRules
from shared.cardfile.identification_code import IdentificationCode
from shared.cardfile.records import CardVersion
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import ConcessionLevel
from shared.ecode.digits import from_digits, to_digits
from shared.ecode.reasons import Reason
from shared.trust.status_list import card_digest, card_number_of, device_number
from tests.reader_service.city import OPEN_RULES, REGION, City
from tests.reader_service.conftest import Venue, VenueMaker

CODE = IdentificationCode(bytes.fromhex("360700D15600000599110145FFFFFFFF"))
CARD = ReadCard(CODE, CardVersion.V3, date(2030, 1, 31))


def _reason(answer: LaneAnswer) -> Reason | None:
    return answer.answer.reason


def test_a_good_code_is_recorded_and_opens_the_gate_once(venue: Venue) -> None:
    phone = venue.city.phone()

    answer = venue.lanes[1].present_code(phone.code(venue.clock.now()))

    assert answer.answer.verdict is Verdict.ADMIT
    assert len(venue.gates[1].openings) == 1
    [scan] = venue.journal.unsent(10)
    assert (scan.card_index, scan.device_serial) == phone.holder
    assert (scan.lane, scan.verdict, scan.reason) == (1, Verdict.ADMIT, None)


def test_the_gate_opens_only_after_the_record_is_on_the_disk(venue: Venue) -> None:
    recorded_at_opening: list[int] = []

    class Gate(RecordingGate):
        @override
        def open_once(self, now: datetime) -> None:
            recorded_at_opening.append(len(venue.journal.unsent(10)))

    venue.lanes[1]._gate = Gate()
    venue.lanes[1].present_code(venue.city.phone().code(venue.clock.now()))

    assert recorded_at_opening == [1]


@pytest.mark.parametrize(
    ("claims", "headline"),
    [
        ({"concession": ConcessionLevel.REDUCED}, "请进 · 优惠"),
        ({"concession": ConcessionLevel.FREE}, "请进 · 免费"),
    ],
)
def test_what_for_is_said(venue: Venue, claims: dict[str, Any], headline: str) -> None:
    answer = venue.lanes[1].present_code(venue.city.phone(**claims).code(venue.clock.now()))

    assert answer.answer.headline.zh == headline
    assert venue.opened() == 1


def test_a_representative_is_looked_at_where_allowed(venue: Venue) -> None:
    rules = replace(OPEN_RULES, representative_allowed=True)
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(rules), None, venue.clock.now())

    code = venue.city.phone(represented=True).code(venue.clock.now())
    answer = venue.lanes[1].present_code(code)

    assert answer.answer.verdict is Verdict.LOOK
    assert venue.opened() == 1


def _expired(city: City) -> str:
    start = city.now.replace(minute=0) - timedelta(hours=50)
    return city.phone(not_before=start).code(city.now)


def _not_yet(city: City) -> str:
    return city.phone(not_before=city.now + timedelta(hours=1)).code(city.now)


def _flipped(city: City, position: int) -> str:
    raw = bytearray(from_digits(city.phone().code(city.now)))
    raw[position] ^= 1
    return to_digits(bytes(raw))


REFUSALS = {
    "junk": (lambda _: "junk", Reason.NOT_OURS),
    "empty": (lambda _: "", Reason.NOT_OURS),
    "foreign address": (lambda _: "https://example.org/pay?id=1", Reason.NOT_OURS),
    "medical insurance code": (lambda _: "3607" + "0" * 24, Reason.NOT_OURS),
    "wrong length": (lambda city: city.phone().code(city.now)[:-17], Reason.DAMAGED),
    "group out of range": (
        lambda city: city.phone().code(city.now)[:17] + "9" * 17 + city.phone().code(city.now)[34:],
        Reason.DAMAGED,
    ),
    "certificate expired": (_expired, Reason.CERTIFICATE_EXPIRED),
    "certificate of tomorrow": (_not_yet, Reason.CERTIFICATE_NOT_YET_VALID),
    "screenshot": (
        lambda city: city.phone().code(city.now - timedelta(seconds=20)),
        Reason.STALE,
    ),
    "clock ahead": (
        lambda city: city.phone().code(city.now + timedelta(minutes=10)),
        Reason.CLOCK_AHEAD,
    ),
    "city without a key here": (
        lambda city: city.phone(region=110000).code(city.now),
        Reason.ISSUER_UNKNOWN,
    ),
    "another issuer's key": (
        lambda city: city.phone(SoftwareKey.generate(Algorithm.ED25519)).code(city.now),
        Reason.CERTIFICATE_FORGED,
    ),
    "proof changed": (lambda city: _flipped(city, -1), Reason.PROOF_FORGED),
    "representative": (
        lambda city: city.phone(represented=True).code(city.now),
        Reason.REPRESENTATIVE_NOT_ALLOWED,
    ),
    "other scene": (lambda city: city.phone().code(city.now, purpose=9), Reason.WRONG_PURPOSE),
    "other venue": (lambda city: city.phone().code(city.now, venue=8), Reason.WRONG_VENUE),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_each_bad_code_has_its_reason_on_the_page_and_in_the_journal(
    venue: Venue, name: str
) -> None:
    make, reason = REFUSALS[name]

    answer = venue.lanes[1].present_code(make(venue.city))  # type: ignore[no-untyped-call]

    assert _reason(answer) is reason
    assert venue.reasons() == [reason]
    assert venue.board.lanes()[0].answers[0].answer == answer.answer
    assert venue.opened() == 0


@pytest.mark.feature("S25")
@pytest.mark.parametrize(
    "text",
    [
        "https://u.wechat.com/abc",
        "WIFI:T:WPA;S:x;;",
        "285" + "0" * 15,
        "电子健康卡",
        "\x00\x1b[31m",
    ],
)
def test_somebody_elses_code_is_called_not_ours_never_expired(venue: Venue, text: str) -> None:
    answer = venue.lanes[1].present_code(text)

    assert _reason(answer) is Reason.NOT_OURS
    assert "过" not in answer.answer.headline.zh


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ("revoked", Reason.CARD_REVOKED),
        ("suspended", Reason.CARD_SUSPENDED),
        ("unbound_devices", Reason.DEVICE_UNBOUND),
    ],
)
def test_a_card_on_the_list_is_refused(venue: Venue, section: str, reason: Reason) -> None:
    phone = venue.city.phone()
    number = device_number(*phone.holder) if section == "unbound_devices" else phone.holder[0]
    newer = venue.city.status_list(epoch=2, sections={section: [number]})
    venue.snapshot.offer(Kind.STATUS_LIST, newer, None, venue.clock.now())

    answer = venue.lanes[1].present_code(phone.code(venue.clock.now()))

    assert _reason(answer) is reason
    assert venue.opened() == 0


def test_a_region_the_venue_does_not_take_is_refused_with_its_number(venue: Venue) -> None:
    rules = AdmissionRules(regions=frozenset({360100}))
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(rules), None, venue.clock.now())

    answer = venue.lanes[1].present_code(venue.city.phone().code(venue.clock.now()))

    assert _reason(answer) is Reason.REGION_NOT_ACCEPTED
    assert "360700" in answer.answer.headline.zh


@pytest.mark.parametrize(
    ("minutes", "said"), [(10, "快 600 秒"), (-10, "已过时 600 秒")], ids=["fast", "slow"]
)
def test_a_phone_clock_that_is_off_is_told_by_how_much(
    venue: Venue, minutes: int, said: str
) -> None:
    shown = venue.city.phone().code(venue.clock.now() + timedelta(minutes=minutes))

    assert said in venue.lanes[1].present_code(shown).answer.headline.zh


def test_no_single_flipped_bit_is_admitted(venue: Venue) -> None:
    raw = from_digits(venue.city.phone().code(venue.clock.now()))
    positions = [*range(0, 8 * 18, 3), *range(8 * 18, 8 * len(raw), 11)]
    for position in positions:
        changed = bytearray(raw)
        changed[position // 8] ^= 1 << position % 8
        answer = venue.lanes[1].present_code(to_digits(bytes(changed)))
        assert not answer.answer.verdict.opens, position

    assert venue.opened() == 0


@pytest.mark.parametrize("seconds", [-14, -5, 0, 5])
def test_a_phone_clock_a_step_off_is_accepted(venue: Venue, seconds: int) -> None:
    code = venue.city.phone().code(venue.clock.now() + timedelta(seconds=seconds))

    assert venue.lanes[1].present_code(code).answer.verdict is Verdict.ADMIT


def test_the_same_code_still_in_view_is_one_visit(venue: Venue) -> None:
    code = venue.city.phone().code(venue.clock.now())
    first = venue.lanes[1].present_code(code)
    for _ in range(10):
        venue.clock.advance(1)
        again = venue.lanes[1].present_code(code)

        assert again.again
        assert again.answer_id == first.answer_id
        assert again.answer.verdict is Verdict.ADMIT

    assert venue.opened() == 1
    assert len(venue.journal.unsent(10)) == 1
    assert len(venue.board.lanes()[0].answers) == 1


def test_a_phone_held_there_through_many_codes_is_one_visit(venue: Venue) -> None:
    phone = venue.city.phone()
    for _ in range(60):
        venue.lanes[1].present_code(phone.code(venue.clock.now()))
        venue.clock.advance(1)

    assert venue.opened() == 1
    assert len(venue.journal.unsent(10)) == 1


def test_two_phones_in_view_are_two_visits(venue: Venue) -> None:
    phones = [venue.city.phone(), venue.city.phone()]
    for _ in range(20):
        for phone in phones:
            venue.lanes[1].present_code(phone.code(venue.clock.now()))
        venue.clock.advance(1)

    assert venue.opened() == 2
    assert venue.reasons() == [None, None]


def test_the_same_code_later_at_the_same_lane_is_already_used(venue: Venue) -> None:
    code = venue.city.phone().code(venue.clock.now())
    venue.lanes[1].present_code(code)
    venue.clock.advance(5)

    answer = venue.lanes[1].present_code(code)

    assert _reason(answer) is Reason.REPLAYED
    assert "1 号通道" in answer.answer.headline.zh
    assert venue.opened() == 1


def test_the_code_of_a_phone_still_in_view_cannot_be_used_next_door(venue: Venue) -> None:
    phone = venue.city.phone()
    venue.lanes[1].present_code(phone.code(venue.clock.now()))
    for _ in range(6):
        venue.clock.advance(1)
        venue.lanes[1].present_code(phone.code(venue.clock.now()))

    answer = venue.lanes[2].present_code(phone.code(venue.clock.now()))

    assert _reason(answer) is Reason.REPLAYED


def test_a_copy_at_the_other_lane_is_replayed_and_both_lanes_are_recorded(venue: Venue) -> None:
    code = venue.city.phone().code(venue.clock.now())
    venue.lanes[1].present_code(code)
    venue.clock.advance(1)

    answer = venue.lanes[2].present_code(code)

    assert _reason(answer) is Reason.REPLAYED
    scan = venue.journal.unsent(10)[-1]
    assert (scan.lane, scan.detail["lane"]) == (2, 1)
    assert venue.opened() == 1


def test_a_replay_is_seen_after_a_restart(venue: Venue, make_venue: VenueMaker) -> None:
    code = venue.city.phone().code(venue.clock.now())
    venue.lanes[1].present_code(code)
    venue.clock.advance(4)

    restarted = make_venue(venue.folder, venue.clock)
    answer = restarted.lanes[2].present_code(code)

    assert _reason(answer) is Reason.REPLAYED
    assert restarted.opened() == 0


def test_a_forged_code_cannot_make_the_true_one_a_replay(
    venue: Venue, make_venue: VenueMaker
) -> None:
    phone = venue.city.phone()
    now = venue.clock.now()
    forged = bytearray(from_digits(phone.code(now, counter=2**24 - 1)))
    forged[-1] ^= 1
    venue.lanes[1].present_code(to_digits(bytes(forged)))

    restarted = make_venue(venue.folder, venue.clock)
    answer = restarted.lanes[2].present_code(phone.code(now))

    assert answer.answer.verdict is Verdict.ADMIT


def test_without_lists_nobody_is_admitted_and_staff_read_why(make_venue: VenueMaker) -> None:
    venue = make_venue()

    answer = venue.lanes[1].present_code(venue.city.phone().code(venue.clock.now()))

    assert _reason(answer) is Reason.LISTS_MISSING
    assert answer.answer.verdict is Verdict.SYSTEM
    assert venue.opened() == 0


@pytest.mark.feature("U3")
def test_lists_past_their_date_say_how_old_they_are(venue: Venue) -> None:
    venue.clock.advance(73 * 3600)

    answer = venue.lanes[1].present_code(venue.city.phone().code(venue.clock.now()))

    assert _reason(answer) is Reason.LISTS_TOO_OLD
    assert "73" in answer.answer.headline.zh


def test_a_physical_card_is_looked_at_where_the_venue_allows_it(venue: Venue) -> None:
    answer = venue.lanes[2].present_card(CARD)

    assert answer.answer.verdict is Verdict.LOOK
    assert _reason(answer) is Reason.CARD_NOT_AUTHENTICATED
    assert venue.opened() == 1
    [scan] = venue.journal.unsent(10)
    assert (scan.medium, scan.region) == (Medium.CARD, REGION)
    assert scan.card_digest == card_digest(CODE.raw).hex()


def test_a_physical_card_is_refused_where_the_venue_does_not_allow_it(venue: Venue) -> None:
    rules = replace(OPEN_RULES, unauthenticated_card=UnauthenticatedCard.REFUSE)
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(rules), None, venue.clock.now())

    answer = venue.lanes[2].present_card(CARD)

    assert answer.answer.verdict is Verdict.REFUSE
    assert venue.opened() == 0


@pytest.mark.feature("U17")
def test_an_expired_physical_card_is_refused_with_its_date(venue: Venue) -> None:
    last_day = venue.clock.now().date()
    on_its_day = venue.lanes[2].present_card(replace(CARD, expires_on=last_day))
    after = venue.lanes[2].present_card(replace(CARD, expires_on=last_day - timedelta(days=1)))

    assert on_its_day.answer.verdict is Verdict.LOOK
    assert _reason(after) is Reason.CARD_EXPIRED
    assert "2026-11-21" in after.answer.headline.zh


@pytest.mark.parametrize(
    ("section", "reason"),
    [("revoked_cards", Reason.CARD_REVOKED), ("suspended_cards", Reason.CARD_SUSPENDED)],
)
def test_a_physical_card_on_the_list_is_refused(venue: Venue, section: str, reason: Reason) -> None:
    newer = venue.city.status_list(
        epoch=2, sections={section: [card_number_of(card_digest(CODE.raw))]}
    )
    venue.snapshot.offer(Kind.STATUS_LIST, newer, None, venue.clock.now())

    assert _reason(venue.lanes[2].present_card(CARD)) is reason
    assert venue.opened() == 0


@pytest.mark.parametrize(
    "reason",
    [
        Reason.UNKNOWN_CARD_TYPE,
        Reason.CARD_REMOVED,
        Reason.CARD_MUTE,
        Reason.CARD_UNREADABLE,
        Reason.READER_SERVICE_DOWN,
    ],
)
def test_a_card_that_was_not_read_is_recorded(venue: Venue, reason: Reason) -> None:
    answer = venue.lanes[2].present_card(RefusedCard(reason, "cause"))

    assert _reason(answer) is reason
    assert venue.reasons() == [reason]
    assert venue.opened() == 0


def test_a_broken_device_is_recorded_once_and_shown_until_it_works(venue: Venue) -> None:
    lane = venue.lanes[1]
    lane.report_fault(Reason.CAMERA_LOST, Medium.ECODE)
    lane.report_fault(Reason.CAMERA_LOST, Medium.ECODE)

    assert list(venue.board.lanes()[0].faults) == [Reason.CAMERA_LOST]
    assert venue.reasons() == [Reason.CAMERA_LOST]

    lane.clear_fault(Reason.CAMERA_LOST)
    assert not venue.board.lanes()[0].faults


def test_a_gate_that_does_not_open_is_told_to_staff(venue: Venue) -> None:
    class Stuck(RecordingGate):
        @override
        def open_once(self, now: datetime) -> None:
            raise GateFailed

    venue.lanes[1]._gate = Stuck()
    answer = venue.lanes[1].present_code(venue.city.phone().code(venue.clock.now()))

    assert answer.gate_failed
    assert len(venue.journal.unsent(10)) == 1


def test_hostile_text_and_card_numbers_stay_out_of_the_log(
    venue: Venue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hostile = "\x1b[31mROOT\n2026 admit" + secrets.token_hex(8)
    phone = venue.city.phone()
    code = phone.code(venue.clock.now())
    venue.lanes[1].present_code(hostile)
    venue.lanes[1].present_code(code)
    venue.lanes[2].present_card(CARD)

    assert caplog.records
    assert hostile not in caplog.text
    assert "ROOT" not in caplog.text
    assert code not in caplog.text
    assert str(phone.holder[0]) not in caplog.text
    assert CODE.raw.hex() not in caplog.text.lower()


def test_an_error_in_one_presentation_names_itself_only_and_the_lane_goes_on(
    venue: Venue, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("quoting a hostile code")

    with venue.lanes[1].going_on():
        fail()

    assert "ValueError" in caplog.text
    assert "hostile" not in caplog.text
