"""The card itself, then where it was shown."""

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, revealed, visits

WIDGETS = (controls, notices, revealed, visits)


class WalletPage(Page):
    """Shows the card and the visits last seen, with their age."""


load_rules(__file__)
