"""Who used my data: day by day, with what to do when something looks wrong."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout
from typing_extensions import override

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import (
    controls,
    empty,
    notices,
    page_header,
    recycled_rows,
    revealed,
    rows,
)

WIDGETS = (controls, empty, notices, page_header, recycled_rows, revealed, rows)


class UseRow(BoxLayout):
    """One use (`UseLine`): who, what, when and from where."""

    line = ObjectProperty()


class UseDayPanel(BoxLayout):
    """One day's uses (`UseDay`)."""

    line = ObjectProperty(None, allownone=True)


class UseList(recycled_rows.RecycledRows):
    """A panel for each day (`UseDay`)."""

    @override
    def row_class(self, line: object) -> str:
        return "UseDayPanel"


class DataUsePage(Page):
    """Who used my data."""


load_rules(__file__)
