"""The start screen of 长辈版: the code on the upper half, then a few large tiles."""

from kivy.properties import NumericProperty, ObjectProperty, StringProperty

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, qr_code, recommended, revealed, rows
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, notices, revealed, qr_code, recommended, rows)


class Tile(Tappable):
    """A large button: an icon over a word."""

    text = StringProperty()
    icon = StringProperty()


class NextTile(Tappable):
    """What is booked next (`line`); a touch shows its ticket."""

    line = ObjectProperty(None, allownone=True)


class CodeTile(Tappable):
    """The code itself; a touch shows it alone and larger.

    It is as wide as the `room` for the whole tile lets it be, in pixels of height.
    """

    room = NumericProperty()
    side = NumericProperty()


class HomePage(Page):
    """What an older resident needs, each one touch away."""


load_rules(__file__)
