"""What was done with the card, day by day, of one kind or of all."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.core.texts import say
from mobile.core.timeline import CATEGORIES
from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, notices, page_header, picker, revealed, rows
from shared.localized_text import Language

WIDGETS = (controls, empty, notices, page_header, picker, revealed, rows)


class TimelineRowView(BoxLayout):
    """One row (`line`)."""

    line = ObjectProperty()


class TimelineDayView(BoxLayout):
    """One day's rows (`line`)."""

    line = ObjectProperty()


class TimelinePage(Page):
    """My history."""

    @staticmethod
    def categories(language: Language) -> list[tuple[str, str]]:
        """Return what can be chosen, each with its word."""
        kinds = [(kind, say(language, f"timeline.{kind.lower()}")) for kind in CATEGORIES]
        return [("", say(language, "timeline.all")), *kinds]


load_rules(__file__)
