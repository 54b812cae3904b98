"""Which visit, how it was, and thanks."""

from kivy.properties import ObjectProperty

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, notices, page_header, revealed, rows
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, empty, notices, page_header, revealed, rows)


class GradeRow(Tappable):
    """A grade (`line`); a touch sends it."""

    line = ObjectProperty()


class RatableRow(Tappable):
    """A visit (`line`); a touch asks how it was."""

    line = ObjectProperty()


class RatingPage(Page):
    """One question, five answers."""


load_rules(__file__)
