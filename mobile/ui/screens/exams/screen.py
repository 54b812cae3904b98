"""Examinations: when, where, which seat, when to come; and registering for them."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import (
    controls,
    empty,
    facts,
    notices,
    page_header,
    question,
    revealed,
    rows,
    unanswered,
)
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, empty, facts, notices, page_header, question, revealed, rows, unanswered)


class ExamPanel(BoxLayout):
    """A seat (`ExamLine`); what is over is told in few words."""

    line = ObjectProperty(None, allownone=True)


class OfferRow(Tappable):
    """A session to register for (`OpeningRow`) that can be opened."""

    line = ObjectProperty()


class OfferFact(BoxLayout):
    """A plain question and its answer (`ExamFact`)."""

    line = ObjectProperty()


class OfferPanel(BoxLayout):
    """The opened session (`OpeningView`)."""

    view = ObjectProperty(None, allownone=True)


class SeatsAndOffers(BoxLayout):
    """The seats one has, and under them what one can register for."""


class ExamsPage(Page):
    """The code, which the door asks for, is one touch away."""


load_rules(__file__)
