"""Anti-passback 反潜回 at the lanes of one reader: hard, soft and timed, over restarts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reader_service.lane.board import LaneAnswer
from shared.admission.answer import Verdict
from shared.admission.condition import Condition
from shared.admission.holder_conditions import local_midnight
from shared.admission.time_conditions import NotInside, Passback, SinceLastEntry
from shared.clock import ManualClock
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from tests.reader_service.city import OPEN_RULES, Phone
from tests.reader_service.conftest import Venue, VenueMaker

HARD, SOFT = NotInside(Passback.HARD), NotInside(Passback.SOFT)
TIMED = SinceLastEntry(30)


def _made(make_venue: VenueMaker, condition: Condition, clock: ManualClock | None = None) -> Venue:
    venue = make_venue(clock=clock, directions=("in", "out"))
    venue.city.fill(venue.snapshot, replace(OPEN_RULES, conditions=(condition,)))
    return venue


def _show(venue: Venue, phone: Phone, lane: int = 1) -> LaneAnswer:
    venue.clock.advance(20)
    return venue.lanes[lane].present_code(phone.code(venue.clock.now()))


def _said(answer: LaneAnswer) -> tuple[Verdict, Reason | None, int]:
    return answer.answer.verdict, answer.answer.reason, answer.persons


REFUSED = (Verdict.REFUSE, Reason.ALREADY_INSIDE, 0)


@pytest.mark.feature("S84")
def test_hard_who_is_inside_comes_in_again_only_after_going_out(make_venue: VenueMaker) -> None:
    venue = _made(make_venue, HARD)
    phone, other = venue.city.phone(), venue.city.phone()

    assert _show(venue, phone).persons == 1
    assert _said(_show(venue, phone)) == REFUSED
    assert _show(venue, other).persons == 1, "another person is not meant"
    again = _made(make_venue, HARD, venue.clock)
    assert _said(_show(again, phone)) == REFUSED, "a restart forgets nobody"
    assert _show(again, phone, lane=2).persons == 1
    assert _show(again, phone).persons == 1


def test_soft_they_come_in_and_staff_look(make_venue: VenueMaker) -> None:
    venue = _made(make_venue, SOFT)
    phone = venue.city.phone()
    _show(venue, phone)

    again = _show(_made(make_venue, SOFT, venue.clock), phone)

    assert (again.answer.verdict, again.persons) == (Verdict.LOOK, 1)
    assert "场内" in again.answer.headline.zh


def test_by_midnight_everybody_is_out(make_venue: VenueMaker) -> None:
    venue = _made(make_venue, HARD)
    phone, now = venue.city.phone(), venue.clock.now()
    to_midnight = local_midnight(local_day(now) + timedelta(days=1)) - now
    venue.clock.advance(to_midnight.total_seconds() - 60)
    assert _show(venue, phone).persons == 1
    assert _said(_show(venue, phone)) == REFUSED

    venue.clock.advance(60)

    assert _show(venue, phone).persons == 1


def test_timed_they_come_in_again_after_the_time(make_venue: VenueMaker) -> None:
    venue = _made(make_venue, TIMED)
    phone = venue.city.phone()
    _show(venue, phone)

    again = _made(make_venue, TIMED, venue.clock)
    assert _said(_show(again, phone)) == (Verdict.REFUSE, Reason.TOO_SOON, 0)
    again.clock.advance(30 * 60)
    assert _show(again, phone).persons == 1


def test_an_entry_that_was_taken_back_keeps_nobody_out(make_venue: VenueMaker) -> None:
    venue = _made(make_venue, HARD)
    phone = venue.city.phone()
    entry = _show(venue, phone)
    venue.lanes[1].take_back("a" * 32, entry.answer_id, "gate")

    assert _show(_made(make_venue, HARD, venue.clock), phone).persons == 1
