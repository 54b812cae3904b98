"""Where in the app the resident is."""

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, StringProperty

from mobile.services.account import Account
from mobile.services.session import Session
from mobile.viewmodels.preferences import PreferencesModel

ENROL, HOME, CODE, WALLET, ME, HELP = "enrol", "home", "code", "wallet", "me", "help"
SIGN_IN, DEVICES, DATA_USE = "sign_in", "devices", "data_use"
REGISTER, CHALLENGE, PAPER = "register", "challenge", "paper"
CARD_LOSS, RIGHTS, NOTICES, CONSENTS = "card_loss", "rights", "notices", "consents"
DATA_COPY, CLOSING, CORRECTIONS = "data_copy", "closing", "corrections"
BOOKINGS, VENUES, BOOK = "bookings", "venues", "book"
PASS, SHOP, VOUCHER = "pass", "shop", "voucher"
FAMILY, CALL_FAMILY, SERVICES = "family", "call_family", "services"
PAYOUT, PAYMENT, RECOMMENDATIONS = "payout", "payment", "recommendations"
TIMELINE, LIBRARY, STORED_VALUE = "timeline", "library", "stored_value"
EXAMS = "exams"
RECORDS, SAFE_CHECK, LICENCES = "records", "safe_check", "licences"
RATING, ATTENDANCE, GUIDES = "rating", "attendance", "guides"
SUBSIDIES = "subsidies"
_SIGNED_IN_ONLY = frozenset(
    {
        DEVICES,
        DATA_USE,
        CONSENTS,
        DATA_COPY,
        CLOSING,
        CORRECTIONS,
        FAMILY,
        CALL_FAMILY,
        PAYOUT,
        RECOMMENDATIONS,
        RECORDS,
        LICENCES,
    }
)
_FOR_OTHERS = frozenset(
    {
        *(HOME, CODE, CHALLENGE, PAPER, WALLET, HELP, SERVICES, BOOKINGS, VENUES, BOOK),
        *(PASS, SHOP, VOUCHER, FAMILY, PAYMENT, RECORDS, SAFE_CHECK, GUIDES),
        *(SUBSIDIES, CORRECTIONS, EXAMS),
    }
)
"""What can be done for another person 代办; everything else is one's own."""
_ABOVE = {
    **dict.fromkeys((HELP, SIGN_IN, DEVICES, DATA_USE, CARD_LOSS, RIGHTS, FAMILY, CALL_FAMILY), ME),
    **dict.fromkeys((PAYOUT, RECOMMENDATIONS), ME),
    REGISTER: SIGN_IN,
    GUIDES: HELP,
    **dict.fromkeys((EXAMS, RECORDS, SAFE_CHECK, LICENCES, ATTENDANCE), SERVICES),
    **dict.fromkeys((CHALLENGE, PAPER, SERVICES), CODE),
    VENUES: BOOKINGS,
    PAYMENT: BOOKINGS,
    BOOK: VENUES,
    **dict.fromkeys(
        (PASS, SHOP, VOUCHER, TIMELINE, LIBRARY, STORED_VALUE, RATING, SUBSIDIES), WALLET
    ),
    **dict.fromkeys((NOTICES, CONSENTS, DATA_COPY, CLOSING, CORRECTIONS), RIGHTS),
}
"""Where back leads from a page that one comes to from another."""

_TITLES = {CALL_FAMILY: "elder.call_family", RECOMMENDATIONS: "recommend.title"}
_TITLES |= {CARD_LOSS: "loss.title", DATA_COPY: "copy.title"}
"""The key of each page's title that is not its own name's."""


def title_key(name: str) -> str:
    """Return under which key the title of a page stands that a sign-in leads on to."""
    return _TITLES.get(name, f"{name}.title")


class PlaceModel(EventDispatcher):
    """The screen in front.

    Without a card that is `enrol` at first; what needs a sign-in leads there, and on from there.
    """

    name = StringProperty(ENROL)
    enrolled = BooleanProperty(False)
    acting = BooleanProperty(False)
    """Whether this is for somebody else 代办."""
    beyond = StringProperty("")
    """The page that the sign-in in front leads on to; empty where one asked for it itself."""
    leads_back = BooleanProperty(False)
    """Whether back leads to another page than the start screen."""

    def __init__(self, session: Session, account: Account, preferences: PreferencesModel) -> None:
        super().__init__()
        self._session = session
        self._account = account
        self._interrupted = ""
        self._preferences = preferences
        session.listen(self._follow)
        account.listen(self._follow_account)
        preferences.bind(value=lambda *_: self._follow())
        self._follow()
        self.bind(name=self._look_back, enrolled=self._look_back)
        preferences.bind(value=self._look_back)
        self._look_back()

    @property
    def start(self) -> str:
        """The screen to come home to: the tiles of 长辈版, or the code itself."""
        if not self.enrolled and not self.acting:
            return ENROL
        return HOME if self._preferences.value.elder else CODE

    def go(self, name: str) -> None:
        """Bring a screen to the front, or the sign-in on the way to it."""
        if self.acting and name not in _FOR_OTHERS:
            name = FAMILY
        if name in _SIGNED_IN_ONLY and not self._account.signed_in:
            self.sign_in_for(name)
        else:
            self.beyond = self._interrupted = ""
            self.name = name

    @property
    def interrupted(self) -> bool:
        """Tell whether another page waits for this one."""
        return bool(self._interrupted)

    def interrupt(self, name: str) -> None:
        """Bring a page to the front that the present one waits for."""
        self._interrupted, self.name = self.name, name

    def resume(self) -> None:
        """Come back to the page that waited; without one, go a step back."""
        if self._interrupted:
            waiting, self._interrupted = self._interrupted, ""
            self.name = waiting
        else:
            self.back()

    def sign_in_for(self, name: str) -> None:
        """Bring the sign-in to the front, and the page of that name after it."""
        self.beyond, self.name = name, SIGN_IN

    def register(self) -> None:
        """Bring the registration to the front; after it one goes on as after a sign-in."""
        self.name = REGISTER

    def act_for_another(self, *, acting: bool) -> None:
        """Come to the start for whoever is in front now."""
        if acting != self.acting:
            self.acting = acting
            self.go_home()

    def go_home(self) -> None:
        """Bring the start screen to the front."""
        self._interrupted, self.name = "", self.start

    def back(self) -> bool:
        """Go one step back; False at the start, where back means leaving the app."""
        if self._interrupted:
            self.resume()
            return True
        if self.name == self.start:
            return False
        before = self._before()
        if before == self.start:
            self.go_home()
        elif before == SIGN_IN:
            self.name = SIGN_IN
        else:
            self.go(before)
        return True

    def _before(self) -> str:
        """Return the page that back leads to; the start screen where none lies between."""
        if self._interrupted:
            return self._interrupted
        if self.name == REGISTER:
            return SIGN_IN
        if self.name == SIGN_IN and self.beyond not in {"", *_SIGNED_IN_ONLY}:
            return str(self.beyond)
        return _ABOVE[self.name] if self.enrolled and self._leads_up() else self.start

    def _look_back(self, *_: object) -> None:
        self.leads_back = self._before() != self.start

    def _leads_up(self) -> bool:
        """Tell whether back leads to the page above; in 长辈版 the settings are no stop."""
        above = _ABOVE.get(self.name, "")
        return bool(above) and not (above == ME and self._preferences.value.elder)

    @staticmethod
    def tab_of(name: str) -> str:
        """Return the tab under which a page lies; the map of services lies under none."""
        while name in _ABOVE and name != SERVICES:
            name = _ABOVE[name]
        return name

    def _follow_account(self) -> None:
        """Go on where a sign-in was needed; come to it calmly where a session ended."""
        if self._account.signed_in and self.name in {SIGN_IN, REGISTER}:
            self.go(self.beyond or (ME if self.enrolled else ENROL))
        elif not self._account.signed_in and self.name in _SIGNED_IN_ONLY:
            self.go(self.name)

    def _follow(self) -> None:
        enrolled = self._session.wallet is not None
        left_elder = self.name == HOME and not self._preferences.value.elder
        entered_elder = self.name == CODE and self._preferences.value.elder != self._elder
        self._elder = self._preferences.value.elder
        if enrolled != self.enrolled or left_elder or entered_elder:
            self.enrolled = enrolled
            self.go_home()

    _elder = False
