"""A number pad of our own: large keys, the same on every phone, and no input method in between."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets.controls import Tappable


class PadKey(Tappable):
    """One key: a digit, or an act with its icon and word."""

    digit = StringProperty()
    icon = StringProperty()
    text = StringProperty()


class NumberPad(GridLayout):
    """Twelve keys; dispatches `on_digit`, `on_delete` and `on_clear`.

    One `with_x` has an X, which a citizen number may end with, in the place of clearing.
    """

    __events__ = ("on_digit", "on_delete", "on_clear")

    with_x = BooleanProperty(False)

    def on_digit(self, digit: str) -> None:
        """Tell that a digit or the X was touched."""

    def on_delete(self) -> None:
        """Tell that the last digit is to go."""

    def on_clear(self) -> None:
        """Tell that all digits are to go."""


class DigitBoxes(BoxLayout):
    """Ten boxes, in two groups of five, that fill from the left."""

    digits = StringProperty()


class DigitBox(BoxLayout):
    """One place of the code; `current` is the one to be filled next."""

    text = StringProperty()
    current = BooleanProperty(False)


load_rules(__file__)
