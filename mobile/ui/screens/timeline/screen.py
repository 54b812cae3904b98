"""What was done with the card, day by day, of one kind or of all."""

from collections.abc import Sequence

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.relativelayout import RelativeLayout
from typing_extensions import override

from mobile.core.texts import say
from mobile.core.timeline import CATEGORIES
from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, notices, page_header, picker, recycled_rows, revealed
from mobile.viewmodels.timeline import TimelineDay
from shared.localized_text import Language

WIDGETS = (controls, empty, notices, page_header, picker, recycled_rows, revealed)


class TimelineRowView(RelativeLayout):
    """One row (`line`). Its place is a shift of what it draws: nothing within is laid out anew."""

    line = ObjectProperty(None, allownone=True)


class TimelineHeading(RelativeLayout):
    """The day over its rows, in words (`line`)."""

    line = StringProperty()


class TimelineRows(recycled_rows.RecycledRows):
    """The days' headings, each with its rows below it."""

    @override
    def lines(self) -> Sequence[object]:
        days: Sequence[TimelineDay] = self.values or ()
        return [line for day in days for line in (day.heading, *day.rows)]

    @override
    def row_class(self, line: object) -> str:
        return "TimelineHeading" if isinstance(line, str) else "TimelineRowView"


class TimelinePage(Page):
    """My history."""

    @staticmethod
    def categories(language: Language) -> list[tuple[str, str]]:
        """Return what can be chosen, each with its word."""
        kinds = [(kind, say(language, f"timeline.{kind.lower()}")) for kind in CATEGORIES]
        return [("", say(language, "timeline.all")), *kinds]


load_rules(__file__)
