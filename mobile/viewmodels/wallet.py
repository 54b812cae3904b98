"""The card itself and where it was shown."""

from collections.abc import Callable
from dataclasses import dataclass

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile.core import moments
from mobile.core.texts import say
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.viewmodels.lines import DayLines, card_state, days, state_icon
from mobile.viewmodels.notices import Notice, passing
from mobile.viewmodels.preferences import PreferencesModel


@dataclass(frozen=True, slots=True)
class WalletState:
    """What is shown; `seen` says how old it is."""

    name: str = ""
    region: str = ""
    tail: str = ""
    card_state: str = ""
    card_icon: str = ""
    valid_until: str = ""
    days: tuple[DayLines, ...] = ()
    seen: str = ""
    notices: tuple[Notice, ...] = ()


class WalletModel(EventDispatcher):
    """Follows the session; ages are brought up to date by `tick`."""

    state = ObjectProperty(WalletState(), rebind=True)

    def __init__(
        self,
        session: Session,
        time: CityTime,
        preferences: PreferencesModel,
        hurry: Callable[[], None],
    ) -> None:
        super().__init__()
        self._session = session
        self._time = time
        self._preferences = preferences
        self._hurry = hurry
        session.listen(self.tick)
        preferences.bind(value=lambda *_: self.tick())

    def tick(self) -> None:
        """Bring the state up to this moment."""
        now, language = self._time.now(), self._preferences.language
        wallet = self._session.wallet
        if wallet is None:
            self.state = WalletState()
            return
        until = moments.day_and_minute(wallet.certificate.not_after, language)
        self.state = WalletState(
            name=wallet.card.masked_name,
            region=wallet.card.region.in_language(language),
            tail=say(language, "card.tail", tail=wallet.card.number_tail),
            card_state=card_state(wallet.card, language),
            card_icon=state_icon(wallet.card.state),
            valid_until=say(language, "card.valid_until", moment=until),
            days=days(wallet.visits, now, language),
            seen=say(language, "card.seen", age=moments.age(wallet.seen_at, now, language)),
            notices=passing(self._session, self._time, language),
        )

    def refresh(self) -> None:
        """Ask the server now."""
        self._hurry()

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, state = self._preferences.language, self.state
        wallet = self._session.wallet
        tail = wallet.card.number_tail if wallet else ""
        card = say(language, "wallet.reading", name=state.name, tail=tail, state=state.card_state)
        if not state.days:
            return f"{card} {say(language, 'visits.empty')}"
        day = state.days[0]
        visit = day.visits[0]
        return f"{card} " + say(
            language,
            "visits.reading",
            venue=visit.venue,
            moment=f"{day.heading} {visit.time}",
            verdict=visit.verdict,
        )
