"""Guides: a list that can be searched, and one of them; in 长辈版 one part of it a page."""

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
    revealed,
    rows,
    typed_field,
)
from mobile.ui.widgets.controls import LinkRow

WIDGETS = (controls, empty, facts, notices, page_header, revealed, rows, typed_field)


class GuideRow(LinkRow):
    """A guide (`GuideLine`) that a touch opens."""

    line = ObjectProperty(None, allownone=True)


class GuideFactRow(BoxLayout):
    """A fact or a step (`GuideFact`) with its picture."""

    line = ObjectProperty(None, allownone=True)


class GuideOutletRow(BoxLayout):
    """Where to go (`GuideOutlet`)."""

    line = ObjectProperty(None, allownone=True)


class GuidesPage(Page):
    """The list, or the guide that was touched."""


load_rules(__file__)
