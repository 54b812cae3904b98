"""Subsidies: a card for each payment, and one payment with what to do where it did not arrive."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, facts, notices, page_header, revealed, rows
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, empty, facts, notices, page_header, revealed, rows)


class SubsidyRow(Tappable):
    """A payment (`SubsidyLine`) that can be opened: what it is for, then the sum."""

    line = ObjectProperty(None, allownone=True)


class SubsidyPanel(BoxLayout):
    """The opened payment (`SubsidyView`)."""

    view = ObjectProperty(None, allownone=True)


class SubsidiesPage(Page):
    """The cards, or the one that was touched."""


load_rules(__file__)
