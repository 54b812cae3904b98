"""Visits as rows under the headings of their days."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, revealed

WIDGETS = (controls, revealed)


class VisitRow(BoxLayout):
    """One visit (`VisitLine`): where, which lane, when, and whether the gate opened."""

    line = ObjectProperty(None, allownone=True)
    admitted = BooleanProperty(True)
    tone = StringProperty("primary")


class DayPanel(BoxLayout):
    """One day's visits."""

    heading = StringProperty()


class VisitList(BoxLayout):
    """A panel for each day of `days` (`DayLines`); drawn anew only when they change."""

    days = ObjectProperty(())

    def on_days(self, *_: object) -> None:
        """Draw the days."""
        self.clear_widgets()
        for day in self.days:
            panel = DayPanel(heading=day.heading)
            for line in day.visits:
                panel.ids.rows.add_widget(VisitRow(line=line))
            self.add_widget(panel)


load_rules(__file__)
