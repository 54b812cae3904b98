"""A venue that is recommended."""

from kivy.properties import ObjectProperty

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls,)


class RecommendedRow(Tappable):
    """A venue (`line`) and why it stands there; a touch finds it."""

    line = ObjectProperty()


load_rules(__file__)
