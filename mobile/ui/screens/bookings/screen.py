"""My bookings: the list, one of them as a ticket, or the question before it is given back."""

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


class BookingRow(Tappable):
    """A booking (`BookingLine`) that can be opened."""

    line = ObjectProperty()


class TicketView(BoxLayout):
    """The opened booking."""

    ticket = ObjectProperty(None, allownone=True)


class BookingListView(BoxLayout):
    """What comes, then what was."""


class BookingsPage(Page):
    """The code is one touch from every ticket that opens a door."""


load_rules(__file__)
