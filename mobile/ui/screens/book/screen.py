"""Choosing a day, a time and a number, then a yes; in 长辈版 each on a screen of its own."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import (
    controls,
    count_key,
    empty,
    facts,
    notices,
    page_header,
    question,
    revealed,
    rows,
)
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, count_key, empty, facts, notices, page_header, question, revealed, rows)


class DayCell(Tappable):
    """A day (`DayLine`) in the strip."""

    line = ObjectProperty()


class DayRow(Tappable):
    """A day (`DayLine`) as a row of its own."""

    line = ObjectProperty()


class DayStrip(GridLayout):
    """The days of a week, drawn anew only when they change."""

    days = ObjectProperty(())

    def on_days(self, *_: object) -> None:
        """Draw the days."""
        self.clear_widgets()
        for line in self.days:
            self.add_widget(DayCell(line=line))


class SlotRow(Tappable):
    """A slot (`SlotLine`) that can be chosen."""

    line = ObjectProperty()


class CountView(BoxLayout):
    """How many are to come."""

    counting = ObjectProperty(None, allownone=True)


class MadeView(BoxLayout):
    """The places that are held, or the booking that was made."""

    ticket = ObjectProperty(None, allownone=True)


class BookPage(Page):
    """Nothing is booked before the last yes."""


load_rules(__file__)
