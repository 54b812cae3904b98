"""The head of a page that one comes to from another."""

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, revealed

STYLES = (controls, revealed)


class PageHeader(BoxLayout):
    """The page's name, and the way back; in 长辈版 the bar below leads back."""

    title = StringProperty()


load_rules(__file__)
