"""Words and signs in the theme's type and colours."""

from kivy.graphics import Color, Rectangle
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.label import Label

from mobile.core.line_breaks import balance_lines, break_lines
from mobile.ui.rules import load_rules


class Styled(Label):
    """A label by roles: `type_role` names a size of the theme, `tone` one of its colours.

    Roles are plain names, so that a style made upon another replaces its choice. (Two rules that
    bind the same property both stay bound in kv, and the one that fires last wins.)
    """

    type_role = StringProperty("body")
    tone = StringProperty("ink")


class Body(Styled):
    """A paragraph: takes the width it is given, and the height its lines need.

    Lines are broken here: Kivy alone would let a line begin with a full stop. A `balanced` one
    makes its lines about equally long.
    """

    balanced = BooleanProperty(False)

    def texture_update(self, *largs: object) -> None:
        """Break the lines anew, then draw them."""
        if self.text_size[0]:
            # Kivy adds up rounded words: a line needs a little less than it has.
            width = self.text_size[0] - self.font_size / 4
            self._label.resolve_font_name()
            lines = balance_lines if self.balanced else break_lines
            self._label.text = lines(self.text, width, self._measure)
        super().texture_update(*largs)

    def _measure(self, line: str) -> float:
        extents: tuple[float, float] = self._label.get_extents(line)
        return extents[0]


class Listed(Body):
    """A paragraph at the left of a row of which many are in sight.

    It draws its words alone: to blend the empty rest of each line, and the room below the last,
    takes as long as the words.
    """

    def __init__(self, **options: object) -> None:
        self._drawn = Rectangle()
        self._below = 0
        super().__init__(**options)
        self.canvas.add(Color(1, 1, 1, 1))
        self.canvas.add(self._drawn)
        self.fbind("texture", self._draw)
        self.fbind("pos", self._place)
        self._draw()

    def _draw(self, *_: object) -> None:
        texture = self.texture
        if texture is None:
            self._drawn.size = (0, 0)
            return
        lines = self._label.text.split("\n")
        width = min(int(max(map(self._measure, lines))) + 1, texture.width)
        self._below = int(texture.height / len(lines) * (1 - 1 / self.line_height))
        left, low, right, _, _, high, *_ = texture.tex_coords
        right = left + (right - left) * width / texture.width
        low += (high - low) * self._below / texture.height
        self._drawn.texture = texture
        self._drawn.tex_coords = (left, low, right, low, right, high, left, high)
        self._drawn.size = (width, texture.height - self._below)
        self._place()

    def _place(self, *_: object) -> None:
        self._drawn.pos = (int(self.x), int(self.y) + self._below)


class Word(Styled):
    """One line, as wide as it comes."""


class Icon(Styled):
    """A sign of the icon font, one and a half times as high as the type beside it."""

    name = StringProperty()


load_rules(__file__)
