"""The head of a page that one comes to from another."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, revealed

STYLES = (controls, revealed)


class PageHeader(BoxLayout):
    """The page's name, and the way back; in 长辈版 only where that is not the bar's way home.

    `stepped` while the page itself has a step to go back to.
    """

    title = StringProperty()
    stepped = BooleanProperty(False)


load_rules(__file__)
