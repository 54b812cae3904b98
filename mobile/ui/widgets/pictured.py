"""What changes seldom, drawn once and then shown as one picture."""

from math import ceil

from kivy.clock import Clock
from kivy.graphics import Canvas, ClearBuffers, ClearColor, Color, Fbo, Rectangle, Translate
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules

_BEGINS = 1.0
"""Seconds after which the first picture is taken: until then an app starts, and draws little."""


class Pictured(BoxLayout):
    """Draws what it holds anew when something of it changes, and not in each frame.

    What it holds fills it, and is not to be seen through: a bar, a band.
    """

    def __init__(self, **options: object) -> None:
        self._drawn_in = self.canvas = Canvas()
        super().__init__(**options)
        Clock.schedule_once(self._begin, _BEGINS)

    def add_widget(self, widget: object, *given: object, **named: object) -> None:
        """Take `widget` into the picture."""
        outside, self.canvas = self.canvas, self._drawn_in
        super().add_widget(widget, *given, **named)
        self.canvas = outside

    def remove_widget(self, widget: object, *given: object, **named: object) -> None:
        """Take `widget` out of the picture."""
        outside, self.canvas = self.canvas, self._drawn_in
        super().remove_widget(widget, *given, **named)
        self.canvas = outside

    def _begin(self, *_: object) -> None:
        """Draw into a picture from now on."""
        with self.canvas:
            self._drawn_in = Fbo()
            Color(1, 1, 1, 1)
            self._shown = Rectangle()
        with self._drawn_in:
            ClearColor(0, 0, 0, 0)
            ClearBuffers()
            self._shift = Translate()
        for widget in self.children[::-1]:
            self.canvas.remove(widget.canvas)
            self._drawn_in.add(widget.canvas)
        self.fbind("size", self._measure)
        self.fbind("pos", self._place)
        self._measure()
        self._place()

    def _measure(self, *_: object) -> None:
        self._drawn_in.size = max(ceil(self.width), 1), max(ceil(self.height), 1)
        self._shown.texture = self._drawn_in.texture
        self._shown.size = self._drawn_in.size

    def _place(self, *_: object) -> None:
        self._shift.xy = -self.x, -self.y
        self._shown.pos = self.pos


load_rules(__file__)
