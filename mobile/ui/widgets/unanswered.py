"""An act whose answer is missing: what it was, then asking again or letting it be."""

from kivy.properties import BooleanProperty, ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices

STYLES = (controls, notices)


class UnansweredView(BoxLayout):
    """Shows `notice`; dispatches `on_again` and `on_let_be`."""

    __events__ = ("on_again", "on_let_be")

    notice = ObjectProperty(None, allownone=True)
    busy = BooleanProperty(False)

    def on_again(self) -> None:
        """Tell that it is to be asked again."""

    def on_let_be(self) -> None:
        """Tell that it is to be let be."""


load_rules(__file__)
