"""The card and its visits: empty, filled, offline, old."""

from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running


def test_before_the_first_visit_it_says_what_will_come(ui: UI) -> None:
    ui.tap("卡包")

    assert ui.shows("还没有到访记录")
    assert ui.shows("刷码进门后，记录会出现在这里。")


def test_visits_stand_under_their_days_with_words_for_the_verdict(
    ui: UI, office: CardOffice
) -> None:
    office.add_visit("赣州市图书馆")
    ui.phone.clock.advance(20 * 3600)
    office.add_visit("中央红军长征出发地纪念园", "REFUSED", "动态码已过期")
    ui.tap("卡包")
    ui.wait(lambda: ui.shows("中央红军长征出发地纪念园"))

    texts = ui.texts()
    today, yesterday = texts.index("今天"), texts.index("昨天")
    assert today < texts.index("中央红军长征出发地纪念园") < yesterday
    assert yesterday < texts.index("赣州市图书馆")
    assert ui.shows("未进入")
    assert ui.shows("动态码已过期")


def test_a_touch_on_refresh_asks_at_once(ui: UI, office: CardOffice) -> None:
    ui.tap("卡包")
    office.broken = b"no JSON"
    ui.wait(lambda: ui.shows("服务器暂时出错"))
    office.broken = None
    asked = len(office.asked)
    ui.tap("刷新")
    ui.wait(lambda: len(office.asked) > asked, seconds=1)
    ui.wait(lambda: not ui.shows("服务器暂时出错"))


def test_without_network_it_shows_what_was_last_seen_and_how_old_it_is(
    enrolled: Phone, office: CardOffice
) -> None:
    office.add_visit("赣州市图书馆")
    with running(enrolled) as ui:
        ui.wait(lambda: ui.shows("赣州市图书馆"))
    enrolled.online = False
    enrolled.clock.advance(12 * 60)
    with running(enrolled) as ui:
        ui.tap("卡包")
        ui.wait(lambda: ui.shows("连不上网"))

        assert ui.shows("赣州市图书馆")
        assert ui.shows("12 分钟前 更新")


def test_an_answer_of_another_kind_is_told_and_does_no_harm(ui: UI, office: CardOffice) -> None:
    ui.tap("卡包")
    office.add_visit("赣州市图书馆")
    office.visits[0]["at"] = "2026-11-22T14:30:00"
    ui.wait(lambda: ui.shows("服务器的回答这个版本看不懂"))

    assert ui.shows("钟*明")


def test_nobody_asks_the_server_often_while_the_page_is_not_looked_at(
    ui: UI, office: CardOffice
) -> None:
    ui.tap("我的")
    ui.wait(lambda: "Home" in office.asked)
    ui.later(3)
    ui.wait(lambda: True)
    before = len(office.asked)
    ui.later(30, step=0.5)

    assert len(office.asked) - before <= 1
