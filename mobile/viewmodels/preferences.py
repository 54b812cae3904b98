"""How the app is to look, as every screen reads it."""

from collections.abc import Callable
from dataclasses import replace

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile.core.preferences import Ground, Preferences
from shared.localized_text import Language


class PreferencesModel(EventDispatcher):
    """Holds the preferences; each change is kept at once by `keep`."""

    value = ObjectProperty(Preferences(), rebind=True)

    def __init__(self, value: Preferences, keep: Callable[[Preferences], None]) -> None:
        super().__init__(value=value)
        self._keep = keep

    @property
    def language(self) -> Language:
        """The language of the screens."""
        language: Language = self.value.language
        return language

    def choose_language(self, language: Language) -> None:
        """Show everything in `language`."""
        self._change(replace(self.value, language=language))

    def choose_text_scale(self, scale: float) -> None:
        """Show all text `scale` times its size."""
        self._change(replace(self.value, text_scale=scale))

    def choose_ground(self, ground: Ground) -> None:
        """Show dark words on a light ground, the other way round, or as the phone does."""
        self._change(replace(self.value, ground=ground))

    def switch_elder(self) -> None:
        """Change between 长辈版 and the standard layout."""
        self._change(replace(self.value, elder=not self.value.elder))

    def switch_contrast(self) -> None:
        """Change between high contrast and the ordinary colours."""
        self._change(replace(self.value, contrast=not self.value.contrast))

    def _change(self, value: Preferences) -> None:
        self.value = value
        self._keep(value)
