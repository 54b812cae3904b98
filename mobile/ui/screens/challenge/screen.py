"""Typing a venue's challenge."""

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, number_pad, page_header, typed_field

WIDGETS = (controls, number_pad, page_header, typed_field)


class ChallengePage(Page):
    """Six digits, then the code that answers them."""


load_rules(__file__)
