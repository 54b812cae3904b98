"""我的预约: the list, the ticket, its code, giving it back, and all that without a network."""

from datetime import datetime, timedelta

import pytest

from shared.clock import LOCAL_ZONE
from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    """An office with a memorial, a slot tomorrow at ten and four places of it booked."""
    office.booking.venues = [venue(1, "长征纪念园")]
    office.booking.add_slot("ten", morning(office) + timedelta(days=1))
    office.booking.add_booking(office.booking.slots[0], quantity=4)
    return office


@pytest.fixture
def ui(office: CardOffice, ui: UI) -> UI:
    """The app on the list."""
    assert office.booking.bookings
    ui.tap("预约")
    ui.wait(lambda: ui.shows("长征纪念园"))
    return ui


def morning(office: CardOffice) -> datetime:
    """Return ten o'clock in the city, today."""
    return office.clock.now().replace(hour=2, minute=0, second=0, microsecond=0)


def open_row(ui: UI, index: int = 0) -> None:
    """Touch a booking of the list."""
    ui.touch(list(ui.widgets(_row()))[index])


def read_again(ui: UI, words: str) -> None:
    """Come to the list anew, until it shows `words`."""
    ui.tap("卡包")
    ui.tap("预约")
    ui.wait(lambda: ui.shows(words))


def _row() -> type:
    from mobile.ui.screens.bookings.screen import BookingRow  # noqa: PLC0415, needs a window

    return BookingRow


def test_the_ticket_says_where_when_and_how_many_and_its_code_is_one_touch_away(ui: UI) -> None:
    open_row(ui)
    for words in ("长征纪念园", "长征纪念园路 1 号", "明天", "10:00–11:00", "4 人", "已预约"):
        assert ui.shows(words), words
    assert ui.shows("10:00 起可入场")

    before = ui.touches
    ui.tap("出示我的码")
    assert ui.code() is not None
    assert ui.touches - before == 1
    ui.press(27)
    ui.wait(lambda: ui.shows("10:00 起可入场"))


def test_cancelling_says_what_it_costs_asks_once_and_is_done_once(
    ui: UI, office: CardOffice
) -> None:
    open_row(ui)
    ui.tap("取消预约")
    assert ui.shows("现在取消是免费的")
    ui.tap("不取消，保留")
    assert office.booking.keys == []

    ui.tap("取消预约")
    office.loses_answers = True
    ui.tap("确定取消")
    ui.wait(lambda: ui.shows("这次可能没有办成"))
    office.loses_answers = False
    ui.tap("取消预约")
    ui.tap("确定取消")
    ui.wait(lambda: ui.shows("的预约已取消"))
    assert len(office.booking.keys) == 2
    assert len(set(office.booking.keys)) == 1
    assert ui.shows("以前的")


def test_too_late_to_be_free_is_said_before_it_is_done(ui: UI, office: CardOffice) -> None:
    start = office.clock.now() + timedelta(minutes=50)
    office.booking.add_booking(office.booking.add_slot("soon", start))
    read_again(ui, "今天")
    open_row(ui)
    ui.tap("取消预约")
    assert ui.shows("免费取消的时间已过")
    assert ui.shows("付过的钱不退")


def test_without_network_it_shows_what_it_last_knew_and_how_old_that_is(
    office: CardOffice, enrolled: Phone
) -> None:
    assert office.booking.bookings
    with running(enrolled) as ui:
        ui.tap("预约")
        ui.wait(lambda: ui.shows("长征纪念园"))
        read_at = enrolled.clock.now()
    stored = b"".join(path.read_bytes() for path in enrolled.folder.rglob("*") if path.is_file())
    assert "长征".encode() not in stored

    enrolled.online = False
    enrolled.clock.advance(3 * 3600)
    with running(enrolled) as ui:
        ui.tap("预约")
        assert ui.shows("长征纪念园")
        assert ui.shows(f"{read_at.astimezone(LOCAL_ZONE):%H:%M}")
        open_row(ui)
        assert ui.shows("10:00 起可入场")
        ui.tap("出示我的码")
        assert ui.code() is not None


def test_what_a_removed_card_had_booked_is_forgotten(ui: UI, enrolled: Phone) -> None:
    ui.app.models.me.forget()
    enrolled.online = False
    assert ui.app._services.bookings.known is None
    with running(enrolled) as again:
        assert again.app._services.bookings.known is None


def test_an_offer_from_the_waiting_list_tells_its_end_and_is_taken(
    ui: UI, office: CardOffice
) -> None:
    later = office.booking.add_slot("eleven", morning(office) + timedelta(days=2))
    office.booking.add_booking(later, "OFFERED", 2)
    read_again(ui, "有名额了")
    open_row(ui, 1)
    assert ui.shows("还剩")
    ui.later(150, step=5)
    assert ui.shows("还剩 7 分钟")

    ui.tap("接受并确认")
    ui.wait(lambda: ui.shows("预约好了"))
    assert office.booking.bookings[1]["state"] == "CONFIRMED"
    assert ui.shows("出示我的码")


def test_an_offer_that_ended_is_no_offer_any_more(ui: UI, office: CardOffice) -> None:
    later = office.booking.add_slot("eleven", morning(office) + timedelta(days=2))
    office.booking.add_booking(later, "OFFERED", 2)
    read_again(ui, "有名额了")
    open_row(ui, 1)
    ui.later(660, step=10)
    assert ui.shows("没有确认，已作废")
    assert not ui.shows("接受并确认")
