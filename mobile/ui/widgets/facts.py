"""Facts, each under its plain question."""

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, revealed

STYLES = (controls, revealed)


class FactRow(BoxLayout):
    """One fact with its sign; `more` in smaller type under it."""

    icon = StringProperty()
    heading = StringProperty()
    text = StringProperty()
    more = StringProperty()


load_rules(__file__)
