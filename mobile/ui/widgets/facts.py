"""Facts, each under its plain question."""

from kivy.properties import BooleanProperty, StringProperty
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


class StateWord(BoxLayout):
    """A state in a few words with its sign: in a pill where they have room, else as a paragraph."""

    text = StringProperty()
    icon = StringProperty()
    attention = BooleanProperty(False)
    plain = BooleanProperty(False)
    tone = StringProperty("primary")


load_rules(__file__)
