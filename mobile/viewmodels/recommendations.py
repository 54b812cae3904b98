"""个性化推荐: the switch with what it uses, and venues; on the start screen only while it is on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.recommendation import RecommendationsSeen, RecommendedVenue
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.recommendations import Recommendations
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.place import CODE, HOME, PlaceModel
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said

_AT_HOME = 2
_OLD = timedelta(hours=6)
"""So old, the list of the start screen is read anew when one comes there."""


@dataclass(frozen=True, slots=True)
class RecommendedLine:
    """A venue and why, ready to be drawn."""

    number: int
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class RecommendationsState:
    """What is shown; `personalised` None before the switch was ever read.

    `at_home` are the few of the start screen: none unless the switch is on.
    """

    personalised: bool | None = None
    lines: tuple[RecommendedLine, ...] = ()
    at_home: tuple[RecommendedLine, ...] = ()
    basis: str = ""
    busy: bool = False
    seen: str = ""
    done: Notice | None = None
    problem: Notice | None = None


class RecommendationsModel(ServedModel):
    """One switch, one touch either way."""

    state = ObjectProperty(RecommendationsState(), rebind=True)

    def __init__(
        self,
        recommendations: Recommendations,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        place: PlaceModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._recommendations = recommendations
        self._done = ""
        recommendations.listen(self._show)
        place.bind(name=self._come_home)
        self._show()

    @override
    def open(self) -> None:
        self._done = ""
        super().open()

    def switch(self) -> None:
        """Switch on what is off, or off what is on."""
        known = self._recommendations.known
        if known is not None and self._account.signed_in:
            self._done = ""
            self._act(lambda: self._choose(personalised=not known.personalised))

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, state = self._language, self.state
        if state.problem or state.done:
            return said(state.problem or state.done)
        switch = "on" if state.personalised else "off"
        names = "，".join(line.name for line in state.lines)
        stands = say(language, f"recommend.reading.{switch}")
        return f"{stands}{say(language, 'recommend.uses')} {state.basis} {names}"

    @override
    def _show(self) -> None:
        known = self._recommendations.known
        lines = tuple(map(self._line, known.venues)) if known else ()
        on = known is not None and known.personalised
        self.state = RecommendationsState(
            personalised=known.personalised if known else None,
            lines=lines,
            at_home=lines[:_AT_HOME] if on and self._recommendations.own_in_front else (),
            basis=say(self._language, f"recommend.basis.{_basis(known)}") if known else "",
            busy=self._busy,
            seen=self._seen(),
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _line(self, one: RecommendedVenue) -> RecommendedLine:
        name, why = one.name.in_language(self._language), one.why.in_language(self._language)
        return RecommendedLine(one.number, name, why)

    def _come_home(self, _place: PlaceModel, name: str) -> None:
        """Read anew what the start screen shows, where it shows any and that is old."""
        known = self._recommendations.known
        if name not in {CODE, HOME} or known is None or not known.personalised:
            return
        if self._may_read() and self._time.now() - known.seen_at > _OLD:
            self._reading.start()

    @override
    def _seen_at(self) -> datetime | None:
        known = self._recommendations.known
        return None if known is None else known.seen_at

    def _done_notice(self) -> Notice | None:
        if not self._done:
            return None
        title, body = (say(self._language, f"{self._done}{part}") for part in ("", ".next"))
        return Notice("check", title, body, attention=False)

    async def _choose(self, *, personalised: bool) -> Trouble | None:
        trouble = await self._recommendations.choose(personalised=personalised)
        if trouble is None:
            self._done = f"recommend.done.{'on' if personalised else 'off'}"
        return trouble

    @override
    async def _read(self) -> Trouble | None:
        return await self._recommendations.read()

    @override
    def _may_read(self) -> bool:
        return self._recommendations.own_in_front

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()


def _basis(known: RecommendationsSeen) -> str:
    named = {"TOO_LITTLE": "too_little", "OWN_VISITS": "own_visits"}
    return named.get(known.basis, "everybody")
