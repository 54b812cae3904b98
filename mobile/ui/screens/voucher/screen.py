"""A training voucher, and reserving a course with it, one thing after another."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import (
    controls,
    facts,
    notices,
    page_header,
    question,
    revealed,
    typed_field,
    unanswered,
)

WIDGETS = (controls, facts, notices, page_header, question, revealed, typed_field, unanswered)


class VoucherView(BoxLayout):
    """The opened voucher (`VoucherView` of the view models)."""

    view = ObjectProperty(None, allownone=True)


class CourseView(BoxLayout):
    """What is asked of the course."""


class VoucherPage(Page):
    """What to do next stands right under where the voucher is."""


load_rules(__file__)
