"""The switch of recommendations with what it uses, and the list."""

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, facts, notices, page_header, recommended, revealed, rows

WIDGETS = (controls, facts, notices, page_header, recommended, revealed, rows)


class RecommendationsPage(Page):
    """Where to go, and why."""


load_rules(__file__)
