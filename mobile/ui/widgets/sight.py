"""What of a scrolled page is in sight, and whether a finger is on a part of it."""

from kivy.base import EventLoop
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from mobile.ui.widgets.aimed import is_meant_in


def view_around(widget: Widget) -> ScrollView | None:
    """Return the scroll view that `widget` stands in, if any."""
    around = widget.parent
    while around is not None and around is not around.parent:
        if isinstance(around, ScrollView):
            return around
        around = around.parent
    return None


def lowest_in_sight(view: ScrollView) -> float:
    """Return the lowest height of the scrolled page that is in sight of `view`.

    Its own `to_local` tells it only after the view has moved the page, which it does in a trigger.
    """
    hidden: float = view.children[0].height - view.height
    return hidden * view.scroll_y if hidden > 0 else hidden


def is_touched(widget: Widget) -> bool:
    """Tell whether a finger is on `widget`, or its touch is still being passed on.

    What is replaced under a finger would never be told that the finger was lifted.
    """
    if not widget.children:
        return False
    fingers = (touch for touch in EventLoop.touches if touch.is_touch)
    if any(
        is_meant_in(widget, finger) or widget.collide_point(*widget.to_widget(*finger.pos))
        for finger in fingers
    ):
        return True
    return any(getattr(inner, "state", "") == "down" for inner in widget.walk(restrict=True))
