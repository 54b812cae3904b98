"""My library books by touches: days left, renewed once, waited for no longer, without a network."""

from collections.abc import Iterator

import pytest

from mobile.core.preferences import Preferences
from tests.mobile.booking_desk import refused
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    """A reader with two loans, one due soon, and a title they wait for."""
    office.library.lend("红楼梦", 20)
    office.library.lend("昆虫记", 2)
    office.library.hold("三体")
    return office


@pytest.fixture
def ui(enrolled: Phone, office: CardOffice) -> Iterator[UI]:
    """The app on the reader's account."""
    assert office.library.loans
    with running(enrolled) as ui:
        open_library(ui)
        yield ui


def open_library(ui: UI) -> None:
    """Come there by the wallet."""
    ui.tap("卡包")
    choose(ui, "我的借阅", "ThingRow")


def choose(ui: UI, words: str, kind: str = "BookRowView") -> None:
    """Touch the row of that kind that holds `words`."""

    def found() -> list[object]:
        rows = (one for one in ui.widgets() if type(one).__name__ == kind)
        return [one for one in rows if words in str(getattr(one, "line", ""))]

    ui.wait(found)
    ui.touch(found()[0])


def test_what_is_due_first_stands_first_and_is_renewed(ui: UI, office: CardOffice) -> None:
    texts = ui.texts()
    assert texts.index("《昆虫记》") < texts.index("《红楼梦》")
    assert ui.shows("还有 2 天")
    assert ui.shows("借自 赣州市图书馆")
    choose(ui, "昆虫记")
    assert ui.shows("还能续借 1 次")
    ui.tap("续借这本")
    ui.wait(lambda: ui.shows("续借好了"))
    assert ui.shows("还有 32 天")
    assert ui.shows("不能再续借了")
    assert not ui.shows("续借这本")
    assert len(office.library.keys) == 1


def test_a_renewal_whose_answer_was_lost_is_one_renewal(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_library(ui)
        choose(ui, "昆虫记")
        office.loses_answers = True
        ui.tap("续借这本")
        ui.wait(lambda: ui.shows("不会重复办理"))
    office.loses_answers = False
    with running(enrolled) as ui:
        ui.tap("卡包")
        ui.wait(lambda: ui.shows("还有 20 天"))  # read anew, so no row changes under the touch
        choose(ui, "我的借阅", "ThingRow")
        ui.wait(lambda: ui.shows("有一次办理没有收到回音"))
        assert ui.shows("续借图书")
        ui.tap("再问一次")
        ui.wait(lambda: ui.shows("续借好了"))
    assert [one["renewals"] for one in office.library.loans] == [0, 1]
    assert len(set(office.library.keys)) == 1


def test_who_waits_sees_the_queue_and_may_wait_no_longer(ui: UI, office: CardOffice) -> None:
    assert ui.shows("前面还有 2 人")
    choose(ui, "三体")
    assert ui.shows("于都县图书馆")
    ui.tap("不等了，取消预约")
    assert ui.shows("排的队会让给后面的人")
    ui.tap("不取消，继续等")
    assert office.library.holds[0]["state"] == "WAITING"
    ui.tap("不等了，取消预约")
    ui.tap("确定取消")
    ui.wait(lambda: ui.shows("预约取消了"))
    assert office.library.holds[0]["state"] == "CANCELLED"
    assert not ui.shows("《三体》")


def test_a_refusal_says_why_and_elder_mode_asks_for_one_thing_a_page(
    ui: UI, office: CardOffice
) -> None:
    office.library.refuse = refused("library_wanted", "有读者正在等候这本书。", "请按期归还。")
    choose(ui, "昆虫记")
    ui.tap("续借这本")
    ui.wait(lambda: ui.shows("有读者正在等候这本书。"))
    assert ui.shows("请按期归还。")
    assert ui.shows("还有 2 天")
    ui.app.models.preferences.value = Preferences(elder=True)
    for place in ("wallet", "library"):
        ui.go(place)
    ui.wait(lambda: ui.shows("在借的书"))
    assert not ui.shows("《红楼梦》")
    choose(ui, "在借的书", "SectionRow")
    assert ui.shows("《红楼梦》")
    assert not ui.shows("预约的书")
    choose(ui, "红楼梦")
    assert ui.shows("续借这本")
    assert not ui.shows("《昆虫记》")
    for _ in range(2):
        ui.tap("back")
    assert ui.shows("预约的书")


def test_who_is_late_sees_what_is_blocked_and_owed(enrolled: Phone, office: CardOffice) -> None:
    late = office.library.lend("平凡的世界", -3)
    office.library.owe(late, 30)
    office.library.blocked = refused("library_overdue", "借阅已暂停。", "归还后即可恢复。")
    with running(enrolled) as ui:
        open_library(ui)
        ui.wait(lambda: ui.shows("借阅已暂停。"))
        assert ui.shows("归还后即可恢复。")
        assert ui.shows("逾期 3 天")
        assert ui.shows("一共欠 ¥0.30")
        assert ui.shows("服务台缴")


def test_without_a_network_it_shows_what_was_seen_with_its_age_and_lies_sealed(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_library(ui)
        ui.wait(lambda: ui.shows("《三体》"))
    stored = b"".join(path.read_bytes() for path in enrolled.folder.rglob("*") if path.is_file())
    assert "三体".encode() not in stored
    enrolled.online = False
    enrolled.clock.advance(25 * 3600)
    with running(enrolled) as ui:
        open_library(ui)
        assert ui.shows("明天到期"), "a day has passed on the phone's own clock"
        assert ui.shows("11月22日 周日 14:30 更新")
        store = ui.app._services.session._store
        store.forget()
        assert store.shelf() is None, "what was borrowed goes with the card"
    assert office.library.keys == []
