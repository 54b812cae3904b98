"""The way to each right over one's own data."""

from kivy.properties import ObjectProperty

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, page_header, revealed, rows
from mobile.ui.widgets.controls import LinkRow

WIDGETS = (controls, page_header, revealed, rows)


class WayRow(LinkRow):
    """A line (`Way`) that leads to one right."""

    line = ObjectProperty()


class RightsPage(Page):
    """A line for each right."""


load_rules(__file__)
