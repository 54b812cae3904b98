"""The app by keys alone: each control is reached in the order of reading, heard, seen and used."""

from itertools import pairwise
from typing import Any

import pytest
from kivy.core.window import Window
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.textinput import TextInput

from mobile.core.preferences import Preferences
from mobile.ui.focus import controls_of, spoken
from mobile.ui.lazy_screens import PAGES
from tests.support.ui import UI, Phone, running

TAB, ENTER, SPACE, DOWN, UP = 9, 13, 32, 274, 273
WITHOUT_SIGN_IN = (
    *("home", "code", "challenge", "wallet", "me", "sign_in", "register", "card_loss"),
    *("rights", "notices", "bookings", "venues", "shop", "services", "timeline", "help"),
)


def press(ui: UI, key: int, held: tuple[str, ...] = ()) -> None:
    """Press a key as the window tells it: to the line being written in, else to the app."""

    async def dispatch() -> None:
        if not Window.dispatch("on_key_down", key, 0, None, list(held)):
            Window.dispatch("on_keyboard", key, 0, None, list(held))

    ui.run(dispatch())
    ui.frames(1)


def in_focus(ui: UI) -> Any:
    return ui.app._focus.control


@pytest.fixture
def offline(enrolled: Phone) -> Phone:
    enrolled.online = False
    return enrolled


@pytest.mark.feature("A23", "U11")
@pytest.mark.parametrize("elder", [False, True])
def test_each_control_of_a_page_is_reached_once_in_order_and_spoken(
    offline: Phone, elder: bool
) -> None:
    with running(offline) as ui:
        ui.app.models.preferences.value = Preferences(elder=elder)
        for name in WITHOUT_SIGN_IN if elder else WITHOUT_SIGN_IN[1:]:
            ui.go(name)
            usable = [one for one in ui.widgets(ButtonBehavior) if not one.disabled]
            lines = [one for one in ui.widgets(TextInput) if not one.disabled]
            expected, reached = len(usable) + len(lines), []
            ui.phone.speech.said.clear()
            for _ in range(expected):
                press(ui, TAB)
                reached.append(in_focus(ui))
            assert len(set(map(id, reached))) == expected, name
            assert set(map(id, reached)) == set(map(id, usable + lines)), name
            press(ui, TAB)
            assert in_focus(ui) is reached[0], "after the last comes the first"
            press(ui, TAB, ("shift",))
            assert in_focus(ui) is reached[-1]
            said = [words for words, _ in ui.phone.speech.said]
            assert all(len(words.strip()) > 0 for words in said), (name, said)
            check_order(reached[:-1], name)


def check_order(reached: list[Any], name: str) -> None:
    """What comes later stands lower, or in the same row further right, within one parent."""
    for one, other in pairwise(reached):
        if one.parent is other.parent:
            assert other.center_y < one.top, name
            assert other.x > one.x or other.center_y < one.y, name


@pytest.mark.feature("A28")
def test_the_focus_is_seen_and_whole_wherever_it_is(offline: Phone) -> None:
    with running(offline) as ui:
        for looks in (Preferences(), Preferences(elder=True), Preferences(ground="dark")):
            ui.app.models.preferences.value = looks
            ui.go("me")
            before = ui.picture()
            press(ui, TAB)
            assert ui.picture() != before
            for _ in list(controls_of(ui.app.root)):
                press(ui, DOWN)
                control = in_focus(ui)
                x, y = control.to_window(*control.center)
                assert 0 < x < Window.width, spoken(control, "zh")
                assert 0 < y < Window.height, spoken(control, "zh")
                left, bottom, width, height = ui.app._focus._lines[1].rounded_rectangle[:4]
                assert left >= 0
                assert bottom >= 0
                assert left + width <= Window.width
                assert bottom + height <= Window.height


@pytest.mark.feature("A18", "A23")
def test_a_code_that_renews_leaves_the_focus_where_it_is(offline: Phone) -> None:
    with running(offline) as ui:
        press(ui, TAB)
        press(ui, TAB)
        control, digits = in_focus(ui), ui.app.models.code.state.digits
        ui.later(6)

        assert ui.app.models.code.state.digits != digits
        assert in_focus(ui) is control


def test_a_control_is_used_by_keys(offline: Phone) -> None:
    with running(offline) as ui:
        come_to(ui, "全部服务")
        press(ui, ENTER)
        ui.later(0.3)
        assert ui.app.models.place.name == "services"
        assert in_focus(ui) is None, "the new page begins at its beginning"

        come_to(ui, "字号和语言")
        press(ui, SPACE)
        ui.later(0.3)
        come_to(ui, "高对比度")
        assert ui.phone.speech.said[-1] == (
            "高对比度，黑白分明，强光下更清楚，已关闭",
            "zh",
        )
        press(ui, ENTER)
        assert ui.app.models.preferences.value.contrast

        ui.tap("码")
        assert in_focus(ui) is None, "a finger takes over"


def test_a_line_is_written_in_and_left_by_keys(offline: Phone) -> None:
    with running(offline) as ui:
        ui.go("services")
        come_to(ui, "输入框")
        line = in_focus(ui)
        press(ui, ENTER)
        assert line.focus
        ui.write("zcg")
        assert ui.shows("找到 1 项")
        press(ui, TAB)
        assert not line.focus
        assert in_focus(ui) is not line
        assert ui.phone.speech.said[-1][0] == "找场馆"


def test_a_password_is_not_said(offline: Phone) -> None:
    with running(offline) as ui:
        line = TextInput(text="secret", hint_text="密码", password=True)
        assert spoken(line, "zh") == "密码，输入框"
        assert ui.app.models.place.name in PAGES


def come_to(ui: UI, words: str) -> None:
    for _ in range(80):
        press(ui, TAB)
        if words in spoken(in_focus(ui), "zh"):
            return
    pytest.fail(f"no control says {words}")
