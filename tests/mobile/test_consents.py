"""授权管理: each purpose explained; taking back takes no more touches than giving."""

import pytest

from tests.mobile.card_office import CardOffice
from tests.mobile.rights_desk import purpose
from tests.mobile.test_sign_in import sign_in
from tests.support.ui import UI


@pytest.fixture
def ui(ui: UI, office: CardOffice) -> UI:
    """A signed-in app on the list of consents."""
    office.desk.purposes = [purpose("health")]
    ui.tap("我的")
    ui.tap("我的权利")
    ui.tap("我授权了什么？")
    sign_in(ui)
    ui.wait(lambda: ui.shows("health 用途"))
    return ui


def open_purpose(ui: UI) -> None:
    from mobile.ui.screens.consents.screen import PurposeRow  # noqa: PLC0415, Kivy is prepared

    ui.touch(next(ui.widgets(PurposeRow)))


def touches(ui: UI, act: str, done: str) -> int:
    """Do `act` from the list and return how many touches it took."""
    before = ui.touches
    open_purpose(ui)
    ui.tap(act)
    ui.wait(lambda: ui.shows(done))
    return ui.touches - before


@pytest.mark.feature("S118", "L6")
def test_withdrawing_takes_no_more_touches_than_giving(ui: UI, office: CardOffice) -> None:
    given = touches(ui, "同意", "随时可以在这里撤回")
    assert office.desk.purposes[0]["consented"]
    ui.tap("返回")
    withdrawn = touches(ui, "撤回同意", "从现在起不再这样使用您的信息")

    assert not office.desk.purposes[0]["consented"]
    assert withdrawn <= given


def test_a_purpose_says_what_why_who_and_how_long_before_anything_is_agreed(
    ui: UI, office: CardOffice
) -> None:
    open_purpose(ui)
    for words in ("为了显示健康档案", "疫苗接种记录", "市卫健委", "180 天", "属于敏感信息"):
        assert ui.shows(words), words
    assert ui.shows("未同意")
    assert not office.desk.purposes[0]["consented"]


def test_receipts_tell_when_it_was_given_and_taken_back(ui: UI) -> None:
    touches(ui, "同意", "已同意")
    assert ui.shows("到 2027年5月21日 为止")
    ui.tap("撤回同意")
    ui.wait(lambda: ui.shows("已撤回"))
    ui.tap("返回")

    assert ui.shows("同意记录")
    assert any(text.endswith("同意") and "11月22日" in text for text in ui.texts())
    assert any(text.endswith("撤回") and "11月22日" in text for text in ui.texts())


def test_a_lost_answer_gives_one_receipt(ui: UI, office: CardOffice) -> None:
    open_purpose(ui)
    office.loses_answers = True
    ui.tap("同意")
    ui.wait(lambda: ui.shows("这次可能没有办成"))
    office.loses_answers = False
    ui.tap("同意")
    ui.wait(lambda: ui.shows("随时可以在这里撤回"))

    assert len(office.desk.receipts) == 1
