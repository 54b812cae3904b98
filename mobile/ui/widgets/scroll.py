"""A page that can be higher than the window."""

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import ListProperty
from kivy.uix.scrollview import ScrollView

from mobile.ui.rules import load_rules


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


load_rules(__file__)
