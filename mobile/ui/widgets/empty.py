"""Where nothing is yet: a sign, what that means, and what to do about it."""

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, revealed

STYLES = (controls, revealed)


class EmptyPanel(BoxLayout):
    """The sign of what would stand here, `title`, and `body` if there is more to say."""

    icon = StringProperty()
    title = StringProperty()
    body = StringProperty()


load_rules(__file__)
