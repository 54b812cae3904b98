"""What changes seldom, drawn once and then shown as one picture."""

from math import ceil

from kivy.graphics import Canvas, ClearBuffers, ClearColor, Color, Fbo, Rectangle, Translate
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules


class Pictured(BoxLayout):
    """Draws what it holds anew when something of it changes, and not in each frame.

    What it holds fills it, and is not to be seen through: a bar, a band.
    """

    def __init__(self, **options: object) -> None:
        self.canvas = Canvas()
        with self.canvas:
            self._picture = Fbo()
            Color(1, 1, 1, 1)
            self._shown = Rectangle()
        with self._picture:
            ClearColor(0, 0, 0, 0)
            ClearBuffers()
            self._shift = Translate()
        super().__init__(**options)
        self.fbind("size", self._measure)
        self.fbind("pos", self._place)

    def add_widget(self, widget: object, *given: object, **named: object) -> None:
        """Take `widget` into the picture."""
        outside, self.canvas = self.canvas, self._picture
        super().add_widget(widget, *given, **named)
        self.canvas = outside

    def remove_widget(self, widget: object, *given: object, **named: object) -> None:
        """Take `widget` out of the picture."""
        outside, self.canvas = self.canvas, self._picture
        super().remove_widget(widget, *given, **named)
        self.canvas = outside

    def _measure(self, *_: object) -> None:
        self._picture.size = max(ceil(self.width), 1), max(ceil(self.height), 1)
        self._shown.texture = self._picture.texture
        self._shown.size = self._picture.size

    def _place(self, *_: object) -> None:
        self._shift.xy = -self.x, -self.y
        self._shown.pos = self.pos


load_rules(__file__)
