"""A list of any length: widgets for the rows in sight alone, which the next rows take over."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from kivy.clock import Clock
from kivy.factory import Factory
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.layout import Layout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from mobile.ui.rules import load_rules
from mobile.ui.widgets.sight import is_touched, lowest_in_sight, view_around

_A_FRAME = 8
"""How many rows are measured between two frames."""
_NEAR = 0.1
"""How much of a screen's height beyond its edges has widgets."""


@dataclass(frozen=True, slots=True)
class _Measure:
    """How high a value's row is, and whether it holds what can be used."""

    height: float
    usable: bool


@dataclass(frozen=True, slots=True)
class UnseenRow:
    """A row with controls that has no widget, as it is out of sight."""

    rows: "RecycledRows"
    index: int

    def bring(self) -> Widget:
        """Scroll to the row and return its widget."""
        return self.rows.bring(self.index)


class RecycledRows(Widget):
    """A row for each of `lines()`, of the class that `row_class` names: it gets it as its `line`.

    A value's row is measured once, on a sample that nobody sees, and again when `look` changes or
    the width. A row that holds controls is not handed on to another value: a finger or the focus
    that is on one would find itself on the other.
    """

    values = ObjectProperty((), allownone=True)
    look = ObjectProperty(None, allownone=True)
    spacing = NumericProperty(0)

    def __init__(self, **options: object) -> None:
        self._view: ScrollView | None = None
        self._lines: Sequence[object] = ()
        self._tops: Sequence[float] = (0,)
        self._measures: dict[object, _Measure] = {}
        self._fresh = True
        self._samples: dict[str, Widget] = {}
        self._rows: dict[int, Widget] = {}
        self._spare: dict[str, list[Widget]] = {}
        self._take = Clock.create_trigger(self._take_lines, -1)
        self._again = Clock.create_trigger(self._take_lines, 0)
        self._look = Clock.create_trigger(self._fill, -1)
        super().__init__(**options)
        self.fbind("values", self._take)
        for shape in ("look", "width", "spacing"):
            self.fbind(shape, self._measure_anew)
        for moved in ("pos", "height"):
            self.fbind(moved, self._look)
        self._take()

    def lines(self) -> Sequence[object]:
        """Return what the rows show, from the top down; hashable values."""
        return tuple(self.values or ())

    def row_class(self, line: object) -> str:
        """Return the name of the widget class that shows `line`."""
        raise NotImplementedError

    @property
    def placed(self) -> Sequence[object]:
        """The lines that have their place in the page by now, in sight or not."""
        return self._lines

    def unseen(self) -> tuple[list[UnseenRow], list[UnseenRow]]:
        """Return the rows with controls above those in sight, and those below."""
        first, last = min(self._rows, default=0), max(self._rows, default=-1)
        rows = [
            UnseenRow(self, index)
            for index, line in enumerate(self._lines)
            if not first <= index <= last and self._measures[line].usable
        ]
        above = sum(row.index < first for row in rows)
        return rows[:above], rows[above:]

    def bring(self, index: int) -> Widget:
        """Scroll to the row at `index` of `lines()` and return its widget."""
        if self._view is not None:
            hidden = self._view.children[0].height - self._view.height
            middle = self.top - (self._tops[index] + self._tops[index + 1]) / 2
            low = middle - self._view.height / 2
            self._view.scroll_y = min(max(low / hidden, 0), 1) if hidden > 0 else 1
            self._fill()
            self._view.update_from_scroll()
        row = self._rows[index]
        _lay_out(row)
        return row

    def _find_view(self) -> ScrollView | None:
        self._view = view_around(self)
        if self._view is not None:
            for moved in ("scroll_y", "size"):
                self._view.fbind(moved, self._look)
            self._view.children[0].fbind("size", self._look)
        return self._view

    def _measure_anew(self, *_: object) -> None:
        self._measures, self._fresh = {}, True
        self._take()

    def _take_lines(self, *_: object) -> None:
        """Measure what is new, a few rows a frame, and show it when all is measured.

        Where nothing is measured yet the list grows as it goes.
        """
        if is_touched(self):
            self._again()
            return
        lines = self.lines()
        measured = self._measure_some(lines)
        if measured < len(lines):
            self._again()
            if self._lines and not self._fresh:
                return
            lines = lines[:measured]
        else:
            self._fresh = False
            self._measures = {line: self._measures[line] for line in lines}
        self._lines = lines
        heights = (self._measures[line].height + self.spacing for line in lines)
        self._tops = tuple(accumulate(heights, initial=0.0))
        gap = self.parent.spacing if self.parent is not None else 0
        self.height = self._tops[-1] - self.spacing if lines else -gap
        self._look()

    def _measure_some(self, lines: Sequence[object]) -> int:
        """Return how many of the first lines are measured by now."""
        left = _A_FRAME
        for index, line in enumerate(lines):
            if line not in self._measures:
                if not left:
                    return index
                left -= 1
                self._measures[line] = self._measure(line)
        return len(lines)

    def _measure(self, line: object) -> _Measure:
        kind = self.row_class(line)
        if kind not in self._samples:
            self._samples[kind] = Factory.get(kind)()
        sample = self._samples[kind]
        sample.width = self.width
        sample.line = line
        _lay_out(sample)
        return _Measure(sample.height, _holds_controls(sample))

    def _fill(self, *_: object) -> None:
        """Give each row in sight its widget and its place."""
        view = self._view or self._find_view()
        first, last = (0, len(self._lines)) if view is None else self._range_in(view)
        wanted = dict(enumerate(self._lines[first:last], first))
        kept = {index: row for index, row in self._rows.items() if wanted.get(index) == row.line}
        free = [row for index, row in self._rows.items() if index not in kept]
        entered = {index: line for index, line in wanted.items() if index not in kept}
        same = {index: row for index, line in entered.items() if (row := _take_same(free, line))}
        for index, line in entered.items():
            kept[index] = same.get(index) or self._row_for(line, free)
        self._rows = kept
        for row in free:
            self._put_by(row)
        for index, row in kept.items():
            row.width = self.width
            row.pos = (self.x, self.top - self._tops[index + 1] + self.spacing)
        if entered:
            self.children.sort(key=lambda row: row.y)  # touches and keys go by it

    def _range_in(self, view: ScrollView) -> tuple[int, int]:
        low = lowest_in_sight(view)
        near = view.height * _NEAR
        above, below = self.top - low - view.height - near, self.top - low + near
        count = len(self._lines)
        first = max(bisect_right(self._tops, above) - 1, 0)
        return min(first, count), min(bisect_left(self._tops, below), count)

    def _row_for(self, line: object, free: list[Widget]) -> Widget:
        """Return a row that shows `line`, one of the `free` if any may be handed on."""
        kind = self.row_class(line)
        for row in free:
            if type(row).__name__ == kind and not self._is_usable(row):
                free.remove(row)
                row.line = line
                return row
        spare = self._spare.get(kind)
        row = spare.pop() if spare else Factory.get(kind)()
        row.line = line
        self.add_widget(row)
        return row

    def _put_by(self, row: Widget) -> None:
        self.remove_widget(row)
        if not self._is_usable(row):
            self._spare.setdefault(type(row).__name__, []).append(row)

    def _is_usable(self, row: Widget) -> bool:
        measure = self._measures.get(row.line)
        return _holds_controls(row) if measure is None else measure.usable


def _take_same(free: list[Widget], line: object) -> Widget | None:
    """Take the row that shows `line` already from those that are free."""
    for row in free:
        if row.line == line:
            free.remove(row)
            return row
    return None


def _holds_controls(row: Widget) -> bool:
    return any(isinstance(one, ButtonBehavior) for one in row.walk(restrict=True))


def _lay_out(row: Widget) -> None:
    """Give all within `row` the size they would have by the next frame."""
    inner = list(row.walk(restrict=True))
    for one in inner:
        if isinstance(one, Layout):
            one.do_layout()  # how wide, from the outside in
    for one in reversed(inner):
        if isinstance(one, Label):
            one.texture_update()
        elif isinstance(one, Layout):
            one.do_layout()  # how high, from the inside out


load_rules(__file__)
