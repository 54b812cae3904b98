"""Looking for a venue; in 长辈版 first what, then which, then that one."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import (
    controls,
    empty,
    facts,
    notices,
    page_header,
    revealed,
    rows,
    typed_field,
)
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, empty, facts, notices, page_header, revealed, rows, typed_field)


class FilterKey(Tappable):
    """A condition that is on or off."""

    text = StringProperty()
    icon = StringProperty()
    active = BooleanProperty(False)
    tone = StringProperty("primary")


class SearchView(BoxLayout):
    """What to look for."""


class FoundView(BoxLayout):
    """What was found."""


class VenueView(BoxLayout):
    """One venue (`VenueView` of the view models)."""

    view = ObjectProperty(None, allownone=True)


class VenueRow(Tappable):
    """A venue (`VenueLine`) that can be opened."""

    line = ObjectProperty()


class ComingDayRow(BoxLayout):
    """A day and its hours."""

    line = ObjectProperty(("", ""))


class VenuesPage(Page):
    """The conditions stand above what was found."""


load_rules(__file__)
