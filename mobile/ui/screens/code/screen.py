"""The code, as large as the screen allows; in 长辈版 nothing else above the fold."""

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, qr_code, recommended, revealed, rows, visits
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, notices, revealed, qr_code, recommended, rows, visits)


class CodeHeader(BoxLayout):
    """Whose card it is, masked unless the eye is open, and its state."""


class FacePanel(BoxLayout):
    """The same below the code, where type is large and the code comes first."""


class ComingRow(Tappable):
    """A booking that is ahead (`line`); a touch shows its ticket."""

    line = ObjectProperty()
    text = StringProperty()


class CodePage(Page):
    """Shows the code of this moment, whole in the window; `lying`, beside the name."""

    lying = BooleanProperty(False)
    side = NumericProperty(0)


load_rules(__file__)
