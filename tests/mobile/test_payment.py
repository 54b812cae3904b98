"""Paying a court by touches: the price, too little, once, the receipt, and what comes back."""

from datetime import timedelta

import pytest

from mobile.core.court_payment import PaymentsSeen
from mobile.ui.gallery.payment import PAID, SHORT
from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CardOffice
from tests.mobile.test_library import choose
from tests.support.ui import UI, Phone, running


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    """Two places of a court tomorrow at forty yuan each, and a hundred yuan stored."""
    office.booking.venues = [venue(1, "体育中心")]
    start = office.clock.now() + timedelta(days=1)
    slot = office.booking.add_slot("s1", start, kind="COURT")
    office.booking.add_booking(slot, quantity=2)
    office.stored.open("sports", "体育中心")
    office.stored.post("sports", "TOP_UP", 10_000)
    office.stored.price("booking_0", "sports", 4_000, 2)
    return office


def open_fee(ui: UI) -> None:
    ui.tap("bookings")
    choose(ui, "体育中心", "BookingRow")
    ui.tap("场地费：付款、退款")


@pytest.mark.feature("S59")
def test_a_court_is_paid_once_though_the_answer_is_lost_and_the_app_ends(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_fee(ui)
        ui.wait(lambda: ui.shows("用储值付 ¥80.00"))
        for words in ("¥40.00", "× 2", "¥80.00", "¥100.00", "¥20.00", "1 天以上取消，退 100%"):
            assert ui.shows(words), words
        ui.tap("pay")
        ui.tap("先不付")
        assert office.stored.keys == []
        ui.tap("pay")
        office.loses_answers = True
        ui.tap("确定付款")
        ui.wait(lambda: ui.shows("不会重复办理"))
    office.loses_answers = False
    with running(enrolled) as ui:
        open_fee(ui)
        ui.wait(lambda: ui.shows("有一次办理没有收到回音"))
        ui.tap("再问一次")
        ui.wait(lambda: ui.shows("编号 sve_SPEND"))
        assert not ui.shows("用储值付")
    assert [row["kind"] for row in office.stored.entries["sports"]].count("SPEND") == 1
    assert len(set(office.stored.keys)) == 1

    office.stored.give_back("booking_0")
    with running(enrolled) as ui:
        open_fee(ui)
        ui.wait(lambda: ui.shows("+¥80.00"))
        assert ui.shows("已退款")
    enrolled.online = False
    enrolled.clock.advance(12 * 60)
    with running(enrolled) as ui:
        open_fee(ui)
        assert ui.shows("编号 sve_GIVE_BACK")
        assert ui.shows("12 分钟前 更新")
        store = ui.app._services.session._store
        store.forget()
        assert store.payments() is None


def test_a_balance_that_is_short_says_by_how_much_and_what_to_do(
    enrolled: Phone, office: CardOffice
) -> None:
    office.stored.post("sports", "SPEND", 7_000)
    with running(enrolled) as ui:
        open_fee(ui)
        ui.wait(lambda: ui.shows("余额不够，还差 ¥50.00"))
        assert not ui.shows("用储值付")
        ui.tap("出示我的码去充值")
        assert ui.code() is not None


def test_what_is_kept_is_read_as_it_was() -> None:
    seen = PaymentsSeen({"a": PAID, "b": SHORT})
    assert PaymentsSeen.of_wire(seen.to_wire()) == seen
