"""What is given out, one of it with its price, and a yes; or a pass from somebody else."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import (
    controls,
    count_key,
    empty,
    facts,
    notices,
    page_header,
    question,
    revealed,
    rows,
    typed_field,
    unanswered,
)
from mobile.ui.widgets.controls import Tappable

WIDGETS = (
    controls,
    count_key,
    empty,
    facts,
    notices,
    page_header,
    question,
    revealed,
    rows,
    typed_field,
    unanswered,
)


class ProductRow(Tappable):
    """A product (`ProductLine`) that can be chosen."""

    line = ObjectProperty()


class PriceLine(BoxLayout):
    """One line of a price (`PriceRow`)."""

    line = ObjectProperty()


class ProductsView(BoxLayout):
    """What is given out: for several places first."""


class ProductView(BoxLayout):
    """The chosen product (`ProductView` of the view models)."""

    view = ObjectProperty(None, allownone=True)


class AcceptView(BoxLayout):
    """Where the code of a pass from somebody else is entered."""


class ShopPage(Page):
    """Nothing is taken before the last yes."""


load_rules(__file__)
