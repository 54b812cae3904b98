"""The screen that shows the code."""

from dataclasses import dataclass
from datetime import datetime

from kivy.event import EventDispatcher
from kivy.properties import NumericProperty, ObjectProperty

from mobile.core import moments
from mobile.core.booking import Booking
from mobile.core.card import CardState
from mobile.core.texts import say
from mobile.services.card_faces import CardFaces
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.viewmodels.booking_lines import BookingLine, booking_line
from mobile.viewmodels.eye import Eye
from mobile.viewmodels.lines import VisitLine, card_state, state_icon, visit_line
from mobile.viewmodels.notices import Notice, blocking, passing
from mobile.viewmodels.place import CODE, PlaceModel
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.subsidy_lines import home_line
from shared.ecode.challenge import challenge_bytes
from shared.localized_text import Language

CHALLENGE_SECONDS = 60.0
_WAYS_ON = {CardState.SUSPENDED: "code.suspended", CardState.LOST: "code.lost"}
_UNLINKED = frozenset({"device_unbound", "device_unknown"})


@dataclass(frozen=True, slots=True)
class CodeState:
    """What is shown; `digits` is empty exactly when `blocked` says why.

    `name` and `tail` are masked but while the eye is `revealed`; `eye_note` says until when, or why
    the name still is. `challenge` tells which 挑战码 the code answers. `unlinked` when the server
    no longer knows this phone, so that only enrolling helps; `for_another` when the card is that of
    a principal 被代办人, whose name stays masked; `stopped` names the way on where the
    card was reported lost, for a while or for good. `coming` are the bookings of the day on which
    there is one next, `subsidy` the newest payment; `seen` says how old they and the last visit
    are.
    """

    name: str = ""
    tail: str = ""
    revealed: bool = False
    eye_note: str = ""
    region: str = ""
    card_state: str = ""
    card_active: bool = True
    card_icon: str = ""
    digits: str = ""
    challenge: str = ""
    live: str = ""
    blocked: Notice | None = None
    unlinked: bool = False
    for_another: bool = False
    stopped: str = ""
    notices: tuple[Notice, ...] = ()
    last_visit: VisitLine | None = None
    coming: tuple[BookingLine, ...] = ()
    subsidy: str = ""
    seen: str = ""


class CodeModel(EventDispatcher):
    """Follows session and time; `tick` is called some times a second while it is seen."""

    state = ObjectProperty(CodeState(), rebind=True)
    fraction_left = NumericProperty(1.0)

    def __init__(
        self,
        faces: CardFaces,
        session: Session,
        time: CityTime,
        preferences: PreferencesModel,
        place: PlaceModel,
    ) -> None:
        super().__init__()
        self._session = session
        self._time = time
        self._preferences = preferences
        self._eye = Eye(faces, time, self.tick)
        self._challenge = ""
        self._challenge_until = 0.0
        session.listen(self.tick)
        preferences.bind(value=lambda *_: self.tick())
        place.bind(name=self._follow_place)

    def tick(self) -> None:
        """Bring the state up to this moment."""
        now, language = self._time.now(), self._preferences.language
        wallet, shown = self._session.front, self._session.shown
        blocked = blocking(self._session, now, language)
        if wallet is None:
            self._eye.close()
            self.state = CodeState(blocked=blocked if shown else None, for_another=bool(shown))
            return
        if blocked or shown:
            self._eye.close()
        challenge = self._challenge_now()
        asked = challenge_bytes(challenge) if challenge else None
        code = None if blocked else self._session.code_at(now, asked)
        self.fraction_left = code.fraction_left(now) if code else 0.0
        refusal = None if shown else self._session.refusal
        latest = next((visit for visit in wallet.visits), None)
        state = wallet.card.state
        today = latest is not None and moments.same_day(latest.at, now)
        face = self._eye.face(wallet.card, language)
        self.state = CodeState(
            name=face.name,
            tail=face.tail,
            revealed=face.revealed,
            eye_note=face.note,
            region=wallet.card.region.in_language(language),
            card_state=card_state(wallet.card, language),
            card_active=state is CardState.ACTIVE,
            card_icon=state_icon(state),
            digits=code.digits if code else "",
            challenge=say(language, "challenge.answered", digits=challenge) if challenge else "",
            live=say(language, "code.live", time=moments.second(now)),
            blocked=blocked,
            unlinked=refusal is not None and refusal.code in _UNLINKED,
            stopped=say(language, _WAYS_ON[state]) if state in _WAYS_ON and not shown else "",
            for_another=bool(shown),
            notices=passing(self._session, self._time, language),
            last_visit=visit_line(latest, language) if latest and today else None,
            coming=_coming(wallet.coming, now, language),
            subsidy=home_line(wallet.subsidy, language) if wallet.subsidy and not shown else "",
            seen=say(language, "card.seen", age=moments.age(wallet.seen_at, now, language)),
        )

    def turn_eye(self) -> None:
        """Show name and number tail for a while, or mask them again."""
        if self._session.shown is None:
            self._eye.turn()

    def mask(self) -> None:
        """Mask what the eye shows: nobody looks at this page any more."""
        self._eye.close()
        self.tick()

    def answer_challenge(self, digits: str) -> None:
        """Let the next codes answer a venue's 挑战码, for a minute or until the page is left.

        Raises:
            ValueError: not six digits.
        """
        challenge_bytes(digits)
        self._challenge = digits
        self._challenge_until = self._time.reading().steady + CHALLENGE_SECONDS
        self.tick()

    def drop_challenge(self) -> None:
        """Show a code that answers none."""
        self._challenge = ""
        self.tick()

    async def close(self) -> None:
        """Stop asking for the name."""
        await self._eye.stop()

    def reading(self) -> str:
        """Return the screen in words to be said; the name only while it is shown."""
        language, state = self._preferences.language, self.state
        if state.blocked:
            return f"{state.blocked.title}。{state.blocked.body}"
        said = say(language, "code.reading", state=state.card_state)
        for line in state.coming:
            said += say(language, "home.coming.reading", venue=line.venue, when=line.when)
        if not state.revealed:
            return said
        face = say(language, "code.eye.reading", name=state.name, tail=state.tail)
        return f"{face}{state.eye_note}。{said}"

    def _challenge_now(self) -> str:
        if self._challenge and self._time.reading().steady >= self._challenge_until:
            self._challenge = ""
        return self._challenge

    def _follow_place(self, _place: PlaceModel, name: str) -> None:
        if name != CODE:
            self._challenge = ""
            self.mask()


def _coming(
    bookings: tuple[Booking, ...] | None, now: datetime, language: Language
) -> tuple[BookingLine, ...]:
    """Return the bookings of the next day with any: today's, where there are some."""
    ahead = [one for one in bookings or () if one.is_ahead(now)]
    day = [one for one in ahead if moments.same_day(one.starts_at, ahead[0].starts_at)]
    return tuple(booking_line(one, now, language) for one in day)
