"""A configuration code 配置码 at a lane: turns it once, journal first, or does nothing."""

import io
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread

import cv2
import numpy as np
import pytest
import segno

from reader_service.decode.code_reader import open_code_reader
from reader_service.journal import JournalFull
from reader_service.lane.board import LaneState
from reader_service.lane.lane_codes import (
    NOT_BELIEVED,
    ONE_WAY,
    REFUSED,
    TURNED,
    TURNED_BY,
)
from reader_service.settings import DecoderName
from reader_service.snapshot import Kind
from shared.admission.answer import Verdict
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.trust.lane_code import LaneCode, encode_lane_code, is_lane_code
from shared.trust.list_update import is_list_update
from shared.wire.scans import Direction
from tests.reader_service.city import LIST_KEY_ID, REGION, VENUE, City
from tests.reader_service.conftest import Venue, VenueMaker

MAKER = "stf_abcdefghijklmnopqrstuvwxyz"
OUT, IN = Direction.OUT, Direction.IN


def _code(
    city: City, way: Direction = OUT, *, key: SoftwareKey | None = None, **changed: object
) -> str:
    until = city.now + timedelta(hours=12)
    usual = LaneCode(REGION, VENUE, None, way is OUT, MAKER, city.now, until)
    made = replace(usual, **changed)  # type: ignore[arg-type]
    return encode_lane_code(made, key or city.list_key, LIST_KEY_ID)


def _turns(venue: Venue) -> list[tuple[int, str, object]]:
    return [
        (row.lane, row.direction.value, row.detail[TURNED_BY])
        for row in venue.journal.unsent(100)
        if TURNED_BY in row.detail
    ]


def _out(venue: Venue, lane: int = 2) -> bool:
    return next(one.out for one in venue.board.lanes() if one.number == lane)


@pytest.fixture
def turning(make_venue: VenueMaker, city: City) -> Venue:
    """Lane 1 lets in alone, lane 2 both ways."""
    made = make_venue(directions=("in", "both"))
    city.fill(made.snapshot)
    return made


@pytest.mark.parametrize("decoder", ["pyzbar", "zxing-cpp"])
def test_a_cameras_picture_of_a_printed_code_turns_the_lane_and_the_page_hears_of_it(
    turning: Venue, decoder: DecoderName
) -> None:
    """Without any network: by the lists that the reader holds."""
    qr = segno.make(_code(turning.city), mode="numeric", error="m")
    drawn = io.BytesIO()
    qr.save(drawn, kind="png", scale=4, border=4)
    shown = cv2.imdecode(np.frombuffer(drawn.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown is not None
    frame = np.full((720, 1280), 200, np.uint8)
    frame[150:570, 430:850] = cv2.resize(shown, (420, 420), interpolation=cv2.INTER_AREA)
    frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), 0.7), np.uint8)
    [seen] = open_code_reader((decoder,)).read(frame)
    phone = turning.city.phone()

    answer = turning.lanes[2].present_code(seen)

    assert (answer.answer.headline, answer.persons) == (TURNED[OUT], 0)
    assert turning.opened() == 0, "a configuration code lets nobody through"
    assert _turns(turning) == [(2, "out", MAKER)]
    told = [one for one in turning.told if isinstance(one, LaneState)]
    assert (told[-1].number, told[-1].out) == (2, True)
    turning.clock.advance(5)
    left = turning.lanes[2].present_code(phone.code(turning.clock.now()))
    assert (left.out, left.persons) == (True, 1)


def test_shown_again_it_turns_nothing_back_and_writes_nothing(turning: Venue) -> None:
    code, lane = _code(turning.city), turning.lanes[2]
    answers = []
    for seconds in (0, 0.5, 1, 4, 60):
        turning.clock.advance(seconds)
        answers.append(lane.present_code(code))

    assert [one.answer.verdict for one in answers] == [Verdict.AGAIN] * 5
    assert answers[0].answer_id == answers[2].answer_id, "held there, it is one showing"
    assert _out(turning)
    assert len(_turns(turning)) == 1


def test_two_opposite_codes_in_one_view_do_not_turn_it_to_and_fro(turning: Venue) -> None:
    out, back, lane = _code(turning.city), _code(turning.city, IN), turning.lanes[2]
    for _ in range(10):
        for code in (out, back):
            lane.present_code(code)
        turning.clock.advance(1)

    assert len(_turns(turning)) == 2
    assert not _out(turning)
    shown = [lane.present_code(code) for code in (out, back)]
    assert {one.answer.headline for one in shown} == {TURNED[IN]}, "what holds now is what is told"


def test_what_is_not_to_be_believed_turns_nothing(turning: Venue) -> None:
    city, lane = turning.city, turning.lanes[2]
    turning.clock.advance(3600)
    stranger = SoftwareKey.generate(Algorithm.ED25519)
    good = _code(city)
    middle = len(good) // 2
    changed = good[:middle] + str((int(good[middle]) + 1) % 10) + good[middle + 1 :]
    ended = _code(city, valid_until=turning.clock.now())
    for text, words in [
        (_code(city, key=stranger), NOT_BELIEVED),
        (_code(city, key=city.issuer), NOT_BELIEVED),
        (_code(city, region=110000), NOT_BELIEVED),
        (_code(city, issued_at=turning.clock.now() + timedelta(minutes=6)), NOT_BELIEVED),
        (changed, NOT_BELIEVED),
        (good[:-20], NOT_BELIEVED),
        (good[:17], NOT_BELIEVED),
        (_code(city, venue=VENUE + 1), REFUSED["not_for_this_reader"]),
        (_code(city, lane=1), REFUSED["not_for_this_reader"]),
        (ended, REFUSED["expired"]),
    ]:
        answer = lane.present_code(text).answer
        assert (answer.headline, answer.verdict) == (words[0], Verdict.REFUSE)
    one_way = turning.lanes[1].present_code(good).answer
    assert one_way.headline == REFUSED[ONE_WAY][0]
    assert not _out(turning)
    assert not _out(turning, 1)
    assert (turning.opened(), turning.journal.unsent(100)) == (0, [])
    assert lane.present_code(_code(city, lane=2)).answer.headline == TURNED[OUT]


def test_revoked_codes_end_with_the_next_manifest_and_a_newer_one_holds(turning: Venue) -> None:
    city, lane = turning.city, turning.lanes[2]
    before = _code(city)
    turning.clock.advance(60)
    city.now = turning.clock.now()
    manifest = city.manifest(lane_codes_since=city.now)
    turning.snapshot.offer(Kind.MANIFEST, manifest, None, city.now)

    assert lane.present_code(before).answer.headline == REFUSED["revoked"][0]
    assert not _out(turning)
    assert lane.present_code(_code(city)).answer.headline == TURNED[OUT]


def test_nothing_turns_that_the_journal_did_not_take(
    turning: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise JournalFull

    with monkeypatch.context() as disk:
        disk.setattr(turning.journal, "append", full)
        answer = turning.lanes[2].present_code(_code(turning.city))
    assert answer.answer.verdict is not Verdict.AGAIN
    assert not _out(turning)
    assert turning.lanes[2].present_code(_code(turning.city)).answer.headline == TURNED[OUT]


def test_shown_while_visitors_are_admitted_each_of_them_goes_one_way_alone(turning: Venue) -> None:
    """Codes turn the lane to and fro while forty phones are shown by another thread."""
    city, lane = turning.city, turning.lanes[2]
    phones = [city.phone().code(city.now) for _ in range(40)]
    ways = [_code(city, (OUT, IN)[n % 2], made_by=f"stf_{n}") for n in range(20)]
    start = Barrier(2)

    def admit() -> None:
        start.wait()
        answers.extend(lane.present_code(code) for code in phones)

    answers: list[object] = []
    visitors = Thread(target=admit)
    visitors.start()
    start.wait()
    for code in ways:
        lane.present_code(code)
    visitors.join()

    rows = turning.journal.unsent(100)
    passed = [row for row in rows if row.persons]
    assert len(passed) == len(phones) == turning.opened()
    assert len(_turns(turning)) == len(ways)
    way = IN
    for row in rows:
        if TURNED_BY in row.detail:
            way = row.direction
        else:
            assert row.direction is way, "a visitor went the way that the journal had last"


@pytest.mark.parametrize("one_at_a_time", [True, False])
def test_a_turn_waits_until_the_visitor_before_it_is_through(
    turning: Venue, monkeypatch: pytest.MonkeyPatch, *, one_at_a_time: bool
) -> None:
    """The negative control: without the lane's lock the turn comes between answer and gate."""
    lane, gate, at_gate, go = turning.lanes[2], turning.gates[2], Event(), Event()
    opens = gate.open_once

    def slow(now: datetime) -> None:
        at_gate.set()
        go.wait(5)
        opens(now)

    monkeypatch.setattr(gate, "open_once", slow)
    if not one_at_a_time:
        monkeypatch.setattr(lane, "_one_at_a_time", nullcontext())
    shown = turning.city.phone().code(turning.city.now), _code(turning.city)
    visitor, staff = (Thread(target=lane.present_code, args=(one,)) for one in shown)
    visitor.start()
    assert at_gate.wait(5)
    staff.start()
    staff.join(0.3)
    assert _out(turning) is not one_at_a_time

    go.set()
    visitor.join()
    staff.join()
    assert (_out(turning), turning.opened()) == (True, 1)


def test_a_phone_still_before_the_lane_does_not_go_back_out_with_the_turn(turning: Venue) -> None:
    phone, lane = turning.city.phone(), turning.lanes[2]
    entered = lane.present_code(phone.code(turning.clock.now()))
    turning.clock.advance(1)
    lane.present_code(_code(turning.city))
    turning.clock.advance(1)
    still = lane.present_code(phone.code(turning.clock.now()))

    assert (still.answer_id, still.again) == (entered.answer_id, True)
    assert turning.opened() == 1


def test_no_other_code_is_taken_for_one(city: City) -> None:
    code = _code(city)
    assert is_lane_code(code)
    assert not is_list_update(code)
    assert not is_lane_code(city.phone().code(city.now))
    assert not any(map(is_lane_code, ["", "1", "x" * 500, "9" * 8000, "９" * 17]))
    with pytest.raises(ValueError, match="made_by"):
        _code(city, made_by="某人")
