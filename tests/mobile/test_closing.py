"""注销账户: the terms first, asked twice, taken back by one touch."""

import pytest

from tests.mobile.card_office import CardOffice
from tests.mobile.test_sign_in import sign_in
from tests.support.ui import UI


@pytest.fixture
def ui(ui: UI) -> UI:
    """A signed-in app on the page of closing."""
    ui.tap("我的")
    ui.tap("我的权利")
    ui.tap("注销账户")
    sign_in(ui)
    ui.wait(lambda: ui.shows("会清除"))
    return ui


def test_it_says_what_goes_what_stays_and_asks_twice(ui: UI, office: CardOffice) -> None:
    for words in ("手机号码", "操作日志", "《网络安全法》", "六个月", "15 天冷静期"):
        assert ui.shows(words), words
    ui.tap("申请注销")
    ui.tap("我明白，继续")
    assert office.desk.closing is None
    ui.tap("确定，提交注销申请")
    ui.wait(lambda: ui.shows("账户将在 2026年12月7日 注销"))

    before = ui.touches
    ui.tap("撤回申请，保留账户")
    ui.wait(lambda: ui.shows("已撤回，账户保留"))
    assert office.desk.closing is None
    assert ui.touches - before == 1
    assert ui.shows("申请注销")


def test_each_question_leads_back_and_a_lost_answer_repeats_the_same_request(
    ui: UI, office: CardOffice
) -> None:
    ui.tap("申请注销")
    ui.tap("我明白，继续")
    ui.press(27)
    assert ui.shows("确定要注销账户吗？")
    ui.tap("不注销了")
    assert ui.shows("会清除")
    assert office.desk.closing_keys == []

    ui.tap("申请注销")
    ui.tap("我明白，继续")
    office.loses_answers = True
    ui.tap("确定，提交注销申请")
    ui.wait(lambda: ui.shows("这次可能没有办成"))
    office.loses_answers = False
    ui.tap("确定，提交注销申请")
    ui.wait(lambda: ui.shows("账户将在"))
    assert len(office.desk.closing_keys) == 2
    assert len(set(office.desk.closing_keys)) == 1
