"""One value out of some, behind one line where all of them would fill the screen."""

from kivy.properties import BooleanProperty, ListProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, revealed

WIDGETS = (controls, revealed)


class Picker(BoxLayout):
    """A bar of `choices`, (value, word) pairs; one that `folds` shows the chosen word alone.

    Its line unfolds it, and so does nothing else: a choice folds it again.
    """

    title = StringProperty()
    choices = ListProperty()
    chosen = StringProperty()
    folds = BooleanProperty(False)
    unfolded = BooleanProperty(False)

    __events__ = ("on_choose",)

    def word(self, choices: list[tuple[str, str]], chosen: str) -> str:
        """Return the line's text: what is chosen, and of what."""
        return f"{self.title}{dict(choices).get(chosen, '')}"

    def choose(self, value: str) -> None:
        """Take a choice."""
        self.unfolded = False
        self.dispatch("on_choose", value)

    def on_choose(self, value: str) -> None:
        """Tell that `value` was touched; the owner decides what follows."""


load_rules(__file__)
