"""What is out, waited for and owed; in 长辈版 one section a page; one book with its act."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import (
    controls,
    empty,
    facts,
    notices,
    page_header,
    question,
    revealed,
    rows,
    unanswered,
)
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, empty, facts, notices, page_header, question, revealed, rows, unanswered)


class SectionRow(Tappable):
    """A section (`Section`) that can be chosen."""

    line = ObjectProperty()


class BookRowView(Tappable):
    """A book (`BookRow`) that can be opened."""

    line = ObjectProperty()


class FeeRow(BoxLayout):
    """A fee (`BookRow`); nothing more is to be seen of it."""

    line = ObjectProperty()


class SectionView(BoxLayout):
    """The rows of a section (`Section`) under its heading."""

    line = ObjectProperty()


class BookFact(BoxLayout):
    """A plain question and its answer (`Fact`)."""

    line = ObjectProperty()


class BookPanel(BoxLayout):
    """The opened book (`BookView`)."""

    view = ObjectProperty(None, allownone=True)


class LibraryPage(Page):
    """My library books, readable without a network."""


load_rules(__file__)
