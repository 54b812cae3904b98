"""The screen that shows the code."""

from dataclasses import dataclass

from kivy.event import EventDispatcher
from kivy.properties import NumericProperty, ObjectProperty

from mobile.core import moments
from mobile.core.card import CardState
from mobile.core.texts import say
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.viewmodels.lines import VisitLine, card_state, state_icon, visit_line
from mobile.viewmodels.notices import Notice, blocking, passing
from mobile.viewmodels.preferences import PreferencesModel

_WAYS_ON = {CardState.SUSPENDED: "code.suspended", CardState.LOST: "code.lost"}
_UNLINKED = frozenset({"device_unbound", "device_unknown"})


@dataclass(frozen=True, slots=True)
class CodeState:
    """What is shown; `digits` is empty exactly when `blocked` says why.

    `unlinked` when the server no longer knows this phone, so that only enrolling helps; `stopped`
    names the way on where the card was reported lost, for a while or for good.
    """

    name: str = ""
    region: str = ""
    card_state: str = ""
    card_active: bool = True
    card_icon: str = ""
    digits: str = ""
    live: str = ""
    blocked: Notice | None = None
    unlinked: bool = False
    stopped: str = ""
    notices: tuple[Notice, ...] = ()
    last_visit: VisitLine | None = None


class CodeModel(EventDispatcher):
    """Follows session and time; `tick` is called some times a second while it is seen."""

    state = ObjectProperty(CodeState(), rebind=True)
    fraction_left = NumericProperty(1.0)

    def __init__(self, session: Session, time: CityTime, preferences: PreferencesModel) -> None:
        super().__init__()
        self._session = session
        self._time = time
        self._preferences = preferences
        session.listen(self.tick)
        preferences.bind(value=lambda *_: self.tick())

    def tick(self) -> None:
        """Bring the state up to this moment."""
        now, language = self._time.now(), self._preferences.language
        wallet = self._session.wallet
        if wallet is None:
            self.state = CodeState()
            return
        blocked = blocking(self._session, now, language)
        code = None if blocked else self._session.code_at(now)
        self.fraction_left = code.fraction_left(now) if code else 0.0
        refusal = self._session.refusal
        latest = next((visit for visit in wallet.visits), None)
        state = wallet.card.state
        today = latest is not None and moments.same_day(latest.at, now)
        self.state = CodeState(
            name=wallet.card.masked_name,
            region=wallet.card.region.in_language(language),
            card_state=card_state(wallet.card, language),
            card_active=state is CardState.ACTIVE,
            card_icon=state_icon(state),
            digits=code.digits if code else "",
            live=say(language, "code.live", time=moments.second(now)),
            blocked=blocked,
            unlinked=refusal is not None and refusal.code in _UNLINKED,
            stopped=say(language, _WAYS_ON[state]) if state in _WAYS_ON else "",
            notices=passing(self._session, self._time, language),
            last_visit=visit_line(latest, language) if latest and today else None,
        )

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, state = self._preferences.language, self.state
        if state.blocked:
            return f"{state.blocked.title}。{state.blocked.body}"
        return say(language, "code.reading", state=state.card_state)
