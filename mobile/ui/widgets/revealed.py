"""A part of a page that is there only at times."""

from kivy.properties import BooleanProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from mobile.ui.rules import load_rules


class Revealed(BoxLayout):
    """Holds its children while `shown`, and takes no room and no touch otherwise."""

    shown = BooleanProperty(True)

    def __init__(self, **options: object) -> None:
        self._content: list[Widget] | None = None
        super().__init__(**options)

    def on_kv_post(self, _base: Widget) -> None:
        """Take note of the children the rule gave."""
        self._content = self.children[::-1]
        self._follow()

    def on_shown(self, *_: object) -> None:
        """Show or hide."""
        self._follow()

    def _follow(self) -> None:
        if self._content is None:  # the rule has not given the children yet
            return
        wanted = self._content if self.shown else []
        if self.children[::-1] != wanted:
            self.clear_widgets()
            for child in wanted:
                self.add_widget(child)


load_rules(__file__)
