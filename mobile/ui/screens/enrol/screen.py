"""First start: the activation code, the language and 长辈版, all on one screen."""

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, number_pad

WIDGETS = (controls, notices, number_pad)


class EnrolPage(Page):
    """Binds this phone to a card."""


load_rules(__file__)
