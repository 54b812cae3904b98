"""The card itself, what it holds, then where it was shown."""

from kivy.properties import ColorProperty, ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, facts, notices, revealed, rows, visits
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, empty, facts, notices, revealed, rows, visits)


class ThingRow(Tappable):
    """A small card (`Thing`) that can be opened; colour, sign and word say of which kind."""

    line = ObjectProperty()
    tint = ColorProperty()


class ThingsView(BoxLayout):
    """Tickets, passes and vouchers in a stack."""


class WalletPage(Page):
    """Shows the card, what it holds and the visits last seen, with their age."""


load_rules(__file__)
