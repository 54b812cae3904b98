"""好差评: one touch says how a visit was."""

from collections.abc import Callable
from dataclasses import dataclass

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.rating import GRADES, RatableVisit
from mobile.core.texts import say
from mobile.core.trouble import Trouble, is_undecided
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.ratings import Ratings
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said

_FACES = ("face-excited", "face-happy", "face-neutral", "face-sad", "face-angry")


@dataclass(frozen=True, slots=True)
class GradeLine:
    """A grade in a word, with its face."""

    grade: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class RatableLine:
    """A visit that may be rated, ready to be drawn."""

    identifier: str
    venue: str
    at: str


@dataclass(frozen=True, slots=True)
class RatingState:
    """What is shown: the `visit` that is being rated with its `grades`, or what may be (`lines`).

    `lines` None before they were ever read. Once one is rated, `done` thanks for it, and there are
    `others` or not.
    """

    visit: RatableLine | None = None
    grades: tuple[GradeLine, ...] = ()
    lines: tuple[RatableLine, ...] | None = None
    others: bool = False
    busy: bool = False
    done: Notice | None = None
    problem: Notice | None = None


class RatingModel(ServedModel):
    """Rates the visit that was chosen among one's visits, or here."""

    state = ObjectProperty(RatingState(), rebind=True)

    def __init__(
        self,
        ratings: Ratings,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        leave: Callable[[], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._ratings = ratings
        self._leave = leave
        self._chosen = ""
        self._listed = False
        self._done = False
        ratings.listen(self._show)
        self._show()

    def begin(self, identifier: str = "") -> None:
        """Ask about one visit; without its identifier, ask which."""
        self._chosen, self._listed, self._done, self._trouble = identifier, False, False, None
        self._show()

    def choose(self, identifier: str) -> None:
        """Ask about a visit of the list."""
        self._chosen, self._listed, self._trouble = identifier, True, None
        self._show()

    def step_back(self) -> bool:
        """Go back to the list one came from."""
        if not self._listed or self._done or not self._chosen:
            return False
        self.begin()
        return True

    def rate(self, grade: str) -> None:
        """Send a grade."""
        visit = self._ratings.find(self._chosen)
        if visit is not None and not self._done:
            self._act(lambda: self._rate(visit.identifier, grade))

    def leave(self) -> None:
        """Go to one's visits."""
        self._leave()

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, state = self._language, self.state
        if state.problem or state.done:
            return said(state.problem or state.done)
        if state.visit is not None:
            return say(
                language,
                "rate.reading",
                venue=state.visit.venue,
                at=state.visit.at,
                ask=say(language, "rate.ask"),
                grades="，".join(one.text for one in state.grades),
            )
        if state.lines is None:
            return f"{say(language, 'rate.title')}。{say(language, 'rate.unread')}"
        if not state.lines:
            return f"{say(language, 'rate.none')}。{say(language, 'rate.none.next')}"
        named = "；".join(f"{one.venue} {one.at}" for one in state.lines)
        return f"{say(language, 'rate.choose')} {named}"

    @override
    def _show(self) -> None:
        waiting, language = self._ratings.waiting, self._language
        visit = None if self._done else self._ratings.find(self._chosen)
        lines = None if waiting is None else tuple(map(self._line, waiting))
        self.state = RatingState(
            visit=self._line(visit) if visit else None,
            grades=tuple(
                GradeLine(grade, face, say(language, f"rate.{grade.lower()}"))
                for grade, face in zip(GRADES, _FACES, strict=True)
            ),
            lines=lines,
            others=bool(lines),
            busy=self._busy,
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _line(self, visit: RatableVisit) -> RatableLine:
        name = visit.venue.in_language(self._language)
        return RatableLine(visit.identifier, name, self._moment(visit.at))

    def _done_notice(self) -> Notice | None:
        if not self._done:
            return None
        title, body = (say(self._language, f"rate.done{part}") for part in ("", ".next"))
        return Notice("check", title, body, attention=False)

    async def _rate(self, identifier: str, grade: str) -> Trouble | None:
        trouble = await self._ratings.rate(identifier, grade)
        self._done = trouble is None
        if trouble is not None and not is_undecided(trouble):
            await self._ratings.read()  # what is refused is not asked for again
        return trouble

    @override
    async def _read(self) -> Trouble | None:
        return await self._ratings.read()

    @override
    def _may_read(self) -> bool:
        return self._ratings.own_in_front

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
