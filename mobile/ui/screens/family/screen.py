"""亲情代办, one decision a page."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import (
    controls,
    facts,
    notices,
    number_pad,
    page_header,
    qr_code,
    revealed,
    rows,
    typed_field,
)
from mobile.ui.widgets.controls import LinkRow, PillButton
from mobile.ui.widgets.facts import FactRow
from mobile.ui.widgets.text import Body

WIDGETS = (controls, facts, notices, number_pad, page_header, qr_code, revealed, rows, typed_field)


class FamilyWay(LinkRow):
    """A line (`Way`) that leads on."""

    line = ObjectProperty()


class FamilyAct(PillButton):
    """A button (`Way`)."""

    line = ObjectProperty()


class FamilyFact(Body):
    """A sentence."""

    line = ObjectProperty()


class FamilyCardFact(FactRow):
    """What is known of one thing (`Fact`)."""

    line = ObjectProperty()


class FamilyCard(BoxLayout):
    """One thing with its state and facts (`FactCard`)."""

    line = ObjectProperty()


class FamilyPage(Page):
    """Who acts for whom."""


load_rules(__file__)
