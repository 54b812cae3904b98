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
    """A line that the keyboard can leave, and that knows what is written from what is composed.

    `words` is what was typed or committed. While an input method 输入法 composes, `text` shows the
    letters in their place and `words` stays: pinyin of half a word is searched and sent by nobody.
    """

    text: str
    words = StringProperty()

    def __init__(self, **given: object) -> None:
        self._composing = False
        self._replaced: tuple[str, int, int] | None = None
        super().__init__(**given)

    def on_text(self, _line: object, text: str) -> None:
        """Take over what is typed, and not what is composed."""
        if not self._composing:
            self.words = text

    def window_on_textedit(self, window: object, composed: str) -> None:
        """Show what an input method composes; empty once it is committed or given up.

        A selection that the letters stand in for comes back, so that giving up loses nothing and
        a commit replaces it.
        """
        if composed and not self._composing and self.selection_text:
            self._replaced = (self.text, self.selection_from, self.selection_to)
        self._composing = True
        super().window_on_textedit(window, composed)
        if composed:
            return
        self._composing = False
        if self._replaced is not None:
            text, begin, end = self._replaced
            self._replaced = None
            self.text = text
            self.select_text(*sorted((begin, end)))
            self.cursor = self.get_cursor_from_index(end)
        self.words = self.text

    def keyboard_on_textinput(self, window: object, text: str) -> None:
        """Write what was typed or committed, in place of what was composed till now."""
        self._give_up()
        super().keyboard_on_textinput(window, text)

    def on_focus(self, _line: object, focused: bool) -> None:
        """Leave no half word behind when the line is left."""
        if not focused:
            self._give_up()

    def _give_up(self) -> None:
        if self._composing:
            self.window_on_textedit(None, "")

    def keyboard_on_key_down(
        self, window: object, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> bool:
        """Take a key; Tab is the page's, and while an input method composes every other is its."""
        if keycode[1] == "tab":
            self.focus = False
            return False
        if self._composing:
            return True
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
