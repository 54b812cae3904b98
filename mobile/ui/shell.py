"""The app as far as it is drawn: theme, language, window, keys and voice."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kivy.animation import Animation
from kivy.app import App
from kivy.clock import Clock, ClockEvent
from kivy.core.window import Window
from kivy.properties import ObjectProperty, StringProperty

from mobile.ports.screen import Screen
from mobile.ports.speech import Speech
from mobile.ui.fonts import register_fonts
from mobile.ui.root import TICK_SECONDS, Root
from mobile.ui.tokens import Theme, theme_of
from mobile.ui.widgets.aimed import aim
from mobile.viewmodels.models import Models
from mobile.viewmodels.place import CODE, HOME

if TYPE_CHECKING:
    from mobile.ui.focus import Focus

_BACK = 27  # Escape on a keyboard, the back gesture on a phone
_NAMED_KEYS = {8: "backspace", 13: "enter", 271: "enter", ord("x"): "X"}
_KEYPAD_ZERO, _KEYPAD_NINE = 256, 265
_TAB, _ON, _BACKWARD = 9, {274, 275}, {273, 276}  # down and right, up and left
_USE = {13, 271, 32}


class Shell(App):
    """Draws `models`; kv rules reach theme, language and models through it."""

    title = "一卡通"
    theme: Theme = ObjectProperty(rebind=True)
    models: Models = ObjectProperty()
    language = StringProperty("zh")

    def __init__(self, models: Models, screen: Screen, speech: Speech) -> None:
        self._dark = screen.is_dark()
        theme = theme_of(models.preferences.value, phone_is_dark=self._dark)
        super().__init__(theme=theme, models=models)
        self._screen = screen
        self._speech = speech
        self._timers: list[ClockEvent] = []
        self._bright = self._asleep = False
        self._made_focus: Focus | None = None

    def build(self) -> Root:
        """Return the root widget, drawn as the preferences ask."""
        register_fonts()
        preferences = self.models.preferences
        preferences.bind(value=self._follow_preferences)
        self._follow_preferences()
        self.models.place.bind(name=self._follow_place)
        self._follow_place()
        self.models.code.bind(state=self._light)
        Window.bind(on_keyboard=self._on_key)
        root = Root(self.models)
        Window.bind(on_touch_down=self._touched)
        self.repeat(root.tick, TICK_SECONDS)
        return root

    def read_aloud(self) -> None:
        """Say what the page in front says."""
        language = self.models.preferences.language
        band = self.models.family.band
        said = self.root.page.model.reading()
        self._speech.say(f"{band}。{said}" if band else said, language)

    def go_back(self) -> bool:
        """Go one step back, within the page or to another; False where back leaves the app."""
        return self.root.page.step_back() or self.models.place.back()

    def repeat(self, act: Callable[[float], None], seconds: float) -> None:
        """Call `act` every some seconds until the app stops."""
        self._timers.append(Clock.schedule_interval(act, seconds))

    def rest(self) -> None:
        """Do nothing at intervals any more."""
        for timer in self._timers:
            timer.cancel()

    def on_stop(self) -> None:
        """Give back what was taken; the frame under way must find no timer that is due."""
        self.rest()
        Window.unbind(on_keyboard=self._on_key, on_touch_down=self._touched)
        Animation.cancel_all(None)  # Kivy holds what is animated, and the whole app by it
        self._leave_focus()
        self._speech.hush()
        self._screen.rest()

    def _follow_preferences(self, *_: object) -> None:
        preferences = self.models.preferences.value
        self.theme = theme_of(preferences, phone_is_dark=self._dark)
        self.language = preferences.language
        Window.clearcolor = self.theme.paper

    def on_pause(self) -> bool:
        """Let the phone put the app to sleep: masked, and with the phone's own brightness."""
        self._asleep = True
        self.models.code.mask()
        self._light()
        return True

    def on_resume(self) -> None:
        """Come back with what is now."""
        self._asleep = False
        self._dark = self._screen.is_dark()
        self._follow_preferences()
        self.root.page.tick()
        self._light()

    def _follow_place(self, *_: object) -> None:
        self._speech.hush()
        self._light()

    def _light(self, *_: object) -> None:
        """Be bright and awake exactly while a code is seen."""
        seen = self.models.place.name in {CODE, HOME} and not self._asleep
        bright = seen and bool(self.models.code.state.digits)
        if bright != self._bright:
            self._bright = bright
            (self._screen.show_code if bright else self._screen.rest)()

    @property
    def _focus(self) -> "Focus":
        """The way by keys, which most people never take."""
        from mobile.ui.focus import Focus  # noqa: PLC0415, no start needs it

        if self._made_focus is None:
            self._made_focus = Focus(self.root, lambda: self.theme, self._say_control)
        return self._made_focus

    def _say_control(self, control: Any) -> None:
        from mobile.ui.focus import spoken  # noqa: PLC0415, no start needs it

        language = self.models.preferences.language
        self._speech.say(spoken(control, language), language)

    def _touched(self, _window: object, touch: Any) -> None:
        self._leave_focus()
        aim(self.root, touch)

    def _leave_focus(self) -> None:
        if self._made_focus is not None:
            self._made_focus.leave()

    def _on_key(self, _window: object, key: int, _scan: int, _sign: str, held: list[str]) -> bool:
        if key == _BACK:
            return self.go_back()
        if key == _TAB or key in _ON or key in _BACKWARD:
            back = key in _BACKWARD or "shift" in held
            self._focus.step(-1 if back else 1)
            return True
        if key in _USE and self._focus.use():
            return True
        if chr(key).isdigit() if key < 128 else False:
            self.root.page.key(chr(key))
        elif _KEYPAD_ZERO <= key <= _KEYPAD_NINE:
            self.root.page.key(str(key - _KEYPAD_ZERO))
        elif key in _NAMED_KEYS:
            self.root.page.key(_NAMED_KEYS[key])
        else:
            return False
        return True
