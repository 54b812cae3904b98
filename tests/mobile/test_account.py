"""The sign-in on the phone: renewed in time, ended calmly, forgotten for good."""

from datetime import timedelta

import pytest

from mobile.core.trouble import Trouble
from tests.mobile.account_desk import ACCESS_LIFETIME, PHONE, TABLET, THIS
from tests.mobile.card_office import CardOffice
from tests.mobile.test_sign_in import ask_for_code, sign_in, type_keys
from tests.support.ui import UI, Phone, running


@pytest.fixture
def ui(ui: UI, office: CardOffice) -> UI:
    """A signed-in app that shows the list of phones."""
    office.desk.devices = [dict(THIS), dict(TABLET)]
    ui.go("devices")
    assert ui.shows("您的手机号码"), "the list needs a sign-in"
    sign_in(ui)
    ui.wait(lambda: ui.shows("旧手机"))
    return ui


def test_the_access_token_is_renewed_before_it_ends(ui: UI, office: CardOffice) -> None:
    first = office.desk.sessions[0].access
    ui.phone.clock.advance(ACCESS_LIFETIME.total_seconds() - 20)
    ui.tap("刷新")
    ui.wait(lambda: office.desk.sessions[0].access != first)
    ui.wait(lambda: office.asked[-1] == "Devices" or office.asked.count("Devices") == 2)

    assert ui.shows("旧手机")
    assert len(office.desk.renewal_keys) == 1


def test_a_renewal_whose_answer_was_lost_is_repeated_with_its_key(
    ui: UI, office: CardOffice
) -> None:
    ui.phone.clock.advance(ACCESS_LIFETIME.total_seconds())
    office.loses_answers = True
    ui.tap("刷新")
    ui.wait(lambda: ui.shows("服务器暂时出错"))
    assert len(office.desk.renewal_keys) == 1
    office.loses_answers = False
    ui.tap("刷新")
    ui.wait(lambda: len(office.desk.renewal_keys) == 2)
    ui.wait(lambda: not ui.shows("服务器暂时出错"))

    assert len(set(office.desk.renewal_keys)) == 1
    assert office.desk.sessions[0].living
    assert ui.shows("旧手机")


def test_a_renewal_is_repeated_with_its_key_by_the_next_start_as_well(
    enrolled: Phone, office: CardOffice
) -> None:
    office.desk.devices = [dict(THIS)]
    with running(enrolled) as ui:
        ui.go("devices")
        sign_in(ui)
        ui.wait(lambda: ui.shows("Test phone"))
        ui.phone.clock.advance(ACCESS_LIFETIME.total_seconds())
        office.loses_answers = True
        ui.tap("刷新")
        ui.wait(lambda: len(office.desk.renewal_keys) == 1)
        ui.wait(lambda: ui.shows("服务器暂时出错"))
    office.loses_answers = False
    with running(enrolled) as ui:
        ui.go("devices")
        ui.wait(lambda: ui.shows("Test phone"))

    assert len(office.desk.renewal_keys) == 2
    assert len(set(office.desk.renewal_keys)) == 1


def test_a_token_the_server_calls_expired_is_renewed_and_the_request_repeated(
    ui: UI, office: CardOffice
) -> None:
    """The phone thinks that there is time left; the server knows better."""
    office.desk.sessions[0].access_ends = office.clock.now()
    ui.tap("刷新")
    ui.wait(lambda: len(office.desk.renewal_keys) == 1)
    ui.later(0.5)

    assert ui.app.models.place.name == "devices"
    assert ui.shows("旧手机")


def test_a_session_ended_elsewhere_leads_to_a_calm_sign_in_and_back(
    ui: UI, office: CardOffice
) -> None:
    row = next(panel for panel in ui.app.root.page.ids.phones.children if panel.line.serial == 2)
    ui.touch(row.ids.unbind)
    assert ui.shows("那部手机不能再出示码")
    office.desk.end_all()
    ui.tap("确定解绑")
    ui.wait(lambda: ui.shows("登录已结束"))
    assert ui.shows("请重新登录")
    assert ui.shows("您的手机号码")

    sign_in(ui)
    ui.wait(lambda: ui.shows("那部手机不能再出示码"))
    assert not ui.shows("登录已结束")
    ui.tap("确定解绑")
    ui.wait(lambda: ui.shows("旧手机 已解绑"))


def test_a_session_that_ends_while_somebody_types_loses_nothing(ui: UI, office: CardOffice) -> None:
    ui.go("sign_in")
    ask_for_code(ui)
    type_keys(ui, "246")
    office.desk.end_all()
    ui.go("devices")
    ui.wait(lambda: ui.shows("登录已结束"))

    assert ui.app.models.place.name == "sign_in"
    assert ui.shows("246"), "what was typed stays"
    assert ui.shows("138****8000")
    type_keys(ui, "810")
    ui.tap("submit")
    ui.wait(lambda: ui.shows("旧手机") or ui.app.models.place.name == "me")


def test_the_code_needs_no_session(ui: UI, office: CardOffice) -> None:
    office.desk.end_all()
    ui.tap("刷新")
    ui.wait(lambda: ui.shows("登录已结束"))
    ui.tap("码")

    assert ui.code() is not None
    assert not ui.shows("登录已结束")
    office.asked.clear()
    ui.later(61, step=1)  # the pause of pages on which nobody waits for news
    ui.wait(lambda: "Home" in office.asked)
    assert not ui.shows("登录已结束")


def test_signing_out_forgets_the_tokens_and_tells_the_server(ui: UI, office: CardOffice) -> None:
    assert (ui.phone.folder / "account.sealed").exists()
    ui.tap("我的")
    ui.tap("退出登录")
    ui.wait(lambda: not office.desk.sessions[0].living)

    assert not (ui.phone.folder / "account.sealed").exists()
    assert ui.shows("登录后可以看")
    ui.tap("我的设备")
    assert not ui.shows("旧手机")
    assert ui.shows("您的手机号码")
    assert ui.app.models.sign_in.state.typed == ""


def signed_in_once(phone: Phone) -> None:
    """Start the app, sign in, and end it."""
    with running(phone) as ui:
        ui.tap("我的")
        ui.tap("登录")
        sign_in(ui)


def test_signing_out_works_without_network_too(enrolled: Phone, office: CardOffice) -> None:
    signed_in_once(enrolled)
    enrolled.online = False
    with running(enrolled) as ui:
        ui.tap("我的")
        ui.tap("退出登录")
        assert not (enrolled.folder / "account.sealed").exists()
    with running(enrolled) as ui:
        ui.tap("我的")
        assert ui.shows("登录后可以看")
    assert office.desk.sessions[0].living


def test_removing_the_card_takes_the_sign_in_along(ui: UI) -> None:
    ui.tap("我的")
    ui.tap("从这部手机移除")
    ui.tap("确定移除")

    assert not (ui.phone.folder / "account.sealed").exists()
    assert not ui.app.models.me.state.signed_in


def test_a_sign_in_lasts_over_a_restart(enrolled: Phone, office: CardOffice) -> None:
    office.desk.devices = [dict(THIS)]
    signed_in_once(enrolled)
    enrolled.clock.advance(3600)
    with running(enrolled) as ui:
        ui.tap("我的")
        ui.tap("我的设备")
        ui.wait(lambda: ui.shows("Test phone"))
    assert len(office.desk.sessions) == 1


def test_a_damaged_sign_in_means_signing_in_again_and_the_code_goes_on(
    enrolled: Phone, office: CardOffice
) -> None:
    signed_in_once(enrolled)
    (enrolled.folder / "account.sealed").write_bytes(b"damaged")
    with running(enrolled) as ui:
        assert ui.code() is not None
        ui.tap("我的")
        assert ui.shows("登录后可以看")
    assert office.desk.messages == [PHONE]


def test_a_full_disk_is_told_and_nobody_is_half_signed_in(ui: UI, office: CardOffice) -> None:
    ui.tap("我的")
    ui.tap("退出登录")
    ui.later(0.5)
    (ui.phone.folder / "account.new").mkdir()
    ui.tap("登录")
    ask_for_code(ui)
    type_keys(ui, "246810")
    ui.tap("submit")
    ui.wait(lambda: ui.shows("手机存不下数据"))
    assert not ui.app.models.me.state.signed_in

    (ui.phone.folder / "account.new").rmdir()
    ui.tap("submit")
    ui.wait(lambda: ui.shows("退出登录"))
    assert len(set(office.desk.sign_in_keys[1:])) == 1


async def test_without_a_sign_in_nothing_is_asked(phone: Phone) -> None:
    app = phone.app()
    answer = await app.models.devices._phones.read()
    assert isinstance(answer, Trouble)
    assert answer.code == "sign_in_needed"
    await app.close()


def test_this_phone_is_marked_and_times_are_told(ui: UI) -> None:
    assert ui.shows("本机")
    assert ui.shows("9月1日 周二 10:00 绑定")
    assert ui.shows("最近的凭证有效至 11月23日 周一 10:00")
    assert ui.shows("手机丢了怎么办？")


def test_unbinding_asks_first_says_what_happens_and_happens_once(
    ui: UI, office: CardOffice
) -> None:
    row = next(panel for panel in ui.app.root.page.ids.phones.children if panel.line.serial == 2)
    ui.touch(row.ids.unbind)
    assert ui.shows("实体卡和其他手机不受影响")
    ui.tap("取消")
    assert not ui.shows("确定解绑")
    assert office.desk.unbinding_keys == []

    row = next(panel for panel in ui.app.root.page.ids.phones.children if panel.line.serial == 2)
    ui.touch(row.ids.unbind)
    office.loses_answers = True
    ui.tap("确定解绑")
    ui.wait(lambda: ui.shows("服务器暂时出错"))
    office.loses_answers = False
    ui.tap("确定解绑")
    ui.wait(lambda: ui.shows("旧手机 已解绑"))

    assert len(office.desk.unbinding_keys) == 2
    assert len(set(office.desk.unbinding_keys)) == 1
    assert [device["state"] for device in office.desk.devices] == ["BOUND", "UNBOUND"]
    assert ui.shows("11月22日 周日 14:30 解绑")


def test_offline_the_list_stays_with_its_age(ui: UI, office: CardOffice) -> None:
    office.broken = b"no JSON"
    ui.phone.clock.advance(timedelta(minutes=5).total_seconds())
    ui.tap("刷新")
    ui.wait(lambda: ui.shows("服务器暂时出错"))

    assert ui.shows("旧手机")
    assert ui.shows("5 分钟前 更新")


def test_offline_from_the_start_the_page_says_so_and_tries_again(
    enrolled: Phone, office: CardOffice
) -> None:
    office.desk.devices = [dict(TABLET)]
    signed_in_once(enrolled)
    office.broken = b"no JSON"
    with running(enrolled) as ui:
        ui.go("devices")
        ui.wait(lambda: ui.shows("服务器暂时出错"))
        assert ui.shows("手机丢了怎么办？")
        office.broken = None
        ui.later(11, step=1)
        ui.wait(lambda: ui.shows("旧手机"))
        assert not ui.shows("服务器暂时出错")
    enrolled.online = False
    with running(enrolled) as ui:
        ui.go("devices")
        ui.wait(lambda: ui.shows("连不上服务器"))


def test_a_lost_phone_can_be_unbound_from_a_new_one(phone: Phone, office: CardOffice) -> None:
    """Nothing is linked to the new phone; signing in is enough."""
    office.desk.devices = [dict(TABLET)]
    with running(phone) as ui:
        ui.tap("旧手机丢了？登录后停用它")
        sign_in(ui)
        ui.wait(lambda: ui.shows("旧手机"))
        ui.tap("解绑")
        ui.tap("确定解绑")
        ui.wait(lambda: ui.shows("旧手机 已解绑"))
        ui.tap("返回")
        assert ui.shows("请输入 10 位激活码")
