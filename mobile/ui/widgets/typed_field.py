"""What is being typed: figures from our own keys, or a password from the phone's keyboard."""

from kivy.core.window import Window
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.textinput import TextInput

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls

STYLES = controls


class TypedField(BoxLayout):
    """Shows `text` large, with the place of the next figure; `hint` while it is empty."""

    text = StringProperty()
    hint = StringProperty()


class TypedLine(TextInput):
    """A line that the keyboard can leave: Tab goes on to the next control, whatever it is."""

    def keyboard_on_key_down(
        self, window: object, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> bool:
        """Take a key; Tab is the page's."""
        if keycode[1] == "tab":
            self.focus = False
            return False
        return bool(super().keyboard_on_key_down(window, keycode, text, modifiers))


class TextLine(BoxLayout):
    """A line for a few words from the phone's keyboard; dispatches `on_enter`."""

    __events__ = ("on_enter",)

    text = StringProperty()
    hint = StringProperty()
    focused = BooleanProperty(False)

    def on_parent(self, *_: object) -> None:
        """Keep the line above the phone's keyboard."""
        if self.parent is not None:
            Window.softinput_mode = "below_target"

    def on_enter(self) -> None:
        """Tell that the keyboard's enter was touched."""


class PasswordField(BoxLayout):
    """A line for a password, hidden until `revealed`; dispatches `on_enter`."""

    __events__ = ("on_enter",)

    text = StringProperty()
    hint = StringProperty()
    revealed = BooleanProperty(False)
    focused = BooleanProperty(False)

    def on_parent(self, *_: object) -> None:
        """Hide the password again whenever the page was left."""
        self.revealed = False
        if self.parent is not None:
            Window.softinput_mode = "below_target"  # the phone's keyboard must not cover the line

    def on_enter(self) -> None:
        """Tell that the keyboard's enter was touched."""


load_rules(__file__)
