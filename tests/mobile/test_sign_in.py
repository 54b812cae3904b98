"""Signing in with a thumb: a code by SMS, or citizen number and password."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile.core.texts import say
from mobile.viewmodels.place import _SIGNED_IN_ONLY, title_key
from tests.mobile.account_desk import (
    LOCKED,
    NUMBER,
    PASSWORD,
    PHONE,
    SMS_CODE,
)
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running


def type_keys(ui: UI, text: str) -> None:
    for key in text:
        ui.tap(key)


def open_sign_in(ui: UI) -> None:
    ui.tap("我的")
    ui.tap("登录")
    assert ui.shows("您的手机号码")


def ask_for_code(ui: UI, phone: str = PHONE) -> None:
    type_keys(ui, phone)
    ui.tap("获取验证码")
    ui.wait(lambda: ui.shows("短信里的 6 位验证码"))


def sign_in(ui: UI, phone: str = PHONE) -> None:
    """Sign in by SMS, from the page that asks for it."""
    ask_for_code(ui, phone)
    type_keys(ui, SMS_CODE)
    ui.tap("submit")
    ui.wait(lambda: ui.app.models.place.name != "sign_in")


def at_password(ui: UI) -> None:
    ui.tap("用证件号码和密码登录")
    type_keys(ui, NUMBER)
    ui.tap("下一步")
    assert ui.shows("您的密码")
    ui.touch(ui.app.root.page.ids.password.ids.line)


@pytest.mark.usefixtures("office")
def test_a_sign_in_on_the_way_says_to_what(ui: UI) -> None:
    open_sign_in(ui)
    assert not any("要先登录" in text for text in ui.texts())
    for name in sorted(_SIGNED_IN_ONLY):
        ui.go(name)
        assert ui.app.models.place.name == "sign_in"
        title = say("zh", title_key(name))
        assert ui.shows(f"“{title}”要先登录。"), name


@pytest.mark.usefixtures("office")
def test_a_code_by_sms_signs_in(ui: UI, office: CardOffice) -> None:
    open_sign_in(ui)
    ask_for_code(ui)
    assert office.desk.messages == [PHONE]
    assert ui.shows("已发往 138****8000，14:35 前有效（5 分钟）"), ui.texts()
    type_keys(ui, SMS_CODE)
    ui.tap("submit")
    ui.wait(lambda: ui.shows("退出登录"))

    assert office.desk.sessions[0].device_name == "Test phone"


def test_a_code_may_be_asked_for_again_after_a_minute(ui: UI, office: CardOffice) -> None:
    open_sign_in(ui)
    ask_for_code(ui)
    assert any("秒后可再发一次" in text for text in ui.texts())
    ui.tap("resend")
    ui.later(1)
    assert len(office.desk.messages) == 1, "not before its time"
    seconds = [text for text in ui.texts() if "秒后" in text]
    ui.later(5)
    assert [text for text in ui.texts() if "秒后" in text] != seconds

    ui.later(60, step=1)
    ui.tap("没收到？再发一次")
    ui.wait(lambda: len(office.desk.messages) == 2)


def test_elder_mode_shows_no_running_figures(ui: UI) -> None:
    ui.app.models.preferences.switch_elder()
    ui.later(0.3)
    ui.go("sign_in")
    ask_for_code(ui)
    before = ui.texts()
    ui.later(20, step=1)

    assert ui.texts() == before
    assert ui.shows("14:35 前有效（5 分钟）")
    ui.later(45, step=1)
    assert ui.shows("没收到？再发一次")


def test_a_wrong_code_says_why_and_keeps_it(ui: UI, office: CardOffice) -> None:
    open_sign_in(ui)
    ask_for_code(ui)
    type_keys(ui, "111111")
    ui.tap("submit")
    ui.wait(lambda: ui.shows("验证码不对"))
    assert ui.shows("请核对6位数字")
    assert ui.shows("111 111")

    ui.tap("清空")
    assert not ui.shows("验证码不对")
    type_keys(ui, SMS_CODE)
    ui.tap("submit")
    ui.wait(lambda: ui.shows("退出登录"))
    assert len(office.desk.sessions) == 1


@pytest.mark.feature("A31")
def test_number_and_password_sign_in(ui: UI, office: CardOffice) -> None:
    open_sign_in(ui)
    at_password(ui)
    ui.write(PASSWORD)
    assert not ui.shows(PASSWORD)
    ui.tap("submit")
    ui.wait(lambda: ui.shows("退出登录"))

    assert office.asked.count("SignInWithPassword") == 1
    assert ui.app.models.sign_in.password == ""


def test_the_password_can_be_seen_and_is_hidden_again(ui: UI) -> None:
    open_sign_in(ui)
    at_password(ui)
    ui.write(PASSWORD)
    line = ui.app.root.page.ids.password.ids.line
    assert line.password
    ui.tap("显示")
    assert not line.password
    assert line.text == PASSWORD
    ui.tap("隐藏")
    assert line.password


def test_the_number_pad_has_an_x_for_the_last_place_only(ui: UI) -> None:
    open_sign_in(ui)
    ui.tap("用证件号码和密码登录")
    ui.tap("X")
    assert ui.shows("还差 18 位")
    type_keys(ui, NUMBER)
    assert ui.shows("360702 19900307 451X")


def test_a_mistyped_number_is_told_before_the_password(ui: UI, office: CardOffice) -> None:
    open_sign_in(ui)
    ui.tap("用证件号码和密码登录")
    type_keys(ui, NUMBER[:-1] + "1")
    ui.tap("下一步")

    assert ui.shows("证件号码有误")
    assert ui.shows("请逐位核对")
    assert "SignInWithPassword" not in office.asked


def test_a_lock_out_tells_when_it_ends(ui: UI, office: CardOffice) -> None:
    office.desk.refuse_sign_in = LOCKED
    open_sign_in(ui)
    at_password(ui)
    ui.write(PASSWORD[:-1])
    ui.tap("submit")
    ui.wait(lambda: ui.shows("输错次数过多"))

    assert ui.shows("请在14:45后再试")
    assert ui.app.models.sign_in.password == PASSWORD[:-1], "nothing typed is lost"


@pytest.mark.feature("A30")
def test_without_network_nothing_typed_is_lost(ui: UI, office: CardOffice) -> None:
    open_sign_in(ui)
    office.broken = b"no JSON"
    type_keys(ui, PHONE)
    ui.tap("获取验证码")
    ui.wait(lambda: ui.shows("服务器暂时出错"))
    assert ui.shows("138 0013 8000")

    office.broken = None
    ui.tap("获取验证码")
    ui.wait(lambda: ui.shows("短信里的 6 位验证码"))


def test_offline_from_the_start_it_says_so(enrolled: Phone) -> None:
    enrolled.online = False
    with running(enrolled) as ui:
        open_sign_in(ui)
        type_keys(ui, PHONE)
        ui.tap("获取验证码")
        ui.wait(lambda: ui.shows("连不上服务器"))
        assert ui.shows("请检查网络")


def test_a_lost_answer_repeats_the_same_request(ui: UI, office: CardOffice) -> None:
    open_sign_in(ui)
    ask_for_code(ui)
    type_keys(ui, SMS_CODE)
    office.loses_answers = True
    ui.tap("submit")
    ui.wait(lambda: ui.shows("服务器暂时出错"))
    office.loses_answers = False
    ui.tap("submit")
    ui.wait(lambda: ui.shows("退出登录"))

    assert len(office.desk.sign_in_keys) == 2
    assert len(set(office.desk.sign_in_keys)) == 1


@pytest.mark.feature("A30")
def test_back_goes_one_step_and_keeps_what_was_typed(ui: UI) -> None:
    open_sign_in(ui)
    ask_for_code(ui)
    ui.press(27)
    assert ui.shows("138 0013 8000")
    ui.press(27)
    assert ui.app.models.place.name == "me"


def test_a_keyboard_works_as_well(ui: UI) -> None:
    open_sign_in(ui)
    ui.tap("用证件号码和密码登录")
    for key in NUMBER.lower():
        ui.press(ord(key))
    ui.press(13)
    assert ui.shows("您的密码")


@pytest.fixture
def spoken(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is logged, down to the details of the HTTP library."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_no_secret_lies_open_on_disk_or_in_logs(
    ui: UI, office: CardOffice, spoken: pytest.LogCaptureFixture
) -> None:
    open_sign_in(ui)
    at_password(ui)
    ui.write(PASSWORD)
    ui.tap("submit")
    ui.wait(lambda: ui.shows("退出登录"))
    session = office.desk.sessions[0]
    secrets = [session.access, session.refresh, NUMBER, PASSWORD, PHONE]
    written = contents(ui.phone.folder)

    assert (ui.phone.folder / "account.sealed").exists()
    for secret in secrets:
        assert secret.encode() not in written
        assert secret not in spoken.text
        assert secret not in repr(ui.app.models.sign_in.state)


def contents(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
