"""The requests for correction, and asking for one step by step."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, entry_form, notices, page_header, revealed, rows

WIDGETS = (controls, empty, entry_form, notices, page_header, revealed, rows)


class CorrectionPanel(BoxLayout):
    """A request (`CorrectionLine`) with its act."""

    line = ObjectProperty()


class CorrectionWay(controls.LinkRow):
    """The way to one request (`CorrectionLine`)."""

    line = ObjectProperty()


class CorrectionsPage(Page):
    """Few words to type: a choice, the right value, a reason out of three."""


load_rules(__file__)
