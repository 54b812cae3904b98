"""我的权利: the way to each right over one's own data."""

from dataclasses import dataclass

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile.core.texts import say
from mobile.viewmodels.place import CLOSING, CONSENTS, CORRECTIONS, DATA_COPY, NOTICES
from mobile.viewmodels.preferences import PreferencesModel

_WAYS = (
    (CONSENTS, "consent"),
    (NOTICES, "document"),
    (DATA_COPY, "download"),
    (CORRECTIONS, "pencil"),
    (CLOSING, "account-remove"),
)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a line leads."""

    place: str
    icon: str
    text: str


class RightsModel(EventDispatcher):
    """Follows the language."""

    ways = ObjectProperty(())

    def __init__(self, preferences: PreferencesModel) -> None:
        super().__init__()
        self._preferences = preferences
        preferences.bind(value=lambda *_: self._show())
        self._show()

    def reading(self) -> str:
        """Return the ways in words to be said."""
        names = "，".join(way.text for way in self.ways)
        return say(self._preferences.language, "rights.reading", names=names)

    def _show(self) -> None:
        language = self._preferences.language
        self.ways = tuple(
            Way(place, icon, say(language, f"rights.{place}")) for place, icon in _WAYS
        )
