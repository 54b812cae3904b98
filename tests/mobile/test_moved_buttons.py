"""A page that moves its buttons while a finger is down: the finger gets the button it meant."""

from collections.abc import Iterator
from typing import Any

import pytest
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from tests.mobile.test_touched_lists import _dispatch
from tests.support.ui import UI, Phone, Touch, running

PANEL = 150
PAGES = {"rights": False, "me": True}  # whether it is to be higher than the window, and scroll
_LEFT: list[Widget] = []


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UI]:
    with running(Phone(tmp_path_factory.mktemp("phone"))) as ui:
        yield ui


@pytest.fixture
def ui(app: UI) -> Iterator[UI]:
    """The app with new pages; those of the test before stay as they are, out of sight."""
    pages = app.app.root._screens._pages
    _LEFT.extend(pages.values())
    pages.clear()
    yield app
    _LEFT.clear()


def _targets(ui: UI, page: str) -> list[Any]:
    """Bring a page to the front and return its lines that lead to other pages."""
    ui.go(page)
    view = next(ui.widgets(ScrollView))
    if PAGES[page]:
        _add_panel(ui, view.height, below=True)
    assert view.do_scroll_y is PAGES[page]
    view.scroll_y = 1
    ui.frames()
    lines = [one for one in ui.widgets(_line()) if not one.disabled]
    return [one for one in lines if view.y < one.to_window(*one.center)[1] < view.top]


def _line() -> type:
    from mobile.ui.widgets.controls import LinkRow  # noqa: PLC0415, needs a window

    return LinkRow


def _come_down(ui: UI, target: Any) -> Touch:
    finger = Touch(*target.to_window(*target.center))
    ui.run(_dispatch("begin", finger))
    return finger


def _go_up(ui: UI, finger: Touch) -> None:
    ui.run(_dispatch("end", finger))
    ui.later(0.5)


def _add_panel(ui: UI, height: float = PANEL, *, below: bool = False) -> None:
    """Have a panel come above everything else of the page in front, or below."""

    async def add() -> None:
        [column] = next(ui.widgets(ScrollView)).children
        place = 0 if below else len(column.children)
        column.add_widget(Widget(size_hint_y=None, height=height), index=place)

    ui.run(add())
    ui.frames(4)


def _released(targets: list[Any]) -> list[Any]:
    """Return what is released from now on."""
    got: list[Any] = []
    for target in targets:
        target.bind(on_release=got.append)
    return got


@pytest.mark.parametrize("page", PAGES)
def test_a_finger_releases_the_button_it_came_down_on_wherever_that_is_now(
    ui: UI, page: str
) -> None:
    targets = _targets(ui, page)
    got = _released(targets)
    finger = _come_down(ui, targets[1])
    _add_panel(ui)
    assert not targets[1].collide_point(*targets[1].to_widget(*finger.pos)), "it has moved"
    _go_up(ui, finger)
    assert got == [targets[1]]
    assert ui.app.models.place.name != page


@pytest.mark.parametrize("page", PAGES)
def test_without_an_aim_the_touch_is_lost_or_presses_another(
    ui: UI, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: Kivy's own buttons."""
    monkeypatch.setattr("mobile.ui.shell.aim", lambda *_: None)
    monkeypatch.setattr("mobile.ui.widgets.aimed._is_still", lambda _: False)
    targets = _targets(ui, page)
    got = _released(targets)
    finger = _come_down(ui, targets[1])
    _add_panel(ui)
    _go_up(ui, finger)
    assert targets[1] not in got


@pytest.mark.parametrize("page", PAGES)
def test_a_finger_on_nothing_presses_nothing_that_comes_under_it(ui: UI, page: str) -> None:
    targets = _targets(ui, page)
    _add_panel(ui)
    got = _released(targets)
    first = max(targets, key=lambda one: one.to_window(*one.pos)[1])
    x, y = first.to_window(*first.center)
    finger = Touch(x, y + PANEL)
    ui.run(_dispatch("begin", finger))
    _add_panel(ui, -PANEL)
    _go_up(ui, finger)
    assert got == []
    assert ui.app.models.place.name == page


def test_a_finger_that_leaves_its_button_releases_nothing(ui: UI) -> None:
    targets = _targets(ui, "rights")
    got = _released(targets)
    finger = _come_down(ui, targets[1])
    finger.move({"x": finger.sx, "y": finger.sy + 0.2})
    ui.run(_dispatch("update", finger))
    _go_up(ui, finger)
    assert got == []
    assert targets[1].state == "normal"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("change", ["disabled", "taken away", "page left"])
def test_a_button_that_is_off_or_gone_by_then_does_nothing(ui: UI, page: str, change: str) -> None:
    targets = _targets(ui, page)
    target = targets[1]
    got = _released(targets)
    finger = _come_down(ui, target)

    async def happen() -> None:
        if change == "disabled":
            target.disabled = True
        elif change == "taken away":
            target.parent.remove_widget(target)
        else:
            ui.app.models.place.go("help")

    ui.run(happen())
    ui.frames(2)
    _go_up(ui, finger)
    assert got == []
    assert target.state == "normal", "what comes back is not drawn as pressed"
