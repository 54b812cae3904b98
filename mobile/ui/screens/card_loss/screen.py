"""The card's state, and stopping the card for a while or for good."""

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, page_header, question, revealed

WIDGETS = (controls, notices, page_header, question, revealed)


class LossActPanel(BoxLayout):
    """One act: when it is the right one, its name as a button, and what it does."""

    heading = StringProperty()
    lead = StringProperty()
    text = StringProperty()
    icon = StringProperty()
    kind = StringProperty("primary")
    step = StringProperty()


class CardLossPage(Page):
    """Two acts that differ: one can be taken back, the other cannot."""


load_rules(__file__)
