"""我的预约: the list, the ticket, its code, giving it back, and all that without a network."""

from datetime import datetime, timedelta

import pytest

from mobile.core.trouble import Trouble
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


def test_the_ticket_says_when_the_gate_lets_in_and_not_when_the_slot_is(
    ui: UI, office: CardOffice
) -> None:
    start = morning(office) + timedelta(days=1)
    booking = office.booking.bookings[0]
    booking["entryFrom"] = (start - timedelta(minutes=15)).isoformat()
    booking["entryUntil"] = (start + timedelta(minutes=30)).isoformat()
    read_again(ui, "已预约")
    open_row(ui)
    ui.wait(lambda: ui.shows("09:45 起可入场，最晚 10:30 前进场"))
    ui.phone.clock.advance(booking_gap(office) - 5 * 60)
    ui.later(1)
    assert ui.shows("现在可以入场")


def booking_gap(office: CardOffice) -> float:
    """Return how many seconds it is to tomorrow's slot."""
    return (morning(office) + timedelta(days=1) - office.clock.now()).total_seconds()


def move_to(ui: UI, hours: str) -> None:
    """Ask to move the opened booking, up to the question."""
    ui.tap("改到别的时间")
    ui.wait(lambda: ui.shows(hours))
    for widget in ui.widgets():
        line = getattr(widget, "line", None)
        if type(widget).__name__ == "SlotRow" and hours in str(line):
            ui.touch(widget)
            return
    raise AssertionError(ui.texts())


def test_a_booking_moves_with_its_whole_family_once_though_the_answer_is_lost(
    ui: UI, office: CardOffice
) -> None:
    office.booking.add_slot("two", morning(office) + timedelta(days=1, hours=4))
    open_row(ui)
    move_to(ui, "14:00")
    assert ui.shows("还是 4 人")
    assert ui.shows("改不成的话，原来的预约不变。")
    office.loses_answers = True
    ui.tap("确定改签")
    ui.wait(lambda: ui.shows("不会重复办理"))
    office.loses_answers = False
    ui.tap("确定改签")
    ui.wait(lambda: ui.shows("改好了"))
    assert len(set(office.booking.keys)) == 1
    assert [slot["free"] for slot in office.booking.slots] == [16, 8]
    ui.tap("看票")
    ui.wait(lambda: ui.shows("14:00 起可入场"))


def test_a_move_to_too_few_places_offers_the_next_time_that_has_them(
    ui: UI, office: CardOffice
) -> None:
    office.booking.slots[0]["free"] = 0
    office.booking.add_slot("two", morning(office) + timedelta(days=1, hours=4), free=3)
    office.booking.add_slot("four", morning(office) + timedelta(days=1, hours=6))
    open_row(ui)
    ui.tap("改到别的时间")
    ui.wait(lambda: ui.shows("余 3，不够"))
    ui.press(27)
    ui.wait(lambda: ui.shows("改到别的时间"))
    move_to(ui, "14:00")
    ui.tap("确定改签")
    ui.wait(lambda: ui.shows("该时段剩余名额不足。"))
    assert "加入候补" not in ui.texts()
    ui.tap("next_free")
    ui.wait(lambda: ui.shows("改好了"))
    assert office.booking.bookings[0]["slot"] == "four"


def test_a_wish_without_an_answer_outlives_the_app_and_is_done_once(
    enrolled: Phone, office: CardOffice
) -> None:
    office.loses_answers = True
    with running(enrolled) as ui:
        placed = ui.run(ui.app._services.bookings.place("ten", 2))
        assert isinstance(placed, Trouble)
    assert len(office.booking.bookings) == 2, "it was done, and the phone does not know"
    stored = b"".join(path.read_bytes() for path in enrolled.folder.rglob("*") if path.is_file())
    assert office.booking.keys[0].encode() not in stored

    office.loses_answers = False
    with running(enrolled) as ui:
        ui.tap("预约")
        ui.wait(lambda: ui.shows("有一次办理没有收到回音"))
        ui.wait(lambda: ui.shows("名额保留中"))  # read anew, so no row changes under the touch
        ui.tap("再问一次")
        ui.wait(lambda: ui.shows("只办了一次"))
        assert not ui.shows("有一次办理没有收到回音")
    assert len(office.booking.bookings) == 2
    assert len(office.booking.keys) == 2
    assert len(set(office.booking.keys)) == 1
