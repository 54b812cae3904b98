"""How the app looks, what is linked to this phone, and what is stored on it."""

from kivy.properties import ListProperty

from mobile.core.preferences import GROUNDS, TEXT_SCALES
from mobile.core.texts import say
from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, page_header, revealed
from shared.localized_text import Language

WIDGETS = (controls, notices, page_header, revealed)
LANGUAGES = [("zh", "中文"), ("en", "English")]


class MePage(Page):
    """The questions people ask, each with its answer or switch."""

    languages = ListProperty(LANGUAGES)

    def text_sizes(self, language: Language) -> list[tuple[str, str]]:
        """Return the choices of text size, as value and word."""
        return [(str(scale), say(language, f"me.text_size.{scale}")) for scale in TEXT_SCALES]

    def grounds(self, language: Language) -> list[tuple[str, str]]:
        """Return the choices of light and dark, as value and word."""
        return [(ground, say(language, f"me.ground.{ground}")) for ground in GROUNDS]


load_rules(__file__)
