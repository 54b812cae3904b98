"""亮证: masked until somebody opens the eye, and masked again by itself."""

import json
from datetime import timedelta

import pytest

from mobile.core.preferences import Preferences
from mobile.viewmodels.eye import OPEN_SECONDS
from tests.mobile.card_office import CODE, CardOffice
from tests.support.ui import UI, Phone, running


def open_eye(ui: UI) -> None:
    ui.tap("显示姓名")
    ui.wait(lambda: ui.shows("钟晓明"))


@pytest.mark.feature("S23")
def test_it_is_masked_by_default_and_again_after_half_a_minute(ui: UI, office: CardOffice) -> None:
    assert ui.shows("钟*明")
    assert ui.shows("尾号 ••••")
    assert "CardFace" not in office.asked, "nobody asked for the name"

    open_eye(ui)
    assert ui.shows("尾号 5341")
    assert not ui.shows("钟*明")
    ui.later(25)
    assert ui.shows("钟晓明")
    ui.later(5)

    assert ui.shows("钟*明")
    assert not ui.shows("钟晓明")
    assert not ui.shows("5341")


def test_drawing_anew_does_not_prolong_it(ui: UI) -> None:
    open_eye(ui)
    for _ in range(3):
        ui.app.models.preferences.switch_contrast()
        ui.later(OPEN_SECONDS / 3)

    assert not ui.shows("钟晓明")


def test_a_clock_that_is_set_back_does_not_prolong_it(ui: UI) -> None:
    open_eye(ui)
    ui.phone.clock._now -= timedelta(hours=1)
    ui.later(OPEN_SECONDS + 1)

    assert not ui.shows("钟晓明")


@pytest.mark.parametrize("leave", ["eye", "page", "background", "suspended"])
def test_it_masks_when_nobody_looks_any_more(ui: UI, office: CardOffice, leave: str) -> None:
    open_eye(ui)
    if leave == "eye":
        ui.tap("隐藏姓名")
    elif leave == "page":
        ui.tap("我的")
        assert ui.app.models.code.state.name == "钟*明"
        ui.tap("码")
    elif leave == "background":
        ui.app.dispatch("on_pause")
        ui.app.dispatch("on_resume")
    else:
        office.state = "SUSPENDED"
        ui.wait(lambda: ui.shows("卡已临时挂失"))
    ui.frames()

    assert ui.shows("钟*明")
    assert not ui.shows("钟晓明")


def test_the_full_name_is_never_stored(enrolled: Phone) -> None:
    with running(enrolled) as ui:
        open_eye(ui)
        ui.later(10)
    with running(enrolled) as ui:
        wallet = ui.app._services.session.wallet
        assert wallet is not None
        assert "晓" not in json.dumps(wallet.to_wire(), ensure_ascii=False)
        assert ui.app.models.code.state.name == "钟*明"


def test_without_network_the_tail_is_shown_and_the_missing_name_explained(enrolled: Phone) -> None:
    enrolled.online = False
    with running(enrolled) as ui:
        ui.tap("显示姓名")
        ui.wait(lambda: ui.shows("连上网再试"))

        assert ui.shows("尾号 5341")
        assert ui.shows("钟*明")


def test_a_name_once_shown_is_there_without_network_while_the_app_runs(
    ui: UI, office: CardOffice
) -> None:
    open_eye(ui)
    ui.tap("隐藏姓名")
    office.broken = b"no JSON"

    open_eye(ui)


@pytest.mark.feature("S23")
def test_in_elder_mode_it_has_words_and_is_said(ui: UI) -> None:
    ui.app.models.preferences.value = Preferences(elder=True)
    ui.go("code")
    ui.tap("朗读")
    assert "钟" not in ui.phone.speech.said[-1][0]

    open_eye(ui)
    ui.tap("朗读")
    said = ui.phone.speech.said[-1][0]
    assert "钟晓明，尾号 5341" in said
    assert "秒后自动隐藏" in said


def test_another_card_on_the_phone_has_another_name(ui: UI, office: CardOffice) -> None:
    open_eye(ui)
    ui.app.models.me.forget()
    office.codes, office.name, office.full_name = {CODE}, "欧*", "欧阳"
    ui.app.models.enrol.fill(CODE)
    ui.frames()
    ui.tap("submit")
    ui.wait(lambda: ui.shows("欧*"))
    ui.tap("显示姓名")
    ui.wait(lambda: ui.shows("欧阳"))

    assert not ui.shows("钟晓明")
