"""Light words on dark grounds: as the phone is set, or as its owner chose."""

import os
import re
import stat
from pathlib import Path

import pytest
from kivy.core.window import Window

from mobile.core.preferences import GROUNDS, Preferences
from mobile.ports.screen.desktop import DesktopScreen
from mobile.ui import tokens
from tests.support.ui import UI, Phone, running

UI_FOLDER = Path(tokens.__file__).parent
WHITE = 255


@pytest.mark.parametrize(
    ("ground", "contrast", "elder", "on_light", "on_dark"),
    [
        ("phone", False, False, tokens.LIGHT, tokens.DARK),
        ("phone", False, True, tokens.ELDER, tokens.DARK),
        ("phone", True, False, tokens.CONTRAST, tokens.CONTRAST_DARK),
        ("light", False, False, tokens.LIGHT, tokens.LIGHT),
        ("light", True, True, tokens.CONTRAST, tokens.CONTRAST),
        ("dark", False, True, tokens.DARK, tokens.DARK),
        ("dark", True, False, tokens.CONTRAST_DARK, tokens.CONTRAST_DARK),
    ],
)
def test_the_colours_follow_the_phone_unless_its_owner_chose(
    ground: str, contrast: bool, elder: bool, on_light: tokens.Palette, on_dark: tokens.Palette
) -> None:
    looks = Preferences.of_wire({"ground": ground, "contrast": contrast, "elder": elder})

    assert tokens.palette_of(looks, phone_is_dark=False) == on_light
    assert tokens.palette_of(looks, phone_is_dark=True) == on_dark


def test_what_was_chosen_is_kept_and_nonsense_is_not() -> None:
    for ground in GROUNDS:
        assert Preferences.of_wire(Preferences(ground=ground).to_wire()).ground == ground
    for nonsense in ("", "DARK", None, 1, ["dark"], {"dark": 1}):
        assert Preferences.of_wire({"ground": nonsense}).ground == "phone"


def test_a_phone_that_turns_dark_is_followed_when_one_comes_back(enrolled: Phone) -> None:
    enrolled.online = False
    with running(enrolled) as ui:
        assert ui.app.theme.paper == rgba(tokens.LIGHT.paper)

        ui.app.on_pause()
        enrolled.screen.dark = True
        ui.app.on_resume()
        ui.frames()
        assert ui.app.theme.paper == rgba(tokens.DARK.paper)
        assert tuple(Window.clearcolor) == rgba(tokens.DARK.paper)

        ui.tap("我的")
        ui.tap("浅色")
        assert ui.app.theme.paper == rgba(tokens.LIGHT.paper)
    with running(enrolled) as ui:
        assert ui.app.theme.paper == rgba(tokens.LIGHT.paper), "it stays"


@pytest.mark.parametrize("elder", [False, True])
def test_the_code_is_read_from_its_white_card_in_the_dark(ui: UI, elder: bool) -> None:
    ui.app.models.preferences.value = Preferences(elder=elder, ground="dark")
    ui.go("home" if elder else "code")

    assert ui.code() is not None
    picture = ui.picture()
    assert picture.tobytes()[picture.width * 2] < WHITE / 4, "the page round it is dark"


def test_every_colour_stands_in_the_tokens() -> None:
    """What a rule writes itself would stay light in the dark."""
    own = re.compile(r"rgba?: *[\[(]?[\d.'#]|#[0-9a-fA-F]{6}")
    for rules in UI_FOLDER.rglob("*.kv"):
        for line in rules.read_text("utf-8").splitlines():
            assert not own.search(line), (rules.name, line)


@pytest.mark.parametrize(
    ("answer", "dark"),
    [
        ("echo \"'prefer-dark'\"", True),
        ("echo \"'default'\"", False),
        ("echo 'No such schema' >&2; exit 1", False),
    ],
)
def test_a_desktop_is_asked_for_its_own_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, dark: bool
) -> None:
    program = tmp_path / "gsettings"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert DesktopScreen().is_dark() is dark

    program.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not DesktopScreen().is_dark()


def rgba(colour: str) -> tuple[float, ...]:
    return (*(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)), 1.0)
