"""What every screen of the app is: a place for one view model, drawn by its kv rule."""

from typing import Protocol, runtime_checkable

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import scroll
from mobile.viewmodels.models import Models

WIDGETS = (scroll,)


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
    """A model that takes the keys of a keyboard: digits, X, `backspace`, `enter`."""

    def key(self, name: str) -> None:
        """Take one key."""
        ...


@runtime_checkable
class Opened(Protocol):
    """A model that reads something when its page comes to the front."""

    def open(self) -> None:
        """Read it."""
        ...


@runtime_checkable
class Stepped(Protocol):
    """A model that asks for one thing after another."""

    def step_back(self) -> bool:
        """Go back to what was asked before; False at the first."""
        ...


class Page(BoxLayout):
    """A screen; `model` is its own of all `models`."""

    models: Models = ObjectProperty()
    model: Spoken = ObjectProperty()

    def open(self) -> None:
        """Come to the front."""
        if isinstance(self.model, Opened):
            self.model.open()
        self.tick()

    def tick(self) -> None:
        """Bring what depends on the time up to date; called some times a second while seen."""
        if isinstance(self.model, Timed):
            self.model.tick()

    def key(self, name: str) -> None:
        """Give a key to the model, if it takes any."""
        if isinstance(self.model, Typed):
            self.model.key(name)

    def step_back(self) -> bool:
        """Go one step back within the page; False where there is none."""
        return isinstance(self.model, Stepped) and self.model.step_back()


load_rules(__file__)
