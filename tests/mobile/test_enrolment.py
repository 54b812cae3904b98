"""Binding a phone: the first thing anybody does with the app."""

from datetime import timedelta

import pytest

from shared.clock import ManualClock
from tests.mobile.card_office import CODE, CardOffice
from tests.support.ui import UI, Phone, running


def type_code(ui: UI, digits: str) -> None:
    for digit in digits:
        ui.press(ord(digit))


def test_typing_the_activation_code_brings_the_card(phone: Phone, office: CardOffice) -> None:
    with running(phone) as ui:
        for digit in CODE:
            ui.tap(digit)
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("钟*明"))

        assert ui.code() is not None
        assert office.asked[:2] == ["Notices", "EnrolDevice"], "told before anything is done"


@pytest.mark.usefixtures("office")
def test_a_wrong_code_says_why_and_keeps_what_was_typed(phone: Phone) -> None:
    with running(phone) as ui:
        type_code(ui, "1234567890")
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("激活码不对"))

        assert ui.shows("请核对后重新输入")
        assert [text for text in ui.texts() if len(text) == 1][:10] == list("1234567890")

        ui.tap("删除")
        assert ui.shows("还差 1 位")
        assert not ui.shows("激活码不对"), "the error goes with the first change"


def test_an_app_that_was_killed_before_the_answer_came_gets_it_for_the_same_code(
    phone: Phone, office: CardOffice
) -> None:
    """The code is used up by then; to the phone that used it, it says the same again."""
    office.loses_answers = True
    with running(phone) as ui:
        type_code(ui, CODE)
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("这次可能没有办成"))
    assert office.codes == set()
    office.loses_answers = False
    with running(phone) as ui:
        type_code(ui, CODE)
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("钟*明"))


def test_an_incomplete_code_is_not_sent(phone: Phone, office: CardOffice) -> None:
    with running(phone) as ui:
        type_code(ui, "314159265")
        ui.tap("还差 1 位")
        ui.later(1)

        assert office.asked == []


def test_without_network_the_code_is_kept_and_can_be_sent_again(
    phone: Phone, office: CardOffice
) -> None:
    office.broken = b"no JSON"
    with running(phone) as ui:
        type_code(ui, CODE)
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("服务器暂时出错"))

        office.broken = None
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("钟*明"))


def test_a_lost_answer_does_not_spend_the_code_twice(phone: Phone, office: CardOffice) -> None:
    """The office booked the code, but its answer never arrived: the same act is repeated."""
    with running(phone) as ui:
        office.loses_answers = True
        type_code(ui, CODE)
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("服务器暂时出错"))
        assert office.codes == set()

        office.loses_answers = False
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("钟*明"))


def test_where_only_the_notices_are_missing_the_code_is_sent(
    phone: Phone, office: CardOffice
) -> None:
    """A clerk hands the notice over with the code: the first code needs no more than before."""
    office.desk.notices = [{}]  # an answer that breaks the schema
    with running(phone) as ui:
        type_code(ui, CODE)
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("钟*明"))

        assert "Notices" in office.asked


@pytest.mark.usefixtures("office")
def test_a_keyboard_works_as_well(phone: Phone) -> None:
    with running(phone) as ui:
        type_code(ui, CODE)
        ui.press(8)
        ui.press(ord(CODE[-1]))
        ui.press(13)
        ui.wait(lambda: ui.shows("钟*明"))


def test_a_phone_whose_clock_is_an_hour_off_is_enrolled_all_the_same(
    phone: Phone, office: CardOffice
) -> None:
    """The server's own time, in its refusal, is what the second attempt is signed with."""
    office.clock = ManualClock(phone.clock.now() + timedelta(hours=1))
    with running(phone, enrolment_code=CODE) as ui:
        ui.wait(lambda: ui.shows("钟*明"))

        assert ui.shows("手机时间慢了 1 小时") or ui.shows("手机时间慢了 59 分钟")


def test_a_full_disk_is_told_before_the_code_is_spent(phone: Phone, office: CardOffice) -> None:
    phone.folder.parent.mkdir(parents=True, exist_ok=True)
    phone.folder.write_text("a file where the folder should be")
    with running(phone) as ui:
        type_code(ui, CODE)
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("手机存不下数据"))

    assert office.asked == []
    assert office.codes == {CODE}
