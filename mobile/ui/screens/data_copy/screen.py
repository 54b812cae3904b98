"""Everything held about oneself, as a file."""

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, page_header, revealed

WIDGETS = (controls, notices, page_header, revealed)


class DataCopyPage(Page):
    """Two forms, one touch each."""


load_rules(__file__)
