"""A row widget for each of some values, drawn anew only when they change."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import takewhile

from kivy.clock import Clock
from kivy.factory import Factory
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from mobile.ui.rules import load_rules
from mobile.ui.widgets.sight import is_touched, lowest_in_sight, view_around

_A_FRAME = 4
"""How many paced rows are made between two frames."""
_NEAR = 0.1
"""How much of a screen's height beyond its edges is drawn."""
_READY_A_FRAME = 12
"""How many texts out of sight are written between two frames."""


class Rows(BoxLayout):
    """One widget of the class named `row` for each of `values`, which it gets as its `line`.

    Of all that are `paced` a few rows are made a frame: twenty at once would hold up the page.
    """

    row = StringProperty()
    values = ObjectProperty((), allownone=True)
    paced = BooleanProperty(False)

    def __init__(self, **options: object) -> None:
        self._again = Clock.create_trigger(self._draw, 0)
        super().__init__(**options)

    def on_row(self, *_: object) -> None:
        """Draw the rows."""
        self.clear_widgets()
        self._draw()

    def on_values(self, *_: object) -> None:
        """Draw the rows."""
        self._draw()

    def _draw(self, *_: object) -> None:
        """Keep the rows before and after those that changed: what is new costs itself alone."""
        if not self.row:
            return
        if is_touched(self):
            self._again()
            return
        values, widgets = tuple(self.values or ()), self.children[::-1]
        before = _same(widgets, values)
        after = _same(widgets[before:][::-1], values[before:][::-1])
        self.clear_widgets(widgets[before : len(widgets) - after])
        for value in values[before : len(values) - after]:
            if self.paced and not _take_turn():
                self._again()
                return
            self.add_widget(Factory.get(self.row)(line=value), index=after)


class _Pace:
    """Counts the rows made since the frame before."""

    frame = -1
    made = 0


def _take_turn() -> bool:
    """Tell whether another row may be made before the next frame."""
    frame = Clock.frames
    if _Pace.frame != frame:
        _Pace.frame, _Pace.made = frame, 0
    _Pace.made += 1
    return _Pace.made <= _A_FRAME


def _same(widgets: Sequence[Widget], values: Sequence[object]) -> int:
    """Return how many of the first widgets show the first values as they are."""
    pairs = zip(widgets, values, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].line == pair[1], pairs))


class LongRows(Rows):
    """Rows of which those near the sight of the scroll view around them are drawn, and no other.

    Kivy writes a text when it is first drawn. So that no frame has all of a row's to write, those
    of the next rows either way are written a few a frame.
    """

    paced = BooleanProperty(True)

    def __init__(self, **options: object) -> None:
        self._view: ScrollView | None = None
        self._out: set[Widget] = set()
        self._range: tuple[int, int] | None = None
        self._look = Clock.create_trigger(self._hide, -1)
        self._unwritten: list[Texture] = []
        self._next: list[Widget] = []
        self._write = Clock.create_trigger(self._write_some, 0)
        super().__init__(**options)
        for moved in ("pos", "size", "children"):
            self.fbind(moved, self._look_anew)

    def _look_anew(self, *_: object) -> None:
        self._range = None
        self._look()

    def _hide(self, *_: object) -> None:
        """Take the rows out of sight off the canvas; every frame goes through the rest."""
        view = self._view or self._find_view()
        if view is None:
            return
        low = lowest_in_sight(view)
        near = view.height * _NEAR
        first = bisect_left(self.children, low - near, key=lambda row: row.top)
        last = bisect_right(self.children, low + view.height + near, key=lambda row: row.y)
        if self._range == (first, last):
            return
        self._range = first, last
        seen = set(self.children[first:last])
        out = set(self.children) - seen
        for row in out - self._out:
            self.canvas.remove(row.canvas)
        for row in seen & self._out:
            self.canvas.add(row.canvas)
        self._out = out
        rows = self.children
        self._next = [*rows[last : last + 1], *rows[max(first - 1, 0) : first]]
        self._write()

    def _write_some(self, *_: object) -> None:
        """Write some texts of the rows that come into sight next."""
        while self._next and not self._unwritten:
            texts = (one for one in self._next.pop().walk(restrict=True) if isinstance(one, Label))
            self._unwritten = [one.texture for one in texts if one.texture is not None]
        for texture in self._unwritten[:_READY_A_FRAME]:
            texture.bind()
        self._unwritten = self._unwritten[_READY_A_FRAME:]
        if self._unwritten or self._next:
            self._write()

    def _find_view(self) -> ScrollView | None:
        self._view = view_around(self)
        if self._view is not None:
            for moved in ("scroll_y", "size"):
                self._view.fbind(moved, self._look)
            self._view.children[0].fbind("size", self._look)
        return self._view


load_rules(__file__)
