"""更正: a choice, the right value, a reason; the phone by a code."""

import pytest

from tests.mobile.account_desk import SMS_CODE
from tests.mobile.card_office import CardOffice
from tests.mobile.test_sign_in import sign_in, type_keys
from tests.support.ui import UI


@pytest.fixture
def ui(ui: UI) -> UI:
    """A signed-in app on the page of corrections."""
    ui.tap("我的")
    ui.tap("我的权利")
    ui.tap("更正信息、换手机号")
    sign_in(ui)
    ui.wait(lambda: ui.shows("还没有申请过更正"))
    ui.tap("申请更正")
    return ui


def test_a_birth_date_is_asked_for_with_few_touches_and_taken_back_with_one(
    ui: UI, office: CardOffice
) -> None:
    ui.tap("出生日期")
    ui.tap("下一步")
    type_keys(ui, "19650102")
    assert ui.shows("1965 01 02")
    ui.tap("下一步")
    ui.tap("登记时录错了")
    office.loses_answers = True
    ui.tap("提交申请")
    ui.wait(lambda: ui.shows("这次可能没有办成"))
    office.loses_answers = False
    ui.tap("提交申请")
    ui.wait(lambda: ui.shows("等待核对"))

    asked = office.desk.asked_corrections
    assert [(one["field"], one["value"]) for one in asked] == [("BIRTH", "1965-01-02")] * 2
    assert asked[0]["explanation"] == "登记时录错了"
    assert len({one["idempotencyKey"] for one in asked}) == 1
    ui.tap("撤回申请")
    ui.wait(lambda: ui.shows("登记信息没有变"))


def test_in_elder_mode_each_request_has_a_page_of_its_own(ui: UI) -> None:
    ui.tap("出生日期")
    ui.tap("下一步")
    type_keys(ui, "19650102")
    ui.tap("下一步")
    ui.tap("登记时录错了")
    ui.tap("提交申请")
    ui.wait(lambda: ui.shows("等待核对"))
    ui.app.models.preferences.switch_elder()
    assert ui.shows("申请更正")
    assert not ui.shows("撤回申请")

    ui.tap("出生日期 · 等待核对")
    assert ui.shows("撤回申请")
    assert not ui.shows("申请更正")
    ui.tap("返回")
    assert ui.shows("申请更正")
    ui.tap("出生日期 · 等待核对")
    ui.tap("撤回申请")
    ui.wait(lambda: ui.shows("登记信息没有变"))
    assert ui.shows("申请更正"), "all requests again"


def test_back_goes_one_step_and_keeps_what_was_typed(ui: UI) -> None:
    ui.tap("姓名")
    ui.tap("下一步")
    ui.touch(ui.app.root.page.ids.form.ids.written)
    ui.write("欧阳晓明")
    ui.tap("下一步")
    assert ui.shows("为什么要改？")
    ui.press(27)
    assert ui.shows("正确的姓名")
    assert ui.app.models.corrections.line == "欧阳晓明"
    ui.press(27)
    ui.press(27)
    assert ui.shows("申请更正")


def test_a_phone_is_changed_by_a_code_on_the_new_one(ui: UI, office: CardOffice) -> None:
    ui.tap("手机号码")
    ui.tap("下一步")
    type_keys(ui, "13900139000")
    ui.tap("获取验证码")
    ui.wait(lambda: ui.shows("139****9000"))
    type_keys(ui, "111111")
    ui.tap("换成这个号码")
    ui.wait(lambda: ui.shows("验证码不对"))
    ui.tap("清空")
    type_keys(ui, SMS_CODE)
    ui.tap("换成这个号码")
    ui.wait(lambda: ui.shows("手机号码已更换"))

    assert office.desk.messages[-1] == "13900139000"
    assert "13900139000" not in repr(ui.app.models.corrections.state)


def test_another_code_can_be_asked_for_after_a_while_and_the_number_stays(
    ui: UI, office: CardOffice
) -> None:
    ui.tap("手机号码")
    ui.tap("下一步")
    type_keys(ui, "13900139000")
    assert not ui.shows("没收到？"), "nothing was sent yet"
    ui.tap("获取验证码")
    ui.wait(lambda: ui.shows("139****9000"))
    sent = len(office.desk.messages)
    ui.tap("没收到？稍等片刻可再发")
    assert len(office.desk.messages) == sent, "too early"

    type_keys(ui, "111")
    ui.later(61, step=5)
    ui.tap("没收到？再发一次")
    ui.wait(lambda: len(office.desk.messages) == sent + 1)
    assert office.desk.messages[-1] == "13900139000"
    ui.wait(lambda: not ui.app.models.corrections.state.busy)
    assert ui.shows("没收到？稍等片刻可再发"), "the wait begins anew"
    type_keys(ui, SMS_CODE)
    ui.tap("换成这个号码")
    ui.wait(lambda: ui.shows("手机号码已更换"))
    assert not ui.shows("没收到？")
