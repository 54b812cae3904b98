"""长辈版: one switch, one touch away wherever one starts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from kivy.metrics import dp

from mobile.core.preferences import TEXT_SCALES, Preferences
from mobile.core.texts import say
from mobile.ui.gallery.booking_samples import CONFIRMED
from shared.localized_text import Language
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running

HOUR = timedelta(hours=1)
PAGES = (
    "home",
    "code",
    "wallet",
    "bookings",
    "venues",
    "me",
    "card_loss",
    "rights",
    "sign_in",
    "register",
    "help",
)


@pytest.mark.feature("A22")
def test_it_is_one_touch_away_at_the_first_start(phone: Phone) -> None:
    with running(phone) as ui:
        ui.tap("长辈版")
        assert ui.app.theme.elder
    with running(phone) as ui:
        assert ui.app.theme.elder, "it stays"
        ui.tap("标准版")
        assert not ui.app.theme.elder


@pytest.mark.feature("A22")
def test_it_is_one_touch_away_at_the_code_and_in_the_settings(ui: UI) -> None:
    ui.tap("长辈版")
    assert ui.shows("我的码")
    ui.tap("标准版")
    assert not ui.shows("我的码")

    ui.tap("我的")
    ui.tap("elder")
    assert ui.app.theme.elder


def test_its_start_shows_the_code_on_the_upper_half_and_tiles(ui: UI) -> None:
    ui.tap("长辈版")
    assert ui.code() is not None
    qr = ui.target("code")
    assert qr.to_window(*qr.center)[1] > ui.app.root.height / 2

    ui.tap("卡包")
    assert ui.shows("社会保障卡")
    ui.tap("回主页")
    assert ui.shows("我的码")


def test_its_start_has_the_call_to_the_family_in_sight_over_what_is_booked(enrolled: Phone) -> None:
    enrolled.online = False
    with running(enrolled) as ui:
        session = ui.app.models.place._session
        assert session.wallet is not None
        now = enrolled.clock.now()
        booked = replace(CONFIRMED, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
        session.keep(replace(session.wallet, coming=(booked,)))
        ui.tap("长辈版")
        home = ui.app.root.page
        ui.wait(lambda: home.ids.next.line)
        ui.frames()

        def foot(widget: Any) -> float:
            return float(widget.to_window(*widget.pos)[1])

        assert foot(home.ids.call_family) >= foot(home.ids.view)
        assert foot(home.ids.next) < foot(home.ids.call_family)


def test_the_code_can_be_enlarged(ui: UI) -> None:
    ui.tap("长辈版")
    small = ui.target("code").ids.qr.width
    ui.tap("code")

    assert ui.app.models.place.name == "code"
    assert ui.app.root.page.ids.qr.width > small
    assert ui.code() is not None


@pytest.mark.feature("A29")
def test_help_and_voice_stand_at_the_same_place_on_every_page(ui: UI) -> None:
    ui.tap("长辈版")
    places = set()
    for name in (
        "home",
        "code",
        "wallet",
        "bookings",
        "venues",
        "me",
        "card_loss",
        "rights",
        "sign_in",
        "register",
        "help",
    ):
        ui.go(name)
        places.add(tuple(tuple(ui.target(act).pos) for act in ("帮助", "朗读")))

    assert len(places) == 1


def test_a_page_can_be_read_aloud(ui: UI, office: CardOffice) -> None:
    office.add_visit("赣州市图书馆")
    ui.wait(lambda: ui.shows("赣州市图书馆"))
    ui.tap("长辈版")
    ui.tap("朗读")
    ui.tap("卡包")
    ui.tap("朗读")

    (code, language), (wallet, _) = ui.phone.speech.said
    assert language == "zh"
    assert "请将二维码对准扫码口" in code
    assert "赣州市图书馆" in wallet
    assert "尾号 5341" in wallet


def test_every_page_has_words_to_be_read(ui: UI) -> None:
    ui.tap("长辈版")
    for name in (
        "home",
        "code",
        "wallet",
        "bookings",
        "venues",
        "me",
        "card_loss",
        "rights",
        "sign_in",
        "register",
        "help",
    ):
        ui.go(name)
        ui.tap("朗读")
    assert all(len(text) > 10 for text, _ in ui.phone.speech.said)
    assert len(ui.phone.speech.said) == len(PAGES)


@pytest.mark.feature("A22")
def test_a_page_below_another_leads_back_to_it_and_the_upper_ones_need_only_home(ui: UI) -> None:
    ui.tap("长辈版")
    for name in ("wallet", "rights", "card_loss", "bookings", "sign_in"):
        ui.go(name)
        assert not ui.shows("返回"), name
    for name, above in (("notices", "rights"), ("venues", "bookings"), ("register", "sign_in")):
        ui.go(name)
        ui.tap("返回")
        assert ui.app.models.place.name == above


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_way_back_is_large_and_whole_at_the_largest_text(ui: UI, language: Language) -> None:
    ui.app.models.preferences.value = Preferences(
        elder=True, text_scale=max(TEXT_SCALES), language=language
    )
    ui.go("notices")
    back = ui.target(say(language, "act.back"))

    assert min(back.size) >= dp(60)
    assert back.to_window(*back.pos)[0] >= 0
    assert back.to_window(back.right, back.y)[0] <= ui.app.root.width
    word = next(child for child in back.children if child.text == back.text)
    assert word.texture_size[0] <= back.width
    assert word.texture_size[1] <= back.height


def test_a_question_leads_back_a_step(ui: UI) -> None:
    ui.tap("长辈版")
    ui.go("card_loss")
    ui.tap("临时挂失")
    assert ui.shows("现在临时挂失？")
    ui.tap("返回")
    assert ui.shows("卡现在的状态")
    assert not ui.shows("返回")


def test_what_waited_for_another_page_leads_home_again_once_it_is_back(ui: UI) -> None:
    ui.tap("长辈版")
    place = ui.app.models.place
    ui.go("wallet")
    place.interrupt("help")
    assert place.leads_back
    place.back()
    assert place.name == "wallet"
    assert not place.leads_back


def test_the_settings_are_one_decision_a_page(ui: UI) -> None:
    ui.tap("长辈版")
    ui.go("me")
    for way, there in (("look", "字号"), ("phone", "本机凭证"), ("stored", "从这部手机移除")):
        assert not ui.shows(there)
        ui.tap(way)
        assert ui.shows(there)
        assert not ui.shows("我的账号")
        ui.tap("返回")
        assert ui.shows("我的账号")

    ui.tap("stored")
    ui.tap("forget")
    ui.tap("返回")
    assert not ui.shows("确定移除"), "back first takes the question back"
    assert ui.shows("从这部手机移除")
