"""Registering: one thing asked at a time, the face only after a consent of its own."""

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, entry_form, page_header, revealed

WIDGETS = (controls, entry_form, page_header, revealed)


class RegisterPage(Page):
    """For people without an account."""


load_rules(__file__)
