"""Examinations: when, where, which seat, when to come and what to bring."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, facts, notices, page_header, revealed, rows

WIDGETS = (controls, empty, facts, notices, page_header, revealed, rows)


class ExamPanel(BoxLayout):
    """A seat (`ExamLine`); what is over is told in few words."""

    line = ObjectProperty(None, allownone=True)


class ExamsPage(Page):
    """The code, which the door asks for, is one touch away."""


load_rules(__file__)
