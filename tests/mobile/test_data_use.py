"""谁用过我的信息: newest first, in plain words, page by page."""

from itertools import pairwise

import pytest
from kivy.uix.scrollview import ScrollView

from tests.mobile.account_desk import SESSION_ENDED
from tests.mobile.card_office import CardOffice
from tests.mobile.test_account import signed_in_once
from tests.mobile.test_sign_in import sign_in
from tests.support.ui import UI, Phone, running


def open_page(ui: UI) -> None:
    """Come to the page through the settings and the sign-in."""
    ui.tap("我的")
    ui.tap("谁用过我的信息？")
    sign_in(ui)


def test_uses_stand_under_their_days_newest_first(ui: UI, office: CardOffice) -> None:
    office.desk.add_use("赣州市图书馆", "验证二维码")
    ui.phone.clock.advance(20 * 3600)
    office.desk.add_use("章贡区服务中心", "查看完整的身份证号码", "REFUSED")
    open_page(ui)
    ui.wait(lambda: ui.shows("章贡区服务中心"))

    texts = ui.texts()
    order = ["今天", "章贡区服务中心", "查看完整的身份证号码", "昨天", "赣州市图书馆", "验证二维码"]
    assert [texts.index(words) for words in order] == sorted(texts.index(words) for words in order)
    assert ui.shows("10:30  服务窗口")
    assert texts.count("未获准，没有拿到信息") == 1
    assert ui.shows("12333")


def test_older_pages_come_when_asked_for(ui: UI, office: CardOffice) -> None:
    for number in range(45):
        office.desk.add_use(f"第{number}号窗口")
        ui.phone.clock.advance(60)
    open_page(ui)
    ui.wait(lambda: ui.shows("第44号窗口"))
    assert ui.shows("第25号窗口")
    assert not ui.shows("第24号窗口")
    office.loses_answers = True
    ui.tap("看更早的")
    ui.wait(lambda: ui.shows("服务器暂时出错"))
    assert ui.shows("第44号窗口")
    office.loses_answers = False
    ui.tap("看更早的")
    ui.wait(lambda: ui.shows("第5号窗口"))
    ui.tap("看更早的")
    ui.wait(lambda: ui.shows("第0号窗口"))

    shown = [text for text in ui.texts() if text.endswith("号窗口")]
    assert shown == [f"第{number}号窗口" for number in reversed(range(45))]
    assert not ui.shows("看更早的")
    assert not ui.shows("服务器暂时出错")


def test_of_many_days_those_in_sight_have_widgets_each_in_its_place(
    ui: UI, office: CardOffice
) -> None:
    from mobile.ui.screens.data_use.screen import UseList  # noqa: PLC0415, needs a window

    for number in range(20):
        for window in range(1 + number % 3):
            office.desk.add_use(f"第{number}号窗口", f"查看{window}")
        ui.phone.clock.advance(24 * 3600)
    open_page(ui)
    ui.wait(lambda: ui.shows("第19号窗口"))
    [days] = ui.widgets(UseList)
    ui.tap("看更早的")
    ui.wait(lambda: len(days.placed) == 20)
    view = next(ui.widgets(ScrollView))
    seen = set()
    for step in range(31):
        view.scroll_y = 1 - step / 30
        ui.frames(3)
        assert len(days.children) < 10, "those out of sight have none"
        seen |= {row.line for row in days.children}
        for above, below in pairwise(days.children[::-1]):
            assert above.y - below.top == pytest.approx(days.spacing, abs=1)
    assert seen == set(days.placed)
    assert ui.shows("第0号窗口")


def test_nothing_yet_is_said(ui: UI) -> None:
    open_page(ui)
    ui.wait(lambda: ui.shows("还没有人用过您的信息"))
    assert ui.shows("看着不对怎么办？")


def test_without_network_it_says_so(enrolled: Phone, office: CardOffice) -> None:
    office.desk.add_use("赣州市图书馆")
    signed_in_once(enrolled)
    enrolled.online = False
    with running(enrolled) as ui:
        ui.go("data_use")
        ui.wait(lambda: ui.shows("连不上服务器"))
        assert not ui.shows("还没有人用过您的信息"), "not known is not none"


def test_a_session_that_ended_shows_nothing_of_it(ui: UI, office: CardOffice) -> None:
    office.desk.add_use("赣州市图书馆")
    open_page(ui)
    ui.wait(lambda: ui.shows("赣州市图书馆"))
    office.desk.end_all()
    ui.tap("刷新")
    ui.wait(lambda: ui.shows(SESSION_ENDED["text"]["zh"]))

    assert not ui.shows("赣州市图书馆")
    sign_in(ui)
    ui.wait(lambda: ui.shows("赣州市图书馆"))


def test_it_is_read_aloud(ui: UI, office: CardOffice) -> None:
    office.desk.add_use("赣州市图书馆", "验证二维码")
    open_page(ui)
    ui.wait(lambda: ui.shows("赣州市图书馆"))

    assert "赣州市图书馆，验证二维码" in ui.app.models.data_use.reading()
