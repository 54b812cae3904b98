"""What every screen of the app is: a place for one view model, drawn by its kv rule."""

from typing import Protocol, runtime_checkable

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.viewmodels.models import Models


class Spoken(Protocol):
    """A model that can be read aloud; every one can."""

    def reading(self) -> str:
        """Return the screen in words."""
        ...


@runtime_checkable
class Timed(Protocol):
    """A model that follows the time."""

    def tick(self) -> None:
        """Bring the state up to this moment."""
        ...


@runtime_checkable
class Typed(Protocol):
    """A model that takes the keys of a keyboard: digits, `backspace`, `enter`."""

    def key(self, name: str) -> None:
        """Take one key."""
        ...


class Page(BoxLayout):
    """A screen; `model` is its own of all `models`."""

    models: Models = ObjectProperty()
    model: Spoken = ObjectProperty()

    def tick(self) -> None:
        """Bring what depends on the time up to date; called some times a second while seen."""
        if isinstance(self.model, Timed):
            self.model.tick()

    def key(self, name: str) -> None:
        """Give a key to the model, if it takes any."""
        if isinstance(self.model, Typed):
            self.model.key(name)


load_rules(__file__)
