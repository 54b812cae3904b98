"""What the resident agreed to: the list, or one purpose explained."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, page_header, revealed, rows
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, notices, page_header, revealed, rows)


class PurposeRow(Tappable):
    """A purpose (`PurposeLine`) that can be opened."""

    line = ObjectProperty()


class PartRow(BoxLayout):
    """A heading and its text."""

    line = ObjectProperty(("", ""))


class ReceiptRow(BoxLayout):
    """A receipt (`ReceiptLine`)."""

    line = ObjectProperty()


class ConsentsPage(Page):
    """Taking back takes no more touches than giving."""


load_rules(__file__)
