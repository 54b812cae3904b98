"""Who used my data: day by day, with what to do when something looks wrong."""

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, notices, page_header, revealed

WIDGETS = (controls, empty, notices, page_header, revealed)


class UseRow(BoxLayout):
    """One use (`UseLine`): who, what, when and from where."""

    line = ObjectProperty()


class UseDayPanel(BoxLayout):
    """One day's uses."""

    heading = StringProperty()


class UseList(BoxLayout):
    """A panel for each of `days` (`UseDay`); drawn anew only when they change."""

    days = ObjectProperty((), allownone=True)

    def on_days(self, *_: object) -> None:
        """Draw the days."""
        self.clear_widgets()
        for day in self.days or ():
            panel = UseDayPanel(heading=day.heading)
            for line in day.uses:
                panel.ids.rows.add_widget(UseRow(line=line))
            self.add_widget(panel)


class DataUsePage(Page):
    """Who used my data."""


load_rules(__file__)
