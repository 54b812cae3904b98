"""The way through a page by keys: which control has the focus, and what is said of it.

Kivy 2.3 tells a phone's screen reader nothing. With Tab or the arrow keys (of a keyboard, a remote
or a switch 开关控制 that sends them) one goes from control to control as the eye reads them, hears
each, and uses it with Enter or the space bar.
"""

from collections.abc import Callable, Iterator
from typing import Any

from kivy.clock import Clock, ClockEvent
from kivy.graphics import Color, InstructionGroup, SmoothLine
from kivy.metrics import dp
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from kivy.uix.textinput import TextInput
from kivy.uix.widget import Widget

from mobile.core.texts import say
from mobile.ui.icons import ICON_FONT
from mobile.ui.tokens import Theme
from mobile.ui.widgets.recycled_rows import RecycledRows, UnseenRow
from shared.localized_text import Language

_WIDTH, _GAP, _RADIUS = 3, 3, 14


def controls_of(root: Widget) -> Iterator[Any]:
    """Yield what can be used on the screen now, in the order of reading."""
    if root.opacity == 0 or root.disabled:
        return
    if isinstance(root, ButtonBehavior | TextInput):
        yield root
        return
    for child in reversed(root.children):
        yield from controls_of(child)


def _stops_of(root: Widget) -> Iterator[Any]:
    """Yield the same, and a stand-in for each row with controls that is out of sight of a list."""
    if root.opacity == 0 or root.disabled:
        return
    if isinstance(root, ButtonBehavior | TextInput):
        yield root
        return
    above, below = root.unseen() if isinstance(root, RecycledRows) else ([], [])
    yield from above
    for child in reversed(root.children):
        yield from _stops_of(child)
    yield from below


def spoken(control: Any, language: Language) -> str:
    """Return a control in words to be said: its text, and whether it is chosen, on or off."""
    if isinstance(control, TextInput):
        words = control.hint_text if control.password or not control.text else control.text
        return say(language, "focus.line", words=words)
    said = [label.text for label in control.walk(restrict=True) if _is_word(label)]
    if hasattr(control, "active"):
        said.append(say(language, "focus.on" if control.active else "focus.off"))
    elif getattr(control, "selected", False):
        said.append(say(language, "focus.selected"))
    return ("，" if language == "zh" else ", ").join(said)


def _is_word(widget: Widget) -> bool:
    return isinstance(widget, Label) and bool(widget.text) and widget.font_name != ICON_FONT


class Focus:
    """Goes through the controls of `root`, with a ring of two colours that is seen on any ground.

    `said` is told the words of each control that it comes to.
    """

    def __init__(
        self, root: Widget, theme: Callable[[], Theme], said: Callable[[Any], None]
    ) -> None:
        self._root = root
        self._theme = theme
        self._said = said
        self.control: Any = None
        self._drawing: ClockEvent | None = None
        self._ring = InstructionGroup()
        self._inks = Color(), Color()
        self._lines = SmoothLine(width=dp(_WIDTH)), SmoothLine(width=dp(_WIDTH) / 2)
        for ink, line in zip(self._inks, self._lines, strict=True):
            self._ring.add(ink)
            self._ring.add(line)

    def step(self, by: int) -> None:
        """Go to the control `by` places on, round the end; from none to the first or the last."""
        stops = list(_stops_of(self._root))
        if not stops:
            return
        end = 0 if by > 0 else -1
        place = stops.index(self.control) + by if self.control in stops else end
        stop = stops[place % len(stops)]
        if isinstance(stop, UnseenRow):
            stop = list(controls_of(stop.bring()))[end]
        self._take(stop)

    def use(self) -> bool:
        """Touch the control in focus; False where there is none."""
        control = self.control
        if control is None or control not in controls_of(self._root):
            return False
        if isinstance(control, TextInput):
            control.focus = True
        else:
            control.trigger_action(0)
        return True

    def leave(self) -> None:
        """Have no focus, as when a finger takes over."""
        self.control = None
        if self._drawing is not None:
            self._drawing.cancel()
            self._drawing = None
            self._root.canvas.after.remove(self._ring)

    def _take(self, control: Any) -> None:
        self.control = control
        _reveal(control)
        if self._drawing is None:
            self._root.canvas.after.add(self._ring)
            self._drawing = Clock.schedule_interval(self._draw, 0)
        self._draw()
        self._said(control)

    def _draw(self, *_: object) -> None:
        """Follow the control as it is scrolled, moved or taken away."""
        control = self.control
        if control not in controls_of(self._root):
            self.leave()
            return
        theme, gap = self._theme(), dp(_GAP)
        x, y = control.to_window(*control.pos)
        left, bottom = max(x - gap, gap), max(y - gap, gap)
        right = min(x + control.width + gap, self._root.width - gap)
        top = min(y + control.height + gap, self._root.height - gap)
        ring = (left, bottom, right - left, top - bottom, dp(_RADIUS))
        for ink, line, colour in zip(
            self._inks, self._lines, (theme.paper, theme.ink), strict=True
        ):
            ink.rgba, line.rounded_rectangle = colour, ring


def _reveal(control: Widget) -> None:
    parent = control.parent
    while parent is not None and parent is not parent.parent:
        if isinstance(parent, ScrollView):
            parent.scroll_to(control, animate=False)
        parent = parent.parent
