"""Where in the app the resident is."""

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, StringProperty

from mobile.services.session import Session
from mobile.viewmodels.preferences import PreferencesModel

ENROL, HOME, CODE, WALLET, ME, HELP = "enrol", "home", "code", "wallet", "me", "help"
TABS = (CODE, WALLET, ME)


class PlaceModel(EventDispatcher):
    """The screen in front. Without a card that is `enrol`, whatever was asked for but help."""

    name = StringProperty(ENROL)
    enrolled = BooleanProperty(False)

    def __init__(self, session: Session, preferences: PreferencesModel) -> None:
        super().__init__()
        self._session = session
        self._preferences = preferences
        session.listen(self._follow)
        preferences.bind(value=lambda *_: self._follow())
        self._follow()

    @property
    def start(self) -> str:
        """The screen to come home to: the tiles of 长辈版, or the code itself."""
        if not self.enrolled:
            return ENROL
        return HOME if self._preferences.value.elder else CODE

    def go(self, name: str) -> None:
        """Bring a screen to the front."""
        self.name = name

    def go_home(self) -> None:
        """Bring the start screen to the front."""
        self.name = self.start

    def back(self) -> bool:
        """Go one step back; False at the start, where back means leaving the app."""
        if self.name == self.start:
            return False
        if self.name == HELP and self.start == CODE:
            self.go(ME)
        else:
            self.go_home()
        return True

    def _follow(self) -> None:
        enrolled = self._session.wallet is not None
        left_elder = self.name == HOME and not self._preferences.value.elder
        entered_elder = self.name == CODE and self._preferences.value.elder != self._elder
        self._elder = self._preferences.value.elder
        if enrolled != self.enrolled or left_elder or entered_elder:
            self.enrolled = enrolled
            self.go_home()

    _elder = False
