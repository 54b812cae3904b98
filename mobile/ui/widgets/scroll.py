"""A page that can be higher than the window, and what of it is drawn."""

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import ListProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView

from mobile.ui.rules import load_rules
from mobile.ui.widgets.sight import lowest_in_sight

_NEAR = 0.1
"""How much of the view's height beyond its edges is drawn."""


class Scroll(ScrollView):
    """Keeps what is in sight where it is when the page grows at its end.

    Kivy keeps the share of the page that is above, so that whoever asks for more of a list would
    find themselves at the end of what came.
    """

    cut = ListProperty([0, 0, 0, 0])
    """What of the window the page is drawn in: left, bottom, width and height, in pixels."""

    def __init__(self, **options: object) -> None:
        self._above = self._hidden = 0.0
        self._cut_anew = Clock.create_trigger(self._cut_off, -1)
        super().__init__(**options)
        self.fbind("scroll_y", self._take_place)
        for measured in ("viewport_size", "height"):
            self.fbind(measured, self._keep_place)
        for moved in ("pos", "size"):
            self.fbind(moved, self._cut_anew)
        Window.bind(_kheight=self._follow_keyboard)
        self._cut_anew()

    def _follow_keyboard(self, *_: object) -> None:
        self._cut_anew()

    def _cut_off(self, *_: object) -> None:
        """Find the view in the window, which the phone's keyboard pushes up with all that it shows.

        Nothing else around a page is moved, turned or made larger.
        """
        shown = Window.render_context["modelview_mat"].transform_point
        left, low, _ = map(round, shown(self.x, self.y, 0))
        right, high, _ = map(round, shown(self.right, self.top, 0))
        self.cut = left, low, right - left, high - low

    def _measure(self) -> float:
        """Return how much of the page is out of sight."""
        return max(float(self.viewport_size[1] - self.height), 0.0)

    def _take_place(self, *_: object) -> None:
        """Note where one has scrolled to; what follows from the page's growth is none of that."""
        if self._measure() == self._hidden:
            self._above = (1 - self.scroll_y) * self._hidden

    def _keep_place(self, *_: object) -> None:
        above, self._hidden = self._above, self._measure()
        if self._hidden:
            self.scroll_y = 1 - min(above / self._hidden, 1)
            self._above = above
        else:
            self.scroll_y = 1  # or Kivy hangs a short page at the foot of the view


class Column(BoxLayout):
    """The parts of a page, one under another; those that its view shows are drawn, and no other."""

    def __init__(self, **options: object) -> None:
        self._look = Clock.create_trigger(self._draw_seen, -1)
        super().__init__(**options)

    def on_parent(self, *_: object) -> None:
        """Follow the view."""
        if isinstance(self.parent, ScrollView):
            for moved in ("scroll_y", "size"):
                self.parent.fbind(moved, self._look)
        self._look()

    def do_layout(self, *given: object) -> None:
        """Give each part its place, and draw those that are seen there."""
        super().do_layout(*given)
        self._look()

    def _draw_seen(self, *_: object) -> None:
        view = self.parent
        if not isinstance(view, ScrollView):
            return
        low, near = lowest_in_sight(view), view.height * _NEAR
        drawn = self.canvas.children
        for part in self.children:
            seen = part.top >= low - near and part.y <= low + view.height + near
            if seen and part.canvas not in drawn:
                self.canvas.add(part.canvas)
            elif not seen and part.canvas in drawn:
                self.canvas.remove(part.canvas)


load_rules(__file__)
