"""A row widget for each of some values, drawn anew only when they change."""

from bisect import bisect_left, bisect_right

from kivy.clock import Clock
from kivy.factory import Factory
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from mobile.ui.rules import load_rules


class Rows(BoxLayout):
    """One widget of the class named `row` for each of `values`, which it gets as its `line`."""

    row = StringProperty()
    values = ObjectProperty((), allownone=True)

    def on_row(self, *_: object) -> None:
        """Draw the rows."""
        self.clear_widgets()
        self._draw()

    def on_values(self, *_: object) -> None:
        """Draw the rows."""
        self._draw()

    def _draw(self) -> None:
        """Keep the rows up to the first that changed, so that a further page costs itself alone."""
        if not self.row:
            return
        values, widgets = tuple(self.values or ()), self.children[::-1]
        same = 0
        for widget, value in zip(widgets, values, strict=False):
            if widget.line != value:
                break
            same += 1
        self.clear_widgets(widgets[same:])
        for value in values[same:]:
            self.add_widget(Factory.get(self.row)(line=value))


class LongRows(Rows):
    """Rows of which those near the sight of the scroll view around them are drawn, and no other."""

    def __init__(self, **options: object) -> None:
        self._view: ScrollView | None = None
        self._out: set[Widget] = set()
        self._look = Clock.create_trigger(self._hide, -1)
        super().__init__(**options)
        for moved in ("pos", "size", "children"):
            self.fbind(moved, self._look)

    def _hide(self, *_: object) -> None:
        """Take the rows out of sight off the canvas, up to a screen's height beyond it."""
        view = self._view or self._find_view()
        if view is None:
            return
        _, low = view.to_local(view.x, view.y)
        first = bisect_left(self.children, low - view.height, key=lambda row: row.top)
        last = bisect_right(self.children, low + 2 * view.height, key=lambda row: row.y)
        seen = set(self.children[first:last])
        out = set(self.children) - seen
        for row in out - self._out:
            self.canvas.remove(row.canvas)
        for row in seen & self._out:
            self.canvas.add(row.canvas)
        self._out = out

    def _find_view(self) -> ScrollView | None:
        around = self.parent
        while around is not None and around is not around.parent:
            if isinstance(around, ScrollView):
                self._view = around
                for moved in ("scroll_y", "size"):
                    around.fbind(moved, self._look)
                return around
            around = around.parent
        return None


load_rules(__file__)
