"""Closing the account: what goes, what stays, and twice the question."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, page_header, question, revealed, rows

WIDGETS = (controls, notices, page_header, question, revealed, rows)


class KeptRow(BoxLayout):
    """What is kept, and why and until when."""

    line = ObjectProperty(("", ""))


class ErasedRow(question.PointRow):
    """One thing that is erased."""

    line = ObjectProperty("")


class ClosingPage(Page):
    """Taking it back is one touch."""


load_rules(__file__)
