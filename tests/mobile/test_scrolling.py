"""A page that is higher than the window follows a finger, whenever it grew."""

from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from tests.mobile.test_touched_lists import _dispatch
from tests.support.ui import UI, Phone, Touch, running

HIGH = ("home", "code", "wallet", "me", "card_loss", "services", "help")


def _drag_up(ui: UI) -> float:
    """Drag the page in front up by half the window; return by how much it went."""
    view = next(ui.widgets(ScrollView))
    view.scroll_y = 1
    ui.frames()
    hidden = view.children[0].height - view.height
    finger = Touch(view.center_x, view.center_y)
    ui.run(_dispatch("begin", finger))
    for step in range(1, 6):
        finger.move({"x": finger.osx, "y": finger.osy + 0.1 * step})
        ui.run(_dispatch("update", finger))
        ui.frames(1)
    ui.run(_dispatch("end", finger))
    ui.later(0.3)
    return float((1 - view.scroll_y) * hidden)


def test_each_high_page_follows_a_finger_and_no_button_is_pressed_by_it(enrolled: Phone) -> None:
    enrolled.online = False
    with running(enrolled) as ui:
        for name in HIGH:
            ui.go(name)
            view = next(ui.widgets(ScrollView))
            hidden = view.children[0].height - view.height
            assert hidden > 0, name
            assert _drag_up(ui) > min(hidden, 200) - 1, name
            assert ui.app.models.place.name == name


def test_a_page_that_grows_while_it_is_seen_can_be_scrolled_from_then_on(enrolled: Phone) -> None:
    enrolled.online = False
    with running(enrolled) as ui:
        ui.go("rights")
        view = next(ui.widgets(ScrollView))
        assert not view.do_scroll_y, "what fits does not hold touches back"

        async def grow() -> None:
            view.children[0].add_widget(Widget(size_hint_y=None, height=view.height))

        ui.run(grow())
        ui.frames()
        assert _drag_up(ui) > 200
