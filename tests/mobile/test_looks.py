"""How every page looks in every look: sizes, contrast, nothing clipped, both languages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from kivy.metrics import Metrics, dp
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label

from mobile.core.booking import BookingsSeen
from mobile.core.passes import PassesSeen, PassWish
from mobile.core.preferences import TEXT_SCALES, Preferences
from mobile.core.texts import TEXTS
from mobile.core.vouchers import VouchersSeen
from mobile.ui import tokens
from mobile.ui.gallery import pass_samples as made
from mobile.ui.gallery.booking_samples import BOOKINGS, CONFIRMED, FULL, HELD, SLOTS, VENUES
from mobile.ui.gallery.exams import EXAMS
from mobile.ui.gallery.library_samples import SHELF
from mobile.ui.gallery.looked_after import CHECK
from mobile.ui.gallery.stored_value import STORED
from mobile.ui.widgets.text import Body
from mobile.viewmodels import shop_state as shop
from mobile.viewmodels.book_state import Step
from tests.mobile.account_desk import NUMBER, PHONE, SMS_CODE, TABLET, THIS
from tests.mobile.card_office import CardOffice
from tests.mobile.rights_desk import purpose
from tests.support.looks import check_nothing_is_clipped, check_step, words
from tests.support.ui import UI, Phone, running

DAILY_PAGES = (
    *(
        "code",
        "wallet",
        "bookings",
        "venues",
        "me",
        "devices",
        "paper",
        "data_use",
        "help",
        "services",
        "timeline",
    ),
)
RIGHTS_PAGES = ("card_loss", "rights", "notices", "consents", "data_copy", "corrections", "closing")
PAGES = (*DAILY_PAGES, *RIGHTS_PAGES)
ELDER_PAGES = ("home", *PAGES)


@pytest.fixture
def ui(ui: UI, office: CardOffice) -> UI:
    """An app with something on every page."""
    office.add_visit("中央红军长征出发地纪念园")
    office.add_visit("赣州市图书馆", "REFUSED", "动态码已过期")
    ui.wait(lambda: ui.shows("动态码已过期") or ui.shows("赣州市图书馆"))
    office.desk.devices = [dict(THIS), dict(TABLET)]
    office.desk.purposes = [purpose("health")]
    office.desk.add_use("章贡区社会保障卡服务中心")
    ui.go("devices")
    press(ui, PHONE)
    ui.wait(lambda: ui.shows("短信里的 6 位验证码"))
    press(ui, SMS_CODE)
    ui.wait(lambda: ui.shows("旧手机"))
    return ui


def press(ui: UI, digits: str) -> None:
    for digit in digits:
        ui.press(ord(digit))
    ui.press(13)


def look(ui: UI, **changes: Any) -> None:
    preferences = ui.app.models.preferences
    preferences.value = Preferences(**changes)
    ui.later(0.3)


def pages(ui: UI, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        ui.go(name)
        yield name


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.feature("A6")
@pytest.mark.parametrize("palette", tokens.PALETTES)
@pytest.mark.parametrize(("ink", "ground"), tokens.TEXT_PAIRS)
def test_every_pair_of_text_and_ground_has_contrast(
    palette: tokens.Palette, ink: str, ground: str
) -> None:
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= 4.5


@pytest.mark.feature("A8")
@pytest.mark.parametrize("palette", tokens.ENHANCED)
@pytest.mark.parametrize(("ink", "ground"), tokens.TEXT_PAIRS)
def test_elder_and_contrast_colours_have_more(
    palette: tokens.Palette, ink: str, ground: str
) -> None:
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= 7


@pytest.mark.feature("A7")
@pytest.mark.parametrize("palette", tokens.PALETTES)
@pytest.mark.parametrize(("line", "ground"), tokens.OUTLINE_PAIRS)
def test_outlines_of_controls_have_contrast(
    palette: tokens.Palette, line: str, ground: str
) -> None:
    assert contrast(getattr(palette, line), getattr(palette, ground)) >= 3


@pytest.mark.feature("A7")
@pytest.mark.parametrize("palette", tokens.PALETTES)
def test_the_ring_is_seen_on_the_white_card_of_the_code(palette: tokens.Palette) -> None:
    assert contrast(palette.ring, tokens.CODE_GROUND) >= 3


@pytest.mark.feature("A6")
def test_words_are_drawn_in_listed_pairs_only(ui: UI) -> None:
    """Each tone on the screen stands in the table of pairs that the contrast tests go through."""
    listed = {ink for ink, _ in tokens.TEXT_PAIRS}
    for elder, names in ((False, PAGES), (True, ELDER_PAGES)):
        look(ui, elder=elder)
        for name in pages(ui, names):
            tones = {getattr(label, "tone", "ink") for label in words(ui)}
            assert tones <= listed, name


@pytest.mark.feature("A12")
def test_targets_are_large_enough(ui: UI) -> None:
    for name in pages(ui, PAGES):
        for target in ui.widgets(ButtonBehavior):
            assert min(target.size) >= dp(44), (name, target, target.size)


@pytest.mark.feature("A11", "A13", "A2")
def test_elder_mode_has_large_targets_and_letters(ui: UI) -> None:
    look(ui, elder=True)
    for name in pages(ui, ELDER_PAGES):
        for target in ui.widgets(ButtonBehavior):
            assert min(target.size) >= dp(60), (name, target, target.size)
        for label in words(ui):
            assert label.font_size >= dp(18), (name, label.text)


@pytest.mark.feature("A1")
@pytest.mark.parametrize("elder", [False, True])
def test_the_largest_text_size_reaches_30(ui: UI, elder: bool) -> None:
    """Main text: everything but captions and the words under them."""
    sizes = tokens.type_sizes(Preferences(elder=elder, text_scale=max(TEXT_SCALES)))
    assert all(sizes[role] >= 30 for role in ("body", "title", "headline", "figure"))

    look(ui, elder=elder, text_scale=max(TEXT_SCALES))
    for name in pages(ui, PAGES):
        main = [label for label in words(ui) if getattr(label, "type_role", "") in sizes]
        assert any(label.font_size >= dp(30) for label in main), name
        for label in main:
            assert label.font_size >= Metrics.sp * sizes[label.type_role] - 0.01


@pytest.mark.feature("A3")
def test_paragraphs_have_room_between_their_lines(ui: UI) -> None:
    for name in pages(ui, PAGES):
        for label in ui.widgets(Body):
            assert label.line_height >= 1.3, (name, label.text)


@pytest.mark.feature("A25", "S140", "U10")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("elder", [False, True])
def test_nothing_is_clipped_at_twice_the_size(ui: UI, language: str, elder: bool) -> None:
    for text_scale in (1.0, 2.0):
        look(ui, language=language, elder=elder, text_scale=text_scale)
        for name in pages(ui, ELDER_PAGES if elder else PAGES):
            check_nothing_is_clipped(ui, f"{name} at {text_scale}")


@pytest.mark.feature("A25")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("elder", [False, True])
def test_the_first_start_is_not_clipped_either(phone: Phone, language: str, elder: bool) -> None:
    with running(phone) as ui:
        for text_scale in (1.0, 2.0):
            look(ui, language=language, elder=elder, text_scale=text_scale)
            check_nothing_is_clipped(ui, f"enrol at {text_scale}")


@pytest.mark.feature("A25", "A11", "A12")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.usefixtures("office")
def test_each_step_of_the_sign_in_fits(phone: Phone, language: str, elder: bool) -> None:
    with running(phone) as ui:
        model = ui.app.models.sign_in
        for text_scale in (1.0, 2.0):
            look(ui, language=language, elder=elder, text_scale=text_scale)
            ui.go("sign_in")
            check_step(ui, f"phone at {text_scale}")
            press(ui, PHONE)
            ui.wait(lambda: model.state.step == "code")
            check_step(ui, f"code at {text_scale}")
            model.choose_other_way()
            press(ui, NUMBER.lower())
            ui.later(0.3)
            assert model.state.step == "password"
            check_step(ui, f"password at {text_scale}")
            model.step_back()
            ui.later(0.3)
            check_step(ui, f"number at {text_scale}")
            model._forget()


@pytest.mark.feature("A25", "A11", "A12")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("elder", [False, True])
def test_each_step_of_booking_and_each_ticket_fit(
    enrolled: Phone, language: str, elder: bool
) -> None:
    enrolled.online = False
    with running(enrolled) as ui:
        models = ui.app.models
        for text_scale in (1.0, 2.0):
            look(ui, language=language, elder=elder, text_scale=text_scale)
            for step in Step:
                ui.go("venues")
                models.book.begin(VENUES[0])
                models.book._moving = CONFIRMED if step is Step.MOVE else None
                models.book._slots = SLOTS
                models.book._slot, models.book._count, models.book._full = SLOTS[2], 3, FULL
                models.book._step, models.book._booking = step, HELD
                ui.go("book")
                check_step(ui, f"book {step} at {text_scale}")
            models.bookings._bookings._own = BookingsSeen(BOOKINGS, enrolled.clock.now())
            for booking in BOOKINGS[1::2]:
                ui.go("bookings")
                models.bookings.open_ticket(booking.identifier)
                check_step(ui, f"ticket {booking.identifier} at {text_scale}")
            models.bookings.show_list()
            check_step(ui, f"bookings at {text_scale}")


@pytest.mark.feature("A25", "A11", "A12")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("elder", [False, True])
def test_passes_vouchers_and_each_step_of_taking_one_fit(
    enrolled: Phone, language: str, elder: bool
) -> None:
    enrolled.online = False
    now = enrolled.clock.now()
    with running(enrolled) as ui:
        models = ui.app.models
        for text_scale in (1.0, 2.0):
            look(ui, language=language, elder=elder, text_scale=text_scale)
            models.passes._passes._own = PassesSeen((made.YEAR, made.OFFERED), now)
            models.voucher._vouchers._own = VouchersSeen((made.RESERVED,), now)
            models.library._library._own = replace(SHELF, seen_at=now)
            ui.go("wallet")
            check_step(ui, f"wallet at {text_scale}")
            models.stored_value._stored._own = replace(STORED, seen_at=now)
            models.stored_value.begin("sports")
            ui.go("stored_value")
            check_step(ui, f"stored value at {text_scale}")
            models.exams._exams._own = replace(EXAMS, seen_at=now)
            ui.go("exams")
            check_step(ui, f"examinations at {text_scale}")
            models.exams.open_offer("teachers-2026")
            check_step(ui, f"examination to register for at {text_scale}")
            models.exams.ask()
            check_step(ui, f"registering at {text_scale}")
            models.safe_check._checks.known = replace(CHECK, due_at=now + timedelta(hours=9))
            ui.go("safe_check")
            check_step(ui, f"safe check at {text_scale}")
            ui.go("library")
            check_step(ui, f"library at {text_scale}")
            models.library.open_book("loans", "renewed")
            check_step(ui, f"book at {text_scale}")
            models.passes.begin("offered")
            models.passes._invitation = made.INVITATION
            ui.go("pass")
            check_step(ui, f"pass at {text_scale}")
            models.voucher.begin("reserved")
            ui.go("voucher")
            check_step(ui, f"voucher at {text_scale}")
            models.shop._products, models.shop._step = made.PRODUCTS, shop.Step.LIST
            ui.go("shop")
            check_step(ui, f"shop at {text_scale}")
            wish = PassWish("caves-day", 3, date(2026, 11, 28))
            models.shop._wanted = shop.Wanted(made.CAVES, wish, made.FAMILY, 0)
            models.shop._go(shop.Step.PRODUCT)
            check_step(ui, f"product at {text_scale}")


@pytest.mark.feature("A9")
def test_states_are_told_by_words_and_signs(ui: UI) -> None:
    for _ in pages(ui, ("wallet",)):
        assert ui.shows("已进入")
        assert ui.shows("未进入")
        signs = {icon.name for icon in ui.widgets(Label) if getattr(icon, "name", "")}
        assert {"check", "refused"} <= signs


def test_a_change_of_language_is_seen_at_once_and_kept(ui: UI) -> None:
    ui.tap("我的")
    ui.tap("English")
    assert ui.shows("How should it look?")
    for _ in pages(ui, PAGES):
        chinese = [text for text in ui.texts() if any("一" <= sign <= "鿿" for sign in text)]
        theirs = {text for text in chinese if text.endswith("in English")}
        assert set(chinese) - theirs <= {"中文", "钟*明", "旧手机"}, chinese


@pytest.mark.feature("S140")
def test_every_text_has_both_languages_with_the_same_places() -> None:
    from string import Formatter  # noqa: PLC0415

    for key, text in TEXTS.items():
        places = [
            {place for _, place, _, _ in Formatter().parse(words) if place}
            for words in (text.zh, text.en)
        ]
        assert text.zh, key
        assert text.en, key
        assert places[0] == places[1], key


def test_no_page_holds_words_or_signs_of_one_language() -> None:
    """Words stand in both languages beside one another; a Chinese comma is one, too."""
    chinese = re.compile("[\u3000-\u9fff\uff00-\uffef]")
    for path in sorted(Path("mobile").rglob("*.kv")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not chinese.search(line.split("#", 1)[0]), f"{path}:{number}"
