"""挂失: for a while by two touches and no sign-in, for good only after being asked twice."""

import pytest
from kivy.uix.behaviors import ButtonBehavior

from mobile.ui.widgets.controls import Pill
from tests.mobile.card_office import CARD_OF_ANOTHER, CardOffice
from tests.mobile.test_sign_in import sign_in
from tests.support.ui import UI, Phone, running


def open_page(ui: UI) -> None:
    ui.tap("我的")
    ui.tap("卡丢了怎么办？")
    assert ui.shows("卡现在的状态")


def suspend(ui: UI) -> None:
    open_page(ui)
    ui.tap("临时挂失")
    ui.tap("确定临时挂失")
    ui.wait(lambda: ui.shows("找到卡后回到这里解挂"))


@pytest.mark.feature("S9", "S21")
def test_a_card_is_suspended_by_the_phone_alone(ui: UI, office: CardOffice) -> None:
    open_page(ui)
    ui.tap("临时挂失")
    assert ui.shows("实体卡马上停用")
    assert office.state == "ACTIVE", "asked about first"
    ui.tap("确定临时挂失")
    ui.wait(lambda: ui.shows("已临时挂失"))

    assert office.state == "SUSPENDED"
    assert office.desk.sessions == []
    ui.tap("码")
    assert ui.shows("卡已临时挂失，码暂停使用"), "at once, before anything was read anew"
    assert ui.code() is None
    ui.tap("卡找到了？去解挂")
    assert ui.shows("卡现在的状态")


def test_a_suspension_is_lifted_after_a_sign_in(ui: UI, office: CardOffice) -> None:
    suspend(ui)
    ui.tap("解挂")
    assert ui.shows("您的手机号码"), "this needs a sign-in"
    sign_in(ui)
    ui.wait(lambda: ui.shows("卡在您手里吗？"))
    assert office.state == "SUSPENDED"
    ui.tap("卡在手里，解挂")
    ui.wait(lambda: ui.shows("已解挂"))

    assert office.state == "ACTIVE"
    ui.tap("码")
    ui.wait(lambda: ui.code() is not None)


@pytest.mark.feature("S9")
def test_a_final_report_is_asked_about_twice(ui: UI, office: CardOffice) -> None:
    open_page(ui)
    ui.tap("正式挂失")
    sign_in(ui)
    ui.wait(lambda: ui.shows("正式挂失意味着什么？"))
    assert ui.shows("不能解挂")
    ui.tap("我明白，继续")
    assert ui.shows("最后确认")
    assert ui.shows("钟*明的社保卡，尾号 5341")
    assert office.state == "ACTIVE"
    ui.tap("确定，永久作废")
    ui.wait(lambda: ui.shows("已正式挂失"))

    assert office.state == "LOST"
    assert ui.shows("请带身份证到社保卡服务网点补办新卡")
    assert not {"临时挂失", "正式挂失", "解挂"} & {
        getattr(target, "text", "") for target in ui.widgets(ButtonBehavior)
    }
    ui.tap("码")
    assert ui.shows("卡已正式挂失，码不能再用")


@pytest.mark.feature("U6")
def test_each_question_can_be_left_and_nothing_happens(ui: UI, office: CardOffice) -> None:
    open_page(ui)
    ui.tap("临时挂失")
    ui.tap("先不挂失")
    assert ui.shows("卡现在的状态")
    ui.tap("临时挂失")
    ui.press(27)
    assert ui.shows("卡现在的状态")
    ui.tap("正式挂失")
    sign_in(ui)
    ui.tap("我明白，继续")
    ui.press(27)
    assert ui.shows("正式挂失意味着什么？"), "one step back"
    ui.tap("不办了")
    assert ui.shows("卡现在的状态")

    assert office.state == "ACTIVE"
    assert office.service_keys == []


def test_leaving_the_sign_in_leads_back_to_the_question(ui: UI, office: CardOffice) -> None:
    open_page(ui)
    ui.tap("正式挂失")
    ui.tap("返回")
    assert ui.shows("正式挂失意味着什么？")
    ui.tap("我明白，继续")
    assert ui.shows("您的手机号码"), "no further without a sign-in"
    assert office.state == "ACTIVE"


def test_offline_nothing_is_promised_and_nothing_waits(enrolled: Phone, office: CardOffice) -> None:
    enrolled.online = False
    with running(enrolled) as ui:
        open_page(ui)
        ui.tap("临时挂失")
        ui.tap("确定临时挂失")
        ui.wait(lambda: ui.shows("连不上服务器"))
        assert ui.shows("应用不会自动重试")
        assert ui.shows("12333")
        ui.later(120, step=5)
        assert ui.shows("现在临时挂失？"), "still asked, not done"
    enrolled.online = True
    with running(enrolled) as ui:
        ui.later(5)
        assert office.state == "ACTIVE", "nothing was queued"


def test_a_lost_answer_is_repeated_as_the_same_request(ui: UI, office: CardOffice) -> None:
    open_page(ui)
    ui.tap("临时挂失")
    office.loses_answers = True
    ui.tap("确定临时挂失")
    ui.wait(lambda: ui.shows("这次可能没有办成"))
    assert office.state == "SUSPENDED", "done, though the phone cannot know"
    office.loses_answers = False
    ui.tap("确定临时挂失")
    ui.wait(lambda: ui.shows("卡和码都停用了"))

    assert len(office.service_keys) == 1


def test_a_refusal_is_told_in_the_servers_words(ui: UI, office: CardOffice) -> None:
    open_page(ui)
    ui.tap("临时挂失")
    office.state = "LOST"
    ui.tap("确定临时挂失")
    ui.wait(lambda: ui.shows("找到卡后请解除挂失。"))


def test_somebody_elses_sign_in_leaves_the_shown_card_as_it_is(ui: UI, office: CardOffice) -> None:
    suspend(ui)
    ui.tap("解挂")
    sign_in(ui)
    ui.wait(lambda: ui.shows("卡在您手里吗？"))
    office.refuse_service = CARD_OF_ANOTHER
    ui.tap("卡在手里，解挂")
    ui.wait(lambda: ui.shows("请持卡人本人登录"))

    assert office.state == "SUSPENDED"
    ui.tap("码")
    assert ui.code() is None


def test_elder_mode_offers_one_act_first_and_reads_it(ui: UI) -> None:
    ui.tap("长辈版")
    ui.tap("卡丢了怎么办？")
    ui.later(0.3)
    ui.tap("朗读")
    assert "卡的状态：正常" in ui.phone.speech.said[-1][0]
    ui.tap("临时挂失")
    ui.tap("朗读")
    assert "实体卡马上停用" in ui.phone.speech.said[-1][0]


@pytest.mark.parametrize(
    ("state", "word", "icon"),
    [
        ("ACTIVE", "正常", "check"),
        ("SUSPENDED", "已临时挂失", "lock"),
        ("EXPIRED", "已过期", "clock-alert"),
    ],
)
def test_only_a_card_that_was_locked_carries_a_lock(
    ui: UI, office: CardOffice, state: str, word: str, icon: str
) -> None:
    office.state = state
    open_page(ui)
    ui.wait(lambda: ui.shows(word))

    assert {pill.icon for pill in ui.widgets(Pill) if pill.text == word} == {icon}
