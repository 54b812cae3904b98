"""Signing in: a code by SMS first, citizen number and password as the other way."""

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, number_pad, page_header, revealed, typed_field

WIDGETS = (controls, notices, number_pad, page_header, revealed, typed_field)


class SignInPage(Page):
    """One thing asked at a time."""


load_rules(__file__)
