"""The code as a picture: black on white whatever the theme, with a ring that runs empty."""

from itertools import accumulate, pairwise
from math import cos, dist, pi, sin

import segno
from kivy.graphics import (
    Color,
    Rectangle,
    SmoothLine,
    SmoothRoundedRectangle,
)
from kivy.graphics.texture import Texture
from kivy.metrics import dp
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

QUIET_MODULES = 4
MODULES = 57  # version 10, of an e-card
_RADIUS = 20
_INSET = 4
_ARC_STEPS = 8

Point = tuple[float, float]


class QrCode(Widget):
    """A square that shows `digits`; nothing but white while there are none.

    The symbol is drawn in whole pixels a module, so that a camera sees sharp edges.
    """

    digits = StringProperty()
    fraction_left = NumericProperty(1.0)
    ring_color = ColorProperty("#000000")
    track_color = ColorProperty("#00000000")

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        with self.canvas:
            Color(1, 1, 1, 1)
            self._ground = SmoothRoundedRectangle(radius=[dp(_RADIUS)])
            self._ink = Color(1, 1, 1, 0)
            self._symbol = Rectangle()
            self._track_ink = Color(rgba=self.track_color)
            self._track = SmoothLine(width=dp(1))
            self._ring_ink = Color(rgba=self.ring_color)
            self._ring = SmoothLine(width=dp(2), cap="round", joint="round")
        self._modules = MODULES
        self._path: list[Point] = []
        self._lengths: list[float] = [0.0]
        self.bind(pos=self._place, size=self._place, digits=self._draw)
        self.bind(fraction_left=self._turn, ring_color=self._turn, track_color=self._turn)
        self._draw()

    @property
    def module_pixels(self) -> int:
        """How many pixels a module takes."""
        room = min(self.size) - 2 * dp(_INSET)
        return int(room // (self._modules + 2 * QUIET_MODULES))

    def _draw(self, *_: object) -> None:
        self._ink.a = 1 if self.digits else 0
        if self.digits:
            texture = _texture(self.digits)
            self._symbol.texture = texture
            if texture.width != self._modules:
                self._modules = texture.width
                self._place()
        self._turn()

    def _place(self, *_: object) -> None:
        self._ground.pos, self._ground.size = self.pos, self.size
        side = self.module_pixels * self._modules
        self._symbol.size = (side, side)
        self._symbol.pos = (
            round(self.center_x - side / 2),
            round(self.center_y - side / 2),
        )
        self._path = _rounded_square(self.x, self.y, self.width, self.height)
        self._track.points = [value for point in self._path for value in point]
        self._lengths = [0.0, *accumulate(dist(a, b) for a, b in pairwise(self._path))]
        self._turn()

    def _turn(self, *_: object) -> None:
        self._ring_ink.rgba, self._track_ink.rgba = self.ring_color, self.track_color
        left = self.fraction_left if self.digits else 0.0
        self._ring.points = _cut(self._path, self._lengths, left)


def _texture(digits: str) -> Texture:
    """Return the symbol, one texel a module, without a quiet zone."""
    symbol = segno.make(digits, mode="numeric", error="m", boost_error=False, micro=False)
    rows = [bytes(0 if dark else 255 for dark in row) for row in symbol.matrix]
    texture = Texture.create(size=(len(rows), len(rows)), colorfmt="luminance")
    texture.mag_filter = texture.min_filter = "nearest"
    texture.blit_buffer(b"".join(reversed(rows)), colorfmt="luminance", bufferfmt="ubyte")
    return texture


def _rounded_square(x: float, y: float, width: float, height: float) -> list[Point]:
    """Return the ring's way, clockwise from the middle of the upper side and back to it."""
    inset = dp(_INSET) / 2
    left, bottom, right, top = x + inset, y + inset, x + width - inset, y + height - inset
    radius = dp(_RADIUS) - inset
    middle = x + width / 2
    corners = (
        (right - radius, top - radius, 90),
        (right - radius, bottom + radius, 0),
        (left + radius, bottom + radius, -90),
        (left + radius, top - radius, -180),
    )
    way = [(middle, top)]
    for centre_x, centre_y, start in corners:
        for step in range(_ARC_STEPS + 1):
            angle = (start - 90 * step / _ARC_STEPS) * pi / 180
            way.append((centre_x + radius * cos(angle), centre_y + radius * sin(angle)))
    return [*way, (middle, top)]


def _cut(path: list[Point], lengths: list[float], fraction: float) -> list[float]:
    """Return the coordinates of the last `fraction` of `path`."""
    start = lengths[-1] * (1.0 - fraction)
    kept: list[float] = []
    for (before, after), (point, following) in zip(pairwise(lengths), pairwise(path), strict=True):
        if after <= start or after == before:
            continue
        if not kept:
            part = max(0.0, (start - before) / (after - before))
            kept += [
                point[0] + (following[0] - point[0]) * part,
                point[1] + (following[1] - point[1]) * part,
            ]
        kept += following
    return kept
