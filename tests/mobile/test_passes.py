"""Passes and training vouchers by touches: taken once, used, given back, handed on, reserved."""

from collections.abc import Iterator

import pytest

from tests.mobile.booking_desk import refused, venue
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    """An office with a free pass for one museum and one for two places that costs."""
    desk = office.passes
    desk.add_product("ten", "博物馆十次卡")
    both_places = [venue(1, "赣州博物馆"), venue(2, "通天岩")]
    desk.add_product(
        "year",
        "一卡游赣州",
        19_900,
        kind="BUNDLE",
        venues=[1, 2],
        goodAt=both_places,
        personal=True,
    )
    return office


@pytest.fixture
def ui(enrolled: Phone, office: CardOffice) -> Iterator[UI]:
    """The app on the wallet."""
    assert office.passes.products
    with running(enrolled) as ui:
        ui.tap("卡包")
        ui.wait(lambda: ui.shows("还没有票和券"))
        yield ui


def choose(ui: UI, words: str, kind: str = "ProductRow") -> None:
    """Touch the row of that kind that holds `words`."""
    ui.wait(lambda: ui.shows(words))
    for widget in ui.widgets():
        if type(widget).__name__ == kind and words in str(getattr(widget, "line", "")):
            ui.touch(widget)
            return
    raise AssertionError(f"no {kind} with {words}; the screen says {ui.texts()}")


def take(ui: UI) -> None:
    """Come up to the last yes for the free pass."""
    ui.tap("领票、办通票")
    choose(ui, "博物馆十次卡")
    ui.wait(lambda: ui.shows("免费领取"))
    ui.tap("免费领取")


def test_a_free_pass_is_taken_once_though_the_answer_is_lost_and_the_app_ends(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        ui.tap("卡包")
        take(ui)
        office.loses_answers = True
        ui.tap("确定领取")
        ui.wait(lambda: ui.shows("不会重复办理"))
    assert len(office.passes.passes) == 1, "it was done, and the phone does not know"
    stored = b"".join(path.read_bytes() for path in enrolled.folder.rglob("*") if path.is_file())
    assert office.passes.keys[0].encode() not in stored

    office.loses_answers = False
    with running(enrolled) as ui:
        ui.tap("卡包")
        ui.wait(lambda: ui.shows("剩 10 次"))
        ui.tap("领票、办通票")
        ui.wait(lambda: ui.shows("有一次办理没有收到回音"))
        ui.tap("再问一次")
        ui.wait(lambda: ui.shows("领好了"))
        ui.tap("看这张票")
        ui.wait(lambda: ui.shows("剩 10 次，共 10 次"))
        ui.tap("出示我的码")
        assert ui.code() is not None
    assert len(office.passes.passes) == 1
    assert len(set(office.passes.keys)) == 1


def test_what_costs_shows_its_lines_and_where_to_pay_and_is_not_taken(
    ui: UI, office: CardOffice
) -> None:
    office.passes.discounts = {"本市社保卡八折": -3_980}
    ui.tap("领票、办通票")
    ui.wait(lambda: ui.shows("一卡打包：一张走多处"))
    choose(ui, "一卡游赣州")
    ui.wait(lambda: ui.shows("¥159.20"))
    assert ui.shows("¥199.00")
    assert ui.shows("-¥39.80")
    assert ui.shows("场馆售票处")
    assert not ui.shows("免费领取")
    assert ui.shows("一人一张")


def test_companions_change_the_price_before_anything_is_taken(ui: UI, office: CardOffice) -> None:
    office.passes.products[0]["fen"] = 5_500
    office.passes.discounts = {"70岁及以上免费": -5_500}
    ui.tap("领票、办通票")
    choose(ui, "博物馆十次卡")
    ui.wait(lambda: ui.shows("免费领取"))
    ui.tap("more")
    ui.wait(lambda: ui.shows("同行人（原价）"))
    assert not ui.shows("免费领取")
    ui.tap("less")
    ui.wait(lambda: ui.shows("免费领取"))
    assert office.passes.keys == []


def test_a_refusal_tells_what_to_do_and_loses_nothing(ui: UI, office: CardOffice) -> None:
    take(ui)
    office.passes.refuse = refused("pass_sold_out", "余量不足。", "请减少数量。")
    ui.tap("确定领取")
    ui.wait(lambda: ui.shows("余量不足。"))
    assert ui.shows("请减少数量。")
    assert ui.shows("领这张票吗？")
    office.passes.refuse = None
    ui.tap("确定领取")
    ui.wait(lambda: ui.shows("领好了"))
    assert len(set(office.passes.keys)) == 2, "what was decided is another wish the next time"


def test_a_pass_is_handed_on_taken_back_and_given_back(enrolled: Phone, office: CardOffice) -> None:
    office.passes.add_pass(office.passes.products[0])
    with running(enrolled) as ui:
        ui.tap("卡包")
        choose(ui, "博物馆十次卡", "ThingRow")
        ui.tap("转赠给别人")
        assert ui.shows("谁先用它领走，票就是谁的")
        ui.tap("生成转赠码")
        ui.wait(lambda: ui.shows("inv_abcdefgh"))
        ui.tap("收回，不转赠了")
        ui.wait(lambda: ui.shows("收回了"))
        assert not ui.shows("inv_abcdefgh")
        ui.tap("退票")
        ui.tap("确定退票")
        ui.wait(lambda: ui.shows("票已退"))
        assert not ui.shows("出示我的码")
    assert office.passes.passes[0]["state"] == "REFUNDED"


def test_a_pass_from_somebody_else_is_accepted_by_its_code(ui: UI, office: CardOffice) -> None:
    ui.tap("领票、办通票")
    ui.tap("我有转赠码")
    model = ui.app.models.shop
    model.line = "inv_wrong"
    ui.tap("接收这张票")
    ui.wait(lambda: ui.shows("转让邀请无效。"))
    model.line = " inv_theirs "
    ui.tap("接收这张票")
    ui.wait(lambda: ui.shows("接收了"))
    assert len(office.passes.passes) == 1


def test_without_network_the_wallet_shows_what_it_last_knew_and_how_old_that_is(
    enrolled: Phone, office: CardOffice
) -> None:
    today = office.passes.add_pass(office.passes.products[0], left=7, used=3)["days"]["first"]
    office.passes.add_pass(
        office.passes.products[1], blackouts=[{"first": today, "last": today}], uses=None, left=None
    )
    office.passes.add_voucher()
    with running(enrolled) as ui:
        ui.tap("卡包")
        ui.wait(lambda: ui.shows("剩 7 次"))
    stored = b"".join(path.read_bytes() for path in enrolled.folder.rglob("*") if path.is_file())
    assert "博物馆".encode() not in stored

    enrolled.online = False
    enrolled.clock.advance(40 * 60)
    with running(enrolled) as ui:
        ui.tap("卡包")
        assert ui.shows("剩 7 次")
        assert ui.shows("¥1,500.00")
        assert ui.shows("40 分钟前 更新")
        choose(ui, "一卡游赣州", "ThingRow")
        assert ui.shows("今天不能用，")
        assert not ui.shows("出示我的码")


def test_a_course_is_reserved_step_by_step_and_freed_again(
    enrolled: Phone, office: CardOffice
) -> None:
    office.passes.add_voucher()
    office.booking.venues = [venue(6, "赣州技师学院"), venue(7, "南康家具学校")]
    with running(enrolled) as ui:
        ui.tap("卡包")
        choose(ui, "职业技能培训券", "ThingRow")
        ui.tap("预约课程")
        ui.tap("养老护理")
        model = ui.app.models.voucher
        model.line = "技师"
        ui.tap("查找")
        ui.wait(lambda: ui.shows("赣州技师学院"))
        assert not ui.shows("南康家具学校")
        ui.tap("赣州技师学院")
        model.line = "课程一"
        ui.tap("下一步")
        assert ui.shows("课程号不对")
        model.line = "HL-2026-12"
        ui.tap("下一步")
        model.line = "20251201"
        ui.tap("下一步")
        assert ui.shows("日期不对")
        model.line = "20261201"
        ui.tap("下一步")
        assert ui.shows("养老护理，课程号 HL-2026-12")
        ui.tap("确定预约")
        ui.wait(lambda: ui.shows("等培训机构确认，最晚"))
        assert office.passes.vouchers[0]["course"]["provider"] == 6
        ui.tap("取消预约")
        ui.tap("确定取消")
        ui.wait(lambda: ui.shows("这张券又可以用了。"))
    assert len(set(office.passes.keys)) == 2
