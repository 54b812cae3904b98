"""A court's price, line by line, paying it, and the receipt."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import (
    controls,
    facts,
    notices,
    page_header,
    question,
    revealed,
    rows,
    unanswered,
)

WIDGETS = (controls, facts, notices, page_header, question, revealed, rows, unanswered)


class PriceRow(BoxLayout):
    """A line of the price (`PriceLine`)."""

    line = ObjectProperty()


class PaymentPanel(BoxLayout):
    """The price with what can be done (`PaymentView`)."""

    view = ObjectProperty(None, allownone=True)


class PaymentPage(Page):
    """Paying for a court."""


load_rules(__file__)
