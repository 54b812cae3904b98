"""A page that is higher than the window follows a finger, whenever it grew."""

import asyncio
from datetime import timedelta

from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from mobile.ui.widgets.scroll import Scroll
from tests.mobile.card_office import CardOffice
from tests.mobile.test_timeline import listed, row
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


def test_older_rows_cost_their_heights_alone_and_move_nothing_that_is_in_sight(
    ui: UI, office: CardOffice
) -> None:
    now = office.clock.now()
    for number in range(40):
        at = (now - timedelta(hours=7 * number)).isoformat()
        office.life.append({**row(office, number, "VISIT", f"图书馆 {number} 号"), "at": at})
    ui.go("timeline")
    ui.wait(lambda: _listed(ui) == 20)
    view = next(ui.widgets(ScrollView))
    view.scroll_y = 0
    ui.frames()
    more = ui.target("more")
    [last] = [one for one in ui.widgets() if getattr(one, "text", "") == "图书馆 19 号"]
    before = last.to_window(*last.pos)[1]
    ui.tap_at(*more.to_window(*more.center))
    widgets = 0
    for _ in range(3000):
        ui.frames(1)
        ui.run(_breathe())
        widgets = max(widgets, sum("图书馆" in text for text in ui.texts()))
        if _listed(ui) == 40:
            break
    assert _listed(ui) == 40
    assert widgets < 20, "those out of sight have none"
    ui.frames(6)
    [last] = [one for one in ui.widgets() if getattr(one, "text", "") == "图书馆 19 号"]
    assert abs(last.to_window(*last.pos)[1] - before) < 2


def _listed(ui: UI) -> int:
    return sum("图书馆" in title for title in listed(ui))


async def _breathe() -> None:
    await asyncio.sleep(0.002)


def test_a_short_page_after_the_end_of_a_high_one_stands_at_the_top(enrolled: Phone) -> None:
    with running(enrolled):
        view, page = Scroll(size=(100, 100)), Widget(size_hint_y=None, height=300)
        view.add_widget(page)
        view.scroll_y = 0
        page.height = 50
        assert view.scroll_y == 1
