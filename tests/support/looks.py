"""How a page has to look, whatever it shows: nothing clipped or small, no words upon words."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from kivy.metrics import dp
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView

from mobile.ui.icons import ICON_FONT
from mobile.ui.lazy_screens import LazyScreens


class Seen(Protocol):
    """An app in its window."""

    @property
    def app(self) -> Any:
        """The app."""
        ...

    def widgets(self, kind: type[Any]) -> Iterator[Any]:
        """Yield the widgets that are drawn, of one class."""
        ...

    def frames(self, count: int = 3) -> None:
        """Let some frames pass."""
        ...

    def later(self, seconds: float) -> None:
        """Let time pass."""
        ...


def settle(ui: Seen) -> None:
    """Wait until nothing moves: what a page loads may come when it is shown already."""
    before: list[tuple[Any, ...]] | None = None
    for _ in range(50):
        now = [(label.text, *label.pos, *label.size) for label in words(ui)]
        if now == before:
            return
        before = now
        ui.frames(2)
    pytest.fail("the page does not come to rest")


def words(ui: Seen) -> Iterator[Label]:
    """Yield what can be read."""
    return (label for label in ui.widgets(Label) if label.text and label.font_name != ICON_FONT)


def check_step(ui: Seen, where: str) -> None:
    """Check what is shown, its targets and, in 长辈版, its letters."""
    ui.later(0.3)
    elder = ui.app.models.preferences.value.elder
    check_nothing_is_clipped(ui, where)
    for target in ui.widgets(ButtonBehavior):
        assert min(target.size) >= dp(60 if elder else 44), (where, target, target.size)
    for label in words(ui):
        assert not elder or label.font_size >= dp(18), (where, label.text)


def check_nothing_is_clipped(ui: Seen, where: str) -> None:
    """Every word lies whole in its label, its label in its parent, and no two labels overlap."""
    settle(ui)
    boxes = []
    for label in words(ui):
        lines = label._label.text.count("\n") + 1
        assert lines == 1 or len(label.text) / lines >= 3, (where, label.text)
        assert not label.is_shortened, (where, label.text)
        assert label.texture_size[0] <= label.width + 1, (where, label.text, label.size)
        assert label.texture_size[1] <= label.height + 1, (where, label.text, label.size)
        left, bottom = label.to_window(*label.pos)
        assert left >= 0, (where, label.text)
        assert left + label.width <= ui.app.root.width + 1, (where, label.text)
        box = in_view(label, (left, bottom, left + label.width, bottom + label.height))
        boxes.append((*box, label))
    [screens] = [part for part in ui.app.root.children if isinstance(part, LazyScreens)]
    bars = [part for part in ui.app.root.children if part is not screens]
    for label in ui.widgets(Label):
        for bar in bars:
            if is_within(label, bar):
                assert bar.y - 1 <= label.to_window(*label.pos)[1], (where, label.text)
                assert label.to_window(label.x, label.top)[1] <= bar.top + 1, (where, label.text)
    page = [box for box in boxes if is_within(box[4], screens)]
    for index, one in enumerate(page):
        for other in page[index + 1 :]:
            assert not overlap(one, other), (where, one[4].text, other[4].text)


def in_view(widget: Any, box: tuple[float, ...]) -> tuple[float, ...]:
    """Return what scrolling leaves of a box: beside a list stands what does not scroll with it."""
    while widget is not None and widget is not widget.parent:
        widget = widget.parent
        if isinstance(widget, ScrollView):
            left, bottom = widget.to_window(*widget.pos)
            right, top = left + widget.width, bottom + widget.height
            box = max(box[0], left), max(box[1], bottom), min(box[2], right), min(box[3], top)
    return box


def is_within(widget: Any, ancestor: Any) -> bool:
    while widget is not None and widget is not widget.parent:
        if widget is ancestor:
            return True
        widget = widget.parent
    return False


def overlap(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    along = min(one[3], other[3]) - max(one[1], other[1])
    return bool(across > 1 and along > 1)
