"""A code on paper for a day without a phone."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, page_header, revealed, rows

WIDGETS = (controls, notices, page_header, revealed, rows)


class PaperPanel(BoxLayout):
    """One sheet (`PaperLine`) with the way to make it void."""

    line = ObjectProperty()


class PaperPage(Page):
    """What is printed, and what was."""


load_rules(__file__)
