"""What else accessibility asks of the app: time, gestures, quiet, a voice, either direction."""

import ast
import re
import wave
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from kivy.core.window import Window
from kivy.metrics import dp
from kivy.uix.image import Image
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from kivy.uix.slider import Slider

import mobile
from mobile.core.preferences import ELDER_SCALE, TEXT_SCALES, Preferences
from mobile.core.service_map import SERVICES
from mobile.core.texts import TEXTS, say
from mobile.ports.speech.desktop import DesktopSpeech
from mobile.ui import tokens
from mobile.ui.lazy_screens import PAGES
from mobile.ui.widgets.text import Body
from shared.localized_text import Language
from tests.mobile.account_desk import PHONE
from tests.mobile.card_office import CardOffice
from tests.mobile.rights_desk import notice
from tests.support.looks import check_nothing_is_clipped
from tests.support.ui import UI, Phone, running

APP = Path(mobile.__file__).parent
MODES = pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
OWN_PAGES = tuple(
    name for name in PAGES if name not in {"enrol", "home", "book", "pass", "voucher"}
)


@pytest.fixture
def offline(enrolled: Phone) -> Phone:
    enrolled.online = False
    return enrolled


def sources() -> Iterator[tuple[str, str]]:
    for kind in ("*.py", "*.kv"):
        for path in APP.rglob(kind):
            yield path.name, path.read_text("utf-8")


@pytest.mark.feature("S113")
@MODES
def test_every_service_is_three_touches_from_the_start(offline: Phone, elder: bool) -> None:
    with running(offline) as ui:
        ui.app.models.preferences.value = Preferences(elder=elder)
        place = ui.app.models.place
        for service in SERVICES:
            ui.go(place.start)
            before = ui.touches
            ui.tap("services")
            if elder:
                ui.tap(say("zh", f"realm.{service.realm}"))
            ui.tap(say("zh", f"service.{service.key}"))
            assert ui.touches - before <= 3, service
            beyond = place.beyond if place.name == "sign_in" else place.name
            assert beyond == service.place, service


@pytest.mark.feature("S113")
@pytest.mark.parametrize(
    ("elder", "ways"),
    [
        (False, [(), ("wallet",), ("bookings",), ("bookings", "找场馆、预约"), ("长辈版",)]),
        (False, [("me", "card_loss", "临时挂失"), ("me", "call_family"), ("me", "help")]),
        (True, [(), ("code",), ("wallet",), ("bookings",), ("bookings", "找场馆、预约")]),
        (True, [("card_loss", "临时挂失"), ("call_family",), ("帮助",), ("朗读",), ("标准版",)]),
    ],
)
def test_each_everyday_scene_is_three_touches_from_the_start(
    offline: Phone, elder: bool, ways: list[tuple[str, ...]]
) -> None:
    """The code itself needs none; what is behind a name here is a control on the way."""
    with running(offline) as ui:
        for way in ways:
            ui.app.models.preferences.value = Preferences(elder=elder)
            ui.go(ui.app.models.place.start)
            before = ui.touches
            for control in way:
                ui.tap(control)
            if not way:
                assert ui.code() is not None
            assert ui.touches - before == len(way) <= 3, way


@pytest.mark.feature("A4")
@MODES
def test_paragraphs_stand_further_apart_than_their_lines(
    enrolled: Phone, office: CardOffice, elder: bool
) -> None:
    """From the last line of one to the first of the next: 1.3 times from line to line."""
    office.desk.notices = [notice("ecard", "ECARD")]
    with running(enrolled) as ui:
        ui.app.models.preferences.value = Preferences(elder=elder)
        ui.go("notices")
        ui.wait(lambda: ui.shows("ecard 告知书"))
        ui.touch(next(one for one in ui.widgets(Body) if one.text == "ecard 告知书"))
        paragraphs = [one for one in ui.widgets(Body) if one.text.startswith(("一、", "二、"))]
        above, below = paragraphs
        pitch = above.texture_size[1] / (above._label.text.count("\n") + 1)
        bottom, top = above.to_window(0, above.y)[1], below.to_window(0, below.top)[1]
        assert pitch + bottom - top >= 1.3 * pitch, above.text


@pytest.mark.feature("A10", "A31")
def test_nobody_has_to_solve_a_puzzle(offline: Phone) -> None:
    puzzle = re.compile(r"图形|拼图|滑块|点选|看不清|captcha|puzzle|slide to", re.IGNORECASE)
    for key, text in TEXTS.items():
        assert not puzzle.search(text.zh + text.en), key
    with running(offline) as ui:
        for name in ("enrol", "sign_in", "register"):
            ui.go(name)
            for kind in (Image, Slider):
                assert not [one for one in ui.widgets(kind) if type(one) is kind], name


FLOATING = {"popup", "modalview", "bubble", "dropdown", "spinner"}
GESTURES = {"scatter", "scatterlayout", "carousel", "slider", "splitter", "rst", "stencilview"}


@pytest.mark.feature("A15", "A16", "A17", "A20")
def test_nothing_floats_over_a_page_and_nothing_needs_more_than_a_tap() -> None:
    """No layer to be closed, no pop-up; no gesture of its own, be it of one finger or of three."""
    for name, source in sources():
        assert "on_touch_move" not in source, name
        assert "multitouch_sim" not in source, name
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kivy.uix"):
                last = (node.module or "").rpartition(".")[2]
                assert last not in FLOATING | GESTURES, name


@pytest.mark.feature("A15")
@MODES
def test_the_bands_over_a_page_are_left_by_a_large_button(offline: Phone, elder: bool) -> None:
    with running(offline) as ui:
        ui.app.models.preferences.value = Preferences(elder=elder)
        ui.app.models.help_wanted.words = "王*兰 向您求助：替我预约"
        ui.later(0.3)
        for name in ("later", "go"):
            assert min(ui.target(say("zh", f"help_wanted.{name}")).size) >= dp(60 if elder else 44)


@pytest.mark.feature("A18", "A19")
@pytest.mark.usefixtures("office")
@MODES
def test_a_page_waits_for_its_reader_and_keeps_what_was_typed(ui: UI, elder: bool) -> None:
    ui.app.models.preferences.value = Preferences(elder=elder)
    for name, typed in (("sign_in", PHONE[:7]), ("challenge", "048"), ("register", "360702")):
        ui.go(name)
        for digit in typed:
            ui.press(ord(digit))
        ui.later(0.3)
        before = ui.texts()
        ui.later(1200, step=60)
        assert ui.app.models.place.name == name
        assert ui.texts() == before, "nothing ran out in twenty minutes"


@pytest.mark.feature("S136")
def test_the_mode_may_be_switched_in_the_middle_of_a_form(offline: Phone) -> None:
    with running(offline) as ui:
        ui.go("challenge")
        for digit in "0483":
            ui.press(ord(digit))
        ui.app.models.preferences.switch_elder()
        ui.later(0.3)
        assert ui.app.models.place.name == "challenge"
        assert ui.shows("0483")
        ui.app.models.preferences.switch_elder()
        ui.later(0.3)
        assert ui.shows("0483")


LURES = re.compile(
    r"广告|推广|抢|秒杀|限时|红包|立即下载|马上(付|领|买)|点击领取|错过|恭喜|仅剩最后|"
    r"download now|hurry up|limited time|sponsored|act now|congratulations|don.t miss",
    re.IGNORECASE,
)


@pytest.mark.feature("A20", "A21")
def test_no_words_press_anybody_and_none_advertise() -> None:
    assert LURES.search("立即下载"), "the list finds what it is for"
    for key, text in TEXTS.items():
        assert not LURES.search(text.zh + text.en), key
    hosts = re.compile(r"https?://([\w.-]+)")
    for name, source in sources():
        assert set(hosts.findall(source)) <= {"nowhere", "127.0.0.1", "host"}, name


@pytest.mark.feature("A32", "U12")
@pytest.mark.parametrize("language", ["zh", "en"])
@MODES
def test_every_page_is_read_aloud(ui: UI, elder: bool, language: Language) -> None:
    ui.app.models.preferences.value = Preferences(elder=elder, language=language)
    for name in OWN_PAGES:
        ui.go(name)
        ui.app.read_aloud()
        words, said_in = ui.phone.speech.said[-1]
        assert len(words) > 5, name
        assert said_in == language
        if language == "en":
            ours = re.sub(r"[一-鿿*·]", "", words)
            assert len(ours) > len(words) / 2, (name, words)


@pytest.mark.feature("A32")
@pytest.mark.parametrize(("language", "words"), [("zh", "请将二维码对准扫码口"), ("en", "My card")])
def test_the_desktop_has_a_voice_for_both_languages(
    tmp_path: Path, language: Language, words: str
) -> None:
    """The program and the voices that the port names, into a file: there is no loudspeaker here."""
    speech = DesktopSpeech()
    if speech._program is None:
        pytest.skip("espeak-ng is missing: apt-get install espeak-ng")
    heard = tmp_path / "heard.wav"
    voice = {"zh": "cmn", "en": "en"}[language]
    run([speech._program, "-v", voice, "-w", heard, words], check=True, timeout=20)
    with wave.open(str(heard)) as sound:
        assert sound.getnframes() / sound.getframerate() > 0.4
    assert speech.say(words, language)
    assert speech._speaking is not None
    assert voice in list(speech._speaking.args)  # type: ignore[arg-type]
    speech.hush()
    assert speech._speaking is None


@pytest.mark.feature("A33")
def test_the_steps_of_the_scale_reach_from_one_to_two() -> None:
    assert TEXT_SCALES[0] == 1.0
    assert TEXT_SCALES[-1] >= 1.8
    assert ELDER_SCALE in TEXT_SCALES
    assert ELDER_SCALE >= 1.4
    steps = [after / before for before, after in pairwise(TEXT_SCALES)]
    assert all(1.1 <= step <= 1.5 for step in steps)
    for smaller, larger in pairwise(TEXT_SCALES):
        before, after = (
            tokens.type_sizes(Preferences(text_scale=scale)) for scale in (smaller, larger)
        )
        assert all(after[role] > before[role] or after[role] == tokens.LARGEST for role in before)


@pytest.mark.feature("A34", "U11")
@MODES
def test_the_app_may_be_held_either_way(offline: Phone, elder: bool) -> None:
    """By measures: a window without a screen keeps the pixels it had when it was made."""
    upright = Window.size
    with running(offline) as ui:
        try:
            for size in ((860, 412), upright):
                turn(ui, size)
                ui.app.models.preferences.value = Preferences(elder=elder)
                for name in (ui.app.models.place.start, *("wallet", "me", "services", "help")):
                    ui.go(name)
                    check_nothing_is_clipped(ui, f"{name} at {size}")
                    for view in ui.widgets(ScrollView):
                        assert view.height >= dp(150), (name, size, "room to read in")
                ui.go("code")
                qr = ui.app.root.page.ids.qr
                assert qr.module_pixels >= 4
                view = next(ui.widgets(ScrollView))
                bottom, top = (qr.to_window(0, edge)[1] for edge in (qr.y, qr.top))
                assert view.to_window(0, view.y)[1] <= bottom, "whole without scrolling"
                assert top <= view.to_window(0, view.top)[1]
        finally:
            turn(ui, upright)


def turn(ui: UI, size: tuple[int, int]) -> None:
    Window.size = size
    ui.frames(4)
    ui.draw()
    assert tuple(ui.app.root.size) == tuple(size)


def test_labels_are_words_or_signs(offline: Phone) -> None:
    """Each sign of the icon font stands beside a word in the same control or row."""
    with running(offline) as ui:
        for name in ("code", "me", "services"):
            ui.go(name)
            for label in ui.widgets(Label):
                if getattr(label, "name", "") and not beside_word(label):
                    pytest.fail(f"{name}: {label.name} stands alone")


def beside_word(icon: Any) -> bool:
    parent = icon.parent
    for _ in range(3):
        if parent is None:
            return False
        words = [one for one in parent.walk(restrict=True) if isinstance(one, Label) and one.text]
        if any(not getattr(one, "name", "") for one in words):
            return True
        parent = parent.parent
    return False
