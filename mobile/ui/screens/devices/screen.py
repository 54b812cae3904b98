"""The phones that may show the code, and how one of them is stopped."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, empty, notices, page_header, revealed, rows

WIDGETS = (controls, empty, notices, page_header, revealed, rows)


class PhonePanel(BoxLayout):
    """One phone (`PhoneLine`) with its act and, before that, the question whether to."""

    line = ObjectProperty()


class PhoneWay(controls.LinkRow):
    """The way to one phone (`PhoneLine`)."""

    line = ObjectProperty()


class PhoneList(BoxLayout):
    """A panel for each of `phones`, drawn anew only when they change."""

    phones = ObjectProperty((), allownone=True)

    def on_phones(self, *_: object) -> None:
        """Draw the phones."""
        self.clear_widgets()
        for line in self.phones or ():
            self.add_widget(PhonePanel(line=line))


class DevicesPage(Page):
    """My phones."""


load_rules(__file__)
