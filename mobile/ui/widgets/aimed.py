"""Which button a finger means: the one that lay under it when it came down.

Kivy asks what lies under a finger again whenever it passes its touch on: in a page that can scroll
a twentieth of a second after it came down, and for every button when it is lifted. What a page gets
to know in between, a trouble panel or a list, moves the buttons, and the touch would be lost, or
press what came in its place.
"""

from collections.abc import Callable
from typing import Any
from weakref import ref

from kivy.core.window import Window
from kivy.metrics import dp
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

_MEANT = "meant"  # what a touch carries along: a reference to its target, or None
_STILL_DP = 12
"""How far a finger that stays on its button wanders, in dp."""


class Aimed(ButtonBehavior, BoxLayout):
    """A button that is pressed and released by a finger that means it, and by no other."""

    def on_touch_down(self, touch: Any) -> bool:
        """Be pressed by a finger that means this target, wherever the layout has moved it."""
        if _MEANT not in touch.ud:
            return bool(super().on_touch_down(touch))
        meant = touch.ud[_MEANT]
        if meant is None or meant() is not self:
            return bool(super(ButtonBehavior, self).on_touch_down(touch))
        return _as_on_it(self, super().on_touch_down, touch)

    def on_touch_up(self, touch: Any) -> bool:
        """Be released by a finger that stayed where it came down, unless this target is gone."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        if self.disabled or self.get_root_window() is None:
            touch.ungrab(self)
            self.state = "normal"
            return False
        if _is_still(touch):
            return _as_on_it(self, super().on_touch_up, touch)
        return bool(super().on_touch_up(touch))


def _as_on_it(button: Widget, handle: Callable[[Any], Any], touch: Any) -> bool:
    touch.push()
    touch.apply_transform_2d(lambda *_: button.center)
    handled = bool(handle(touch))
    touch.pop()
    return handled


def aim(root: Widget, touch: Any) -> None:
    """Have a finger that has just come down on the window mean the target under it, or none."""
    found = _target_at(root, touch.x, touch.y)
    touch.ud[_MEANT] = None if found is None else ref(found)


def is_meant_in(widget: Widget, touch: Any) -> bool:
    """Tell whether a finger means a target within `widget`, wherever both are by now."""
    meant = touch.ud.get(_MEANT)
    inner = None if meant is None else meant()
    while inner is not None and inner is not widget and inner is not inner.parent:
        inner = inner.parent
    return inner is widget


def _target_at(widget: Widget, x: float, y: float) -> Aimed | None:
    """Return the innermost target at a point, in the order in which Kivy passes touches on."""
    hit = widget.collide_point(x, y)
    if not hit and isinstance(widget, Aimed | ScrollView):
        return None
    inner = widget.to_local(x, y)
    for child in widget.children:
        found = _target_at(child, *inner)
        if found is not None:
            return found
    return widget if isinstance(widget, Aimed) and not widget.disabled else None


def _is_still(touch: Any) -> bool:
    across = (touch.sx - touch.osx) * Window.width
    up = (touch.sy - touch.osy) * Window.height
    return bool(across**2 + up**2 <= dp(_STILL_DP) ** 2)
