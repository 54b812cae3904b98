"""What other authorities hold of a person: health, school, care."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, notices, page_header, revealed, rows
from mobile.ui.widgets.controls import LinkRow

WIDGETS = (controls, empty, notices, page_header, revealed, rows)


class RecordKindRow(LinkRow):
    """A kind (`RecordKindLine`) that can be looked up."""

    line = ObjectProperty(None, allownone=True)


class RecordRow(BoxLayout):
    """A line of a record (`RecordLineView`)."""

    line = ObjectProperty(None, allownone=True)


class RecordPanelView(BoxLayout):
    """A section of a record (`RecordPanel`)."""

    line = ObjectProperty(None, allownone=True)


class RecordsPage(Page):
    """The kinds, or the one that was touched."""


load_rules(__file__)
