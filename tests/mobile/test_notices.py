"""告知书: before the first use, once, by whoever signs in; readable at any time after."""

import pytest

from tests.mobile.account_desk import PHONE, SMS_CODE
from tests.mobile.card_office import CODE, CardOffice
from tests.mobile.rights_desk import notice
from tests.mobile.test_sign_in import ask_for_code, open_sign_in, type_keys
from tests.support.ui import Phone, running


@pytest.fixture
def notices(office: CardOffice) -> CardOffice:
    """An office with a notice for each scene."""
    office.desk.notices = [notice("ecard", "ECARD"), notice("platform", "SIGN_IN")]
    return office


def test_the_first_sign_in_waits_until_the_notice_was_read(
    enrolled: Phone, notices: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_sign_in(ui)
        type_keys(ui, PHONE)
        ui.tap("获取验证码")
        ui.wait(lambda: ui.shows("platform 告知书"))
        assert ui.shows("使用前请先阅读")
        assert ui.shows("第 1 版，2026年11月20日")
        assert ui.shows("二、保存多久。")
        assert notices.desk.messages == [], "nothing is asked before it was read"

        ui.tap("返回")
        assert ui.shows("138 0013 8000"), "left unread: nothing typed is lost, nothing is sent"
        ui.later(1)
        assert notices.desk.messages == []

        ui.tap("获取验证码")
        ui.tap("我已阅读")
        ui.wait(lambda: ui.shows("短信里的 6 位验证码"))
        assert notices.desk.acknowledged == [], "nobody is signed in yet"
        type_keys(ui, SMS_CODE)
        ui.tap("submit")
        ui.wait(lambda: notices.desk.acknowledged == [("platform", 1)])
    with running(enrolled) as ui:
        ui.tap("我的")
        ui.tap("退出登录")
        open_sign_in(ui)
        ask_for_code(ui)


def test_the_first_code_waits_as_well(phone: Phone, notices: CardOffice) -> None:
    with running(phone) as ui:
        type_keys(ui, CODE)
        ui.tap("submit")
        ui.wait(lambda: ui.shows("ecard 告知书"))
        assert notices.codes == {CODE}
        ui.tap("我已阅读")
        ui.wait(lambda: ui.app.models.place.name == "code")
        assert ui.code() is not None
        assert not ui.shows("有告知书请您阅读"), "the other one comes with the sign-in"


@pytest.mark.usefixtures("notices")
def test_who_was_bound_by_a_link_is_reminded_beside_the_code(phone: Phone) -> None:
    with running(phone, enrolment_code=CODE) as ui:
        ui.wait(lambda: ui.shows("有告知书请您阅读"))
        assert ui.code() is not None
        ui.tap("有告知书请您阅读")
        ui.tap("我已阅读")
        assert ui.app.models.place.name == "code"


def test_they_can_be_read_later_even_without_network(enrolled: Phone, notices: CardOffice) -> None:
    with running(enrolled) as ui:
        ui.wait(
            lambda: len(ui.app._services.notices.known.present or ()) == len(notices.desk.notices)
        )
    enrolled.online = False
    with running(enrolled) as ui:
        ui.tap("我的")
        ui.tap("我的权利")
        ui.tap("信息怎么被处理？告知书")
        assert ui.shows("未读")
        ui.touch(next(ui.widgets(_row())))
        assert ui.shows("一、为什么要 ecard。")
        ui.tap("我已阅读")
        assert ui.shows("已读")


def _row() -> type[object]:
    from mobile.ui.screens.notices.screen import NoticeRow  # noqa: PLC0415, Kivy is prepared then

    return NoticeRow


def test_a_new_version_is_unread_and_another_person_reads_for_themselves(
    enrolled: Phone, notices: CardOffice
) -> None:
    notices.desk.acknowledged = [("platform", 1)]
    notices.desk.notices = [notice("platform", "SIGN_IN", version=2)]
    with running(enrolled) as ui:
        open_sign_in(ui)
        type_keys(ui, PHONE)
        ui.tap("获取验证码")
        ui.wait(lambda: ui.shows("第 2 版"))
        ui.tap("我已阅读")
        ui.wait(lambda: ui.shows("短信里的 6 位验证码"))
        type_keys(ui, SMS_CODE)
        ui.tap("submit")
        ui.wait(lambda: ("platform", 2) in notices.desk.acknowledged)
        ui.tap("我的")
        ui.tap("退出登录")
        notices.desk.acknowledged = []
        open_sign_in(ui)
        ask_for_code(ui)
        type_keys(ui, SMS_CODE)
        ui.tap("submit")
        ui.tap("码")
        ui.wait(lambda: ui.shows("有告知书请您阅读"))
