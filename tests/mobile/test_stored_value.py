"""Stored value by touches: the balance, its movements, taken out once, without a network."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from mobile.core.stored_value import Movement, StoredValueSeen
from tests.mobile.booking_desk import refused
from tests.mobile.card_office import CardOffice
from tests.mobile.test_library import choose
from tests.support.ui import UI, Phone, running


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    """Somebody who topped up a hundred yuan and spent thirty."""
    office.stored.open("sports", "赣州市体育中心")
    office.stored.post("sports", "TOP_UP", 10_000)
    office.stored.post("sports", "SPEND", 3_000)
    return office


@pytest.fixture
def ui(enrolled: Phone, office: CardOffice) -> Iterator[UI]:
    """The app on the account."""
    assert office.stored.accounts
    with running(enrolled) as ui:
        open_account(ui)
        yield ui


def open_account(ui: UI) -> None:
    """Come there by the wallet, which shows what is left."""
    ui.tap("卡包")
    ui.wait(lambda: ui.shows("¥70.00"))
    choose(ui, "赣州市体育中心", "ThingRow")


def test_the_balance_its_sums_and_each_movement_are_seen(ui: UI) -> None:
    ui.wait(lambda: ui.shows("-¥30.00"))
    assert ui.shows("+¥100.00")
    assert ui.shows("一共充了 ¥100.00，用了 ¥30.00，退了 ¥0.00")
    assert ui.shows("余额 ¥100.00"), "what it was after the top-up"
    ui.tap("出示我的码")
    assert ui.code() is not None


def test_the_balance_is_taken_out_once_though_the_answer_is_lost_and_the_app_ends(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_account(ui)
        ui.tap("把余额退出来")
        assert ui.shows("¥70.00 会全部退出")
        ui.tap("不退，留着用")
        assert office.stored.keys == []
        ui.tap("把余额退出来")
        office.loses_answers = True
        ui.tap("确定退款")
        ui.wait(lambda: ui.shows("不会重复办理"))
    assert office.stored.accounts["sports"]["refundedFen"] == 7_000
    stored = b"".join(path.read_bytes() for path in enrolled.folder.rglob("*") if path.is_file())
    assert "体育中心".encode() not in stored
    office.loses_answers = False
    with running(enrolled) as ui:
        ui.tap("卡包")
        ui.wait(lambda: ui.shows("¥0.00"))  # read anew, so no row changes under the touch
        choose(ui, "赣州市体育中心", "ThingRow")
        ui.wait(lambda: ui.shows("有一次办理没有收到回音"))
        ui.tap("再问一次")
        ui.wait(lambda: ui.shows("退款登记好了"))
        ui.wait(lambda: ui.shows("-¥70.00"))
        assert not ui.shows("把余额退出来")
    assert [row["kind"] for row in office.stored.entries["sports"]].count("REFUND") == 1
    assert len(set(office.stored.keys)) == 1


def test_without_a_network_the_balance_shows_with_its_age_and_a_closed_group_says_so(
    enrolled: Phone, office: CardOffice
) -> None:
    office.stored.accounts["sports"]["group"]["state"] = "CLOSED"
    office.stored.refuse = refused("stored_value_empty", "没有可退的余额。", "无需操作。")
    with running(enrolled) as ui:
        open_account(ui)
        ui.wait(lambda: ui.shows("-¥30.00"))
        assert ui.shows("余额会全部退到您的收款账户")
        assert not ui.shows("出示我的码")
        ui.tap("把余额退出来")
        ui.tap("确定退款")
        ui.wait(lambda: ui.shows("没有可退的余额。"))
    enrolled.online = False
    enrolled.clock.advance(12 * 60)
    with running(enrolled) as ui:
        open_account(ui)
        assert ui.shows("-¥30.00")
        assert ui.shows("12 分钟前 更新")
        store = ui.app._services.session._store
        store.forget()
        assert store.stored_value() is None


def test_a_row_that_says_not_whether_money_came_or_went_is_not_guessed() -> None:
    row = {"kind": "BONUS", "fen": 1, "afterFen": 1, "at": "2026-11-22T06:30:00Z", "booking": None}
    with pytest.raises(ValueError, match="BONUS"):
        Movement.of_wire(row)


def test_what_is_kept_is_read_as_it_was() -> None:
    at = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    seen = StoredValueSeen((), {"sports": (Movement("SPEND", 5, 10, at, "bkg_1"),)}, at)
    assert StoredValueSeen.of_wire(seen.to_wire()) == seen
