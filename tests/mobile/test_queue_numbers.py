"""Checking in for an appointment 报到取号, and the number until it is called (S39)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.mobile.booking_desk import both, venue
from tests.mobile.card_office import CardOffice
from tests.mobile.test_bookings import open_row
from tests.support.ui import UI


@pytest.fixture
def visit(office: CardOffice) -> dict[str, Any]:
    """An appointment in half an hour; checking in began half an hour ago."""
    office.booking.venues = [venue(8, "虔城医院", kind="HOSPITAL")]
    start = office.clock.now() + timedelta(minutes=30)
    opens = (start - timedelta(hours=1)).isoformat()
    more: dict[str, Any] = {"kind": "APPOINTMENT", "title": both("内科门诊"), "checkInFrom": opens}
    slot = office.booking.add_slot("clinic", start, **more)
    return office.booking.add_booking(slot)


@pytest.fixture
def ui(visit: dict[str, Any], ui: UI) -> UI:
    """The app on the ticket."""
    ui.tap("预约")
    ui.wait(lambda: ui.shows("虔城医院"))
    open_row(ui)
    ui.wait(lambda: ui.shows("报到取号"))
    assert visit["queue"] is None
    return ui


@pytest.mark.feature("S39")
def test_a_number_is_taken_once_though_the_answer_is_lost_and_followed_until_it_is_called(
    ui: UI, visit: dict[str, Any], office: CardOffice
) -> None:
    assert ui.shows("现在可以报到")
    office.loses_answers = True
    ui.tap("报到取号")
    ui.wait(lambda: ui.shows("这次可能没有办成"))
    office.loses_answers = False
    ui.tap("报到取号")
    ui.wait(lambda: ui.shows("报到好了"))
    assert len(office.booking.keys) == 2
    assert office.booking.numbers == 4  # two requests, one number
    assert ui.shows("前面还有 3 人")
    assert "4" in ui.texts()
    for gone in ("报到取号", "改到别的时间"):
        assert not ui.shows(gone)

    visit["queue"]["ahead"] = 0
    ui.later(16)
    ui.wait(lambda: ui.shows("下一个就是您"))
    visit["queue"].update(state="CALLED", ahead=None, desk="3诊室")
    ui.later(16)
    ui.wait(lambda: ui.shows("叫到您了，请到 3诊室"))


def test_a_missed_call_says_so_and_the_number_is_taken_up_again(
    ui: UI, visit: dict[str, Any], office: CardOffice
) -> None:
    visit["queue"] = {"number": 9, "state": "MISSED", "ahead": None, "desk": "2诊室", "late": True}
    office.booking.numbers = 8
    ui.later(61)
    ui.wait(lambda: ui.shows("叫过您的号"))
    visit.update(state="ATTENDED")  # its slot is over meanwhile
    ui.tap("我来了，重新排队")
    ui.wait(lambda: ui.shows("前面还有 8 人"))
    ui.press(27)
    assert ui.shows("接下来")  # it is not over, whatever its slot is
