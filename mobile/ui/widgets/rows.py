"""A row widget for each of some values, drawn anew only when they change."""

from kivy.factory import Factory
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules


class Rows(BoxLayout):
    """One widget of the class named `row` for each of `values`, which it gets as its `line`."""

    row = StringProperty()
    values = ObjectProperty((), allownone=True)

    def on_row(self, *_: object) -> None:
        """Draw the rows."""
        self._draw()

    def on_values(self, *_: object) -> None:
        """Draw the rows."""
        self._draw()

    def _draw(self) -> None:
        self.clear_widgets()
        if self.row:
            for value in self.values or ():
                self.add_widget(Factory.get(self.row)(line=value))


load_rules(__file__)
