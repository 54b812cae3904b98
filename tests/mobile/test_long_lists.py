"""A long list draws what is in sight, from the first frame on and wherever it was scrolled to."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI


def _in_sight(ui: UI) -> Iterator[Widget]:
    from mobile.ui.screens.bookings.screen import BookingRow  # noqa: PLC0415, needs a window

    view = next(ui.widgets(ScrollView))
    for row in ui.widgets(BookingRow):
        _, low = row.to_window(row.x, row.y)
        if low < view.top and low + row.height > view.y:
            yield row


def _is_drawn(row: Widget) -> bool:
    return row.canvas in row.parent.canvas.children


@pytest.mark.parametrize("bookings", [1, 3, 12])
def test_every_booking_in_sight_is_drawn(ui: UI, office: CardOffice, bookings: int) -> None:
    desk = office.booking
    desk.venues = [venue(1, "长征纪念园")]
    start = office.clock.now() + timedelta(days=1)
    for number in range(bookings):
        desk.add_booking(desk.add_slot(f"slot {number}", start + timedelta(days=number)))
    ui.tap("预约")
    ui.wait(lambda: len(ui.app.models.bookings.state.coming or ()) == bookings)
    ui.frames(6)
    for place in (1, 0.5, 0, 1):
        next(ui.widgets(ScrollView)).scroll_y = place
        ui.frames(3)
        rows = list(_in_sight(ui))
        assert rows
        assert all(map(_is_drawn, rows)), f"scrolled to {place}"


def test_a_listed_text_draws_its_words_where_a_paragraph_does_and_nothing_beside(ui: UI) -> None:
    from kivy.factory import Factory  # noqa: PLC0415, needs a window
    from kivy.graphics import Rectangle  # noqa: PLC0415

    words = "赣州市图书馆 12:30 已进入，请走主入口。" * 2
    texts = [Factory.get(kind)(text=words, width=300, size_hint_x=None) for kind in _KINDS]
    pictures = []
    for text in texts:
        ui.run(_show_alone(ui, text))
        ui.frames(5)
        assert text.texture_size[1] > 2 * text.font_size, "more than a line"
        pictures.append(ui.picture().tobytes())
    assert pictures[0] == pictures[1]
    assert len(set(pictures[1])) > 2, "there is something in the picture"
    [drawn] = [one for one in texts[1].canvas.children if isinstance(one, Rectangle)]
    assert 0 < drawn.size[0] < texts[1].width
    ui.run(_write(texts[1], "短"))
    ui.frames(5)
    assert drawn.size[0] < 2 * texts[1].font_size


_KINDS = "Body", "Listed"


async def _show_alone(ui: UI, widget: Widget) -> None:
    ui.app.root.clear_widgets()
    ui.app.root.add_widget(widget)


async def _write(text: Widget, words: str) -> None:
    text.text = words
