"""One pass, its acts, and the question before one that is not small."""

from kivy.core.clipboard import Clipboard
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, facts, notices, page_header, question, revealed

WIDGETS = (controls, facts, notices, page_header, question, revealed)


class InvitationView(BoxLayout):
    """The code by which somebody else gets the pass."""

    invitation = StringProperty()

    def copy(self) -> None:
        """Put it into the phone's clipboard."""
        Clipboard.copy(self.invitation)


class PassView(BoxLayout):
    """The opened pass (`PassView` of the view models)."""

    view = ObjectProperty(None, allownone=True)


class PassPage(Page):
    """The code is one touch from every pass that opens a door."""


load_rules(__file__)
