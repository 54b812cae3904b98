"""The tests' own hand: it waits for what moves, and says what never comes to rest."""

from typing import Any

import pytest
from kivy.clock import Clock

from tests.support.ui import UI


def _moved(widget: Any, frames: int) -> list[float]:
    """Have each of the next frames move a widget; return where it was in them."""
    places: list[float] = []

    def move(_: float) -> bool:
        widget.x += 3
        places.append(widget.x)
        return len(places) < frames

    Clock.schedule_interval(move, 0)
    return places


def test_it_touches_a_target_once_that_stands_still(ui: UI) -> None:
    places = _moved(ui.target("卡包"), 12)
    ui.tap("卡包")

    assert len(places) == 12
    assert ui.app.models.place.name == "wallet"


def test_what_never_stands_still_is_named(ui: UI) -> None:
    _moved(ui.target("卡包"), 10_000)

    with pytest.raises(AssertionError, match="'卡包' never stands still"):
        ui.tap("卡包")
