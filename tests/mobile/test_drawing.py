"""What is drawn: no more than is seen, and nothing where it does not belong."""

from typing import Any

from kivy.core.window import Window
from kivy.factory import Factory
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget
from PIL import Image, ImageChops

from tests.support.ui import UI


async def _drawn_alone(ui: UI, *widgets: Widget) -> None:
    ui.app.root.clear_widgets()
    for widget in widgets:
        ui.app.root.add_widget(widget)


def _ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of all that is not as the upper left corner."""
    paper: Any = picture.getpixel((0, 0))
    found = ImageChops.difference(picture, Image.new("L", picture.size, paper)).getbbox()
    assert found is not None
    return found


def test_the_bar_is_one_picture_that_looks_as_what_it_is_drawn_from(ui: UI) -> None:
    from mobile.ui.widgets.pictured import Pictured  # noqa: PLC0415, needs a window

    [picture] = ui.widgets(Pictured)
    ui.later(1)
    [bar] = picture.children
    assert bar.canvas not in picture.canvas.children
    seen = []
    for name in ("wallet", "me"):
        ui.go(name)
        seen.append(_bar_of(ui, bar))
    assert seen[0] != seen[1], "what is chosen changes the picture"
    bar.ids.code.state = "down"
    pressed = _bar_of(ui, bar)
    bar.ids.code.state = "normal"
    assert pressed != seen[1], "so does a finger"
    picture.remove_widget(bar)
    ui.run(_drawn_alone(ui, Widget(), bar))
    ui.frames(3)
    assert _bar_of(ui, bar) == seen[1]


def _bar_of(ui: UI, bar: Any) -> bytes:
    picture = ui.picture()
    return picture.crop(
        (0, picture.height - int(bar.height), picture.width, picture.height)
    ).tobytes()


def test_a_page_is_cut_off_where_its_view_ends_also_above_a_keyboard(ui: UI) -> None:
    view = Factory.Scroll(size_hint_y=None, height=200)
    page = BoxLayout(orientation="vertical", size_hint_y=None, height=600)
    for number in range(30):
        page.add_widget(Factory.Body(text=f"赣州市图书馆 {number}"))
    view.add_widget(page)
    ui.run(_drawn_alone(ui, Widget(), view, Widget(size_hint_y=None, height=300)))
    ui.frames(3)
    view.scroll_y = 0.5
    _, top, _, bottom = _ink(ui.picture())
    assert 860 - 500 <= top < 860 - 500 + 40
    assert 860 - 300 - 40 < bottom <= 860 - 300
    try:
        Window.softinput_mode, Window._kheight = "pan", 250
        ui.frames(2)
        assert [edge + 250 for edge in _ink(ui.picture())[1::2]] == [top, bottom]
    finally:
        Window.softinput_mode, Window._kheight = "", 0


def test_the_parts_of_a_page_are_drawn_while_they_are_seen(ui: UI) -> None:
    ui.go("me")
    [column] = ui.widgets(Factory.Column)
    view = column.parent
    hidden = column.height - view.height
    assert hidden > view.height / 4, "or there is nothing to leave out"
    left_out = 0
    for step in range(11):
        view.scroll_y = step / 10
        ui.frames(2)
        low = view.to_local(0, view.y)[1]
        drawn = column.canvas.children
        for part in column.children:
            count = sum(one is part.canvas for one in drawn)
            in_sight = part.top > low and part.y < low + view.height
            assert count == 1 or (count == 0 and not in_sight)
            left_out += not count
    assert left_out


def test_a_part_that_leaves_the_page_and_comes_back_is_drawn_once(ui: UI) -> None:
    ui.go("me")
    [column] = ui.widgets(Factory.Column)
    first, last = column.children[-1], column.children[0]
    view = column.parent
    for place in (1, 0, 1):
        view.scroll_y = place
        ui.frames(2)
        for part in (first, last):
            index = column.children.index(part)
            column.remove_widget(part)
            column.add_widget(part, index=index)
        ui.frames(3)
        seen = last if place == 0 else first
        assert sum(one is seen.canvas for one in column.canvas.children) == 1
