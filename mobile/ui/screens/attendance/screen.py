"""One's own attendance: months, buildings, days."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, notices, page_header, picker, revealed, rows
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, empty, notices, page_header, picker, revealed, rows)


class AttendanceVenueRow(Tappable):
    """A building (`AttendanceVenueLine`)."""

    line = ObjectProperty(None, allownone=True)


class AttendanceDayRow(BoxLayout):
    """A day (`AttendanceDayLine`)."""

    line = ObjectProperty(None, allownone=True)


class AttendancePage(Page):
    """A month's buildings, or the days at one."""


load_rules(__file__)
