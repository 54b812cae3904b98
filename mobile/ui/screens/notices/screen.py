"""The notices: the list of them, or one to be read."""

from kivy.properties import ObjectProperty, StringProperty

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, notices, page_header, revealed, rows
from mobile.ui.widgets.controls import Tappable
from mobile.ui.widgets.text import Body

WIDGETS = (controls, empty, notices, page_header, revealed, rows)


class NoticeRow(Tappable):
    """A notice (`NoticeLine`) that can be opened."""

    line = ObjectProperty()


class Paragraph(Body):
    """One paragraph of a notice."""

    line = StringProperty()


class NoticesPage(Page):
    """Readable before a first use, and at any time after."""


load_rules(__file__)
