"""What can be touched, and the text styles they are made of."""

from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import text
from mobile.ui.widgets.aimed import Aimed

STYLES = text


class Tappable(Aimed):
    """A touch target; never lower than the theme's `touch`, nor than `least` pixels."""

    least = NumericProperty(0)


class PillButton(Tappable):
    """A button with a word, and an icon beside it where one helps.

    It fills the width it is given; one that `hugs` is as wide as its word.
    """

    text = StringProperty()
    icon = StringProperty()
    kind = OptionProperty("primary", options=["primary", "outlined", "quiet", "attention"])
    hugs = BooleanProperty(False)
    filled = BooleanProperty(True)
    tone = StringProperty("primary_ink")


class Pill(BoxLayout):
    """A state in a word with its sign; `attention` draws it in cinnabar, `plain` without colour."""

    text = StringProperty()
    icon = StringProperty()
    type_role = StringProperty("secondary")
    attention = BooleanProperty(False)
    plain = BooleanProperty(False)
    tone = StringProperty("primary")


class SwitchRow(Tappable):
    """A setting that is on or off, with its name and what it does."""

    title = StringProperty()
    lead = StringProperty()
    icon = StringProperty()
    active = BooleanProperty(False)


class LinkRow(Tappable):
    """A line that leads somewhere."""

    text = StringProperty()
    icon = StringProperty()


class BarItem(Tappable):
    """One way of the bottom bar."""

    text = StringProperty()
    icon = StringProperty()
    selected = BooleanProperty(False)
    tone = StringProperty("muted")


class ChoiceItem(Tappable):
    """One of several values."""

    text = StringProperty()
    selected = BooleanProperty(False)


class ChoiceBar(GridLayout):
    """One value out of a few, all seen at once; `choices` are (value, word) pairs.

    `stacked` ones stand one under another whatever the width.
    """

    choices = ListProperty()
    chosen = StringProperty()
    stacked = BooleanProperty(False)

    __events__ = ("on_choose",)

    def on_choices(self, *_: object) -> None:
        """Draw an item for each choice."""
        self.clear_widgets()
        for value, word in self.choices:
            item = ChoiceItem(text=word, selected=value == self.chosen)
            item.bind(on_release=lambda _, value=value: self.dispatch("on_choose", value))
            self.add_widget(item)

    def on_chosen(self, *_: object) -> None:
        """Mark the chosen item."""
        items = reversed(self.children)
        for item, (value, _word) in zip(items, self.choices, strict=True):
            item.selected = value == self.chosen

    def on_choose(self, value: str) -> None:
        """Tell that `value` was touched; the owner decides what follows."""


load_rules(__file__)
