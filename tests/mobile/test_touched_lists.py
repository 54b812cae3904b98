"""A list that changes under a finger: the touch counts, and for what was touched."""

from datetime import timedelta

import pytest
from kivy.base import EventLoop

from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Touch


async def _dispatch(phase: str, finger: Touch) -> None:
    EventLoop.post_dispatch_input(phase, finger)


async def _refresh(ui: UI) -> None:
    ui.app.models.bookings.refresh()


@pytest.mark.parametrize("others", [0, 12], ids=["short", "scrolled"])
def test_a_touch_on_a_row_that_changes_meanwhile_opens_it(
    ui: UI, office: CardOffice, others: int
) -> None:
    desk = office.booking
    desk.venues = [venue(1, "长征纪念园")]
    start = office.clock.now() + timedelta(days=1)
    desk.add_booking(desk.add_slot("touched", start))
    for number in range(others):
        desk.add_booking(desk.add_slot(f"other {number}", start + timedelta(days=number + 1)))
    ui.tap("预约")
    ui.wait(lambda: ui.shows("长征纪念园"))
    [*rows] = ui.widgets(_row())
    touched, *kept = rows

    finger = Touch(*touched.to_window(*touched.center))
    ui.run(_dispatch("begin", finger))
    desk.bookings[0]["quantity"] = 3
    desk.add_booking(desk.add_slot("sooner", start - timedelta(hours=8)))
    ui.run(_refresh(ui))
    ui.wait(lambda: len(ui.app.models.bookings.state.coming) == others + 2)
    assert list(ui.widgets(_row())) == rows, "what is touched stays where it is"
    ui.run(_dispatch("end", finger))
    ui.wait(lambda: ui.app.models.bookings.state.ticket is not None)
    assert ui.shows("3 人"), "the one that was touched, as it is now"

    ui.press(27)
    ui.wait(lambda: len(list(ui.widgets(_row()))) == others + 2)
    assert list(ui.widgets(_row()))[2:] == kept, "what did not change is not drawn anew"


def _row() -> type:
    from mobile.ui.screens.bookings.screen import BookingRow  # noqa: PLC0415, needs a window

    return BookingRow
