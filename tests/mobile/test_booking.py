"""Finding a venue and booking it, by touches: the whole way, and what may go wrong on it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from mobile.core import moments
from mobile.core.card import read_instant
from mobile.core.venue import Position
from tests.mobile.booking_desk import refused, venue
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running


def at(office: CardOffice, hour: int, days: int = 1) -> datetime:
    """Return an hour of a day to come, in the city."""
    midnight = office.clock.now().replace(hour=16, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=days - 1, hours=hour)


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    """An office with a memorial that has a free slot and a full one, and a shut museum."""
    booking = office.booking
    booking.venues = [
        venue(1, "长征纪念园"),
        venue(2, "赣州博物馆", openNow=False, accessibility=[], needsBooking=False),
    ]
    booking.add_slot("ten", at(office, 10))
    booking.add_slot("eleven", at(office, 11), free=0, waiting=3)
    return office


@pytest.fixture
def ui(enrolled: Phone, office: CardOffice) -> Iterator[UI]:
    """The app where venues are looked for."""
    assert office.booking.venues
    enrolled.position = Position(25.830_123, 114.930_123)
    with running(enrolled) as ui:
        _to_venues(ui)
        ui.wait(lambda: ui.shows("长征纪念园"))
        yield ui


def open_slots(ui: UI) -> None:
    """Come to the slots of the memorial."""
    touch(ui, "VenueRow", "长征纪念园")
    ui.tap("选时间预约")
    ui.wait(lambda: ui.shows("几点去？"))


def wait_for(ui: UI, words: str) -> None:
    """Wait until the screen shows `words`."""
    ui.wait(lambda: ui.shows(words))


def touch(ui: UI, kind: str, words: str) -> None:
    """Touch the row of that kind that holds `words`."""
    for widget in ui.widgets():
        line = getattr(widget, "line", None)
        if type(widget).__name__ == kind and words in str(line):
            ui.touch(widget)
            return
    raise AssertionError(f"no {kind} with {words}; the screen says {ui.texts()}")


def _to_venues(ui: UI) -> None:
    ui.tap("预约")
    ui.wait(lambda: ui.shows("现在没有预约"))  # what moves while it is read is not where it was
    ui.tap("找场馆、预约")


def test_book_then_the_ticket_then_offline_then_cancel(office: CardOffice, enrolled: Phone) -> None:
    with running(enrolled) as ui:
        _to_venues(ui)
        ui.wait(lambda: ui.shows("长征纪念园"))
        open_slots(ui)
        assert ui.shows("余 12")
        touch(ui, "SlotRow", "10:00")
        assert ui.shows("连您自己，一共几个人？")
        ui.app.models.place.acting = True
        assert ui.shows("连家人本人，一共几个人？"), "it is not the delegate who goes"
        ui.app.models.place.acting = False
        for _ in range(3):
            ui.tap("more")
        assert ui.shows("4 人")
        ui.tap("下一步")
        ui.wait(lambda: ui.shows("名额为您留着"))
        assert ui.shows("还剩")
        ui.tap("确认预约")
        ui.wait(lambda: ui.shows("预约好了"))
        ui.tap("看票")
        ui.wait(lambda: ui.shows("10:00 起可入场"))
        assert ui.shows("4 人")
        ui.tap("出示我的码")
        assert ui.code() is not None
    assert [one["quantity"] for one in office.booking.bookings] == [4]
    assert office.booking.slots[0]["free"] == 8

    enrolled.online = False
    with running(enrolled) as ui:
        ui.tap("预约")
        assert ui.shows("已预约")
        touch(ui, "BookingRow", "长征纪念园")
        ui.tap("取消预约")
        ui.tap("确定取消")
        ui.wait(lambda: ui.shows("这次可能没有办成"))

    enrolled.online = True
    with running(enrolled) as ui:
        ui.tap("预约")
        touch(ui, "BookingRow", "长征纪念园")
        ui.tap("取消预约")
        ui.tap("确定取消")
        ui.wait(lambda: ui.shows("的预约已取消"))
    assert office.booking.bookings[0]["state"] == "CANCELLED"


def test_a_lost_answer_and_a_second_touch_book_once(ui: UI, office: CardOffice) -> None:
    open_slots(ui)
    touch(ui, "SlotRow", "10:00")
    office.loses_answers = True
    ui.tap("下一步")
    ui.wait(lambda: ui.shows("不会重复办理"))
    assert len(office.booking.bookings) == 1, "it was done, and the phone does not know"
    office.loses_answers = False
    ui.tap("下一步")
    ui.wait(lambda: ui.shows("名额为您留着"))
    assert len(office.booking.bookings) == 1
    assert len(set(office.booking.keys)) == 1

    ui.tap("不要了")
    assert ui.shows("不要这些名额了吗？")
    ui.tap("不取消，保留")
    assert ui.shows("名额为您留着")
    ui.tap("不要了")
    ui.tap("确定不要")
    ui.wait(lambda: ui.shows("几点去？"))
    touch(ui, "SlotRow", "10:00")
    ui.tap("下一步")
    ui.wait(lambda: ui.shows("名额为您留着"))
    assert len(office.booking.bookings) == 2, "another wish is another booking"


def test_what_filled_up_meanwhile_offers_the_next_time_or_the_waiting_list(
    ui: UI, office: CardOffice
) -> None:
    office.booking.add_slot("later", at(office, 9, days=3))
    open_slots(ui)
    touch(ui, "SlotRow", "10:00")
    office.booking.slots[0]["free"] = 0
    ui.tap("下一步")
    ui.wait(lambda: ui.shows("该时段剩余名额不足"))
    assert ui.shows("加入候补")
    assert office.booking.bookings == []
    ui.tap("next_free")
    ui.wait(lambda: ui.shows("名额为您留着"))
    assert office.booking.bookings[0]["slot"] == "later"


def test_a_full_slot_has_a_waiting_list(ui: UI, office: CardOffice) -> None:
    open_slots(ui)
    assert ui.shows("3 个在候补")
    touch(ui, "SlotRow", "11:00–")
    ui.tap("加入候补")
    ui.wait(lambda: ui.shows("已加入候补"))
    assert office.booking.bookings[0]["state"] == "WAITING"
    ui.tap("看我的候补")
    ui.wait(lambda: ui.shows("先不要去"))


def test_a_hold_that_ended_is_told_and_leads_back_to_the_times(ui: UI, office: CardOffice) -> None:
    open_slots(ui)
    touch(ui, "SlotRow", "10:00")
    ui.tap("下一步")
    ui.wait(lambda: ui.shows("名额为您留着"))
    ui.later(605, step=10)
    assert ui.shows("保留时间过了")
    assert not ui.shows("确认预约")
    ui.tap("选别的时间")
    ui.wait(lambda: ui.shows("几点去？"))
    assert office.booking.bookings[0]["state"] == "HELD"


def test_a_refusal_is_told_with_its_next_step_and_nothing_is_lost(
    ui: UI, office: CardOffice
) -> None:
    office.booking.refuse = refused("too_many_places", "每人最多预约2个名额。", "请减少人数。")
    open_slots(ui)
    touch(ui, "SlotRow", "10:00")
    for _ in range(9):
        ui.tap("more")
    assert ui.shows("5 人"), "no more than one person may book"
    ui.tap("下一步")
    ui.wait(lambda: ui.shows("请减少人数"))
    assert ui.shows("5 人")
    ui.tap("less")
    assert ui.shows("4 人")


def test_venues_are_found_near_open_and_without_steps(ui: UI, office: CardOffice) -> None:
    assert ui.shows("赣州博物馆")
    ui.tap("现在开门")
    ui.wait(lambda: not ui.shows("赣州博物馆"))
    ui.tap("轮椅能进")
    ui.tap("离我近")
    ui.wait(lambda: ui.shows("450 米"))
    asked = office.booking.searched[-1]
    assert asked["near"] == {"latitude": 25.83, "longitude": 114.93}, "no closer than needed"
    known = ui.app._services.venues.known
    assert known is not None
    assert "distance" not in str(known.to_wire()), "it would tell where the phone was"
    assert asked["accessibility"] == ["WHEELCHAIR"]

    touch(ui, "VenueRow", "长征纪念园")
    for words in ("要，先预约再来", "轮椅能进、无障碍卫生间", "社会保障卡", "今天不开门"):
        wait_for(ui, words)


def test_without_a_position_it_says_what_to_do(office: CardOffice, enrolled: Phone) -> None:
    assert office.booking.venues
    with running(enrolled) as ui:
        ui.go("venues")
        ui.tap("离我近")
        ui.wait(lambda: ui.shows("不知道您在哪里"))


def test_without_network_venues_are_those_found_last_and_say_nothing_stale(
    office: CardOffice, enrolled: Phone
) -> None:
    assert office.booking.venues
    with running(enrolled) as ui:
        ui.go("venues")
        wait_for(ui, "关门")

    enrolled.online = False
    with running(enrolled) as ui:
        ui.go("venues")
        wait_for(ui, "连不上服务器")
        assert ui.shows("上次找到的")
        assert ui.shows("长征纪念园")
        assert ui.shows("联网后才知道")
        assert not ui.shows("关门")


@pytest.mark.feature("A29")
def test_elder_mode_asks_one_thing_a_screen(ui: UI, office: CardOffice) -> None:
    ui.tap("码")
    ui.tap("长辈版")
    ui.tap("预约")
    ui.tap("找场馆、预约")
    assert ui.shows("想找什么样的？")
    assert not ui.shows("长征纪念园")
    ui.tap("找一找")
    ui.wait(lambda: ui.shows("长征纪念园"))
    touch(ui, "VenueRow", "长征纪念园")
    ui.tap("选时间预约")
    ui.wait(lambda: ui.shows("哪一天去？"))
    assert not ui.shows("几点去？")
    touch(ui, "DayRow", "明天")
    assert ui.shows("几点去？")
    touch(ui, "SlotRow", "10:00")
    ui.tap("朗读")
    assert "一共几个人" in ui.phone.speech.said[-1][0]
    ui.tap("下一步")
    ui.wait(lambda: ui.shows("名额为您留着"))
    until = moments.minute(read_instant(office.booking.bookings[0]["expiresAt"]))
    assert ui.shows(f"{until} 前点“确认预约”就行。"), "no seconds run: nobody is hurried"
    assert not any("还剩" in text for text in ui.texts())
    ui.tap("确认预约")
    ui.wait(lambda: ui.shows("预约好了"))
    assert office.booking.bookings[0]["state"] == "CONFIRMED"
