"""长辈版: one switch, one touch away wherever one starts."""

import pytest

from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running

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
