"""One less or one more."""

from kivy.properties import BooleanProperty, StringProperty

from mobile.ui.rules import load_rules
from mobile.ui.widgets.controls import Tappable


class CountKey(Tappable):
    """A sign with its word; `dim` where there is no less or more."""

    icon = StringProperty()
    text = StringProperty()
    dim = BooleanProperty(False)


load_rules(__file__)
