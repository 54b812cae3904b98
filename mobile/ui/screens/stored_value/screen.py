"""Stored value: the balance, how it is topped up, its movements, and taking it out."""

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


class MovementRow(BoxLayout):
    """A row of the ledger (`MovementLine`)."""

    line = ObjectProperty()


class StoredPanel(BoxLayout):
    """The opened account (`StoredView`)."""

    view = ObjectProperty(None, allownone=True)


class StoredValuePage(Page):
    """The code, which the counter asks for, is one touch away."""


load_rules(__file__)
