"""纸质当日码: a sheet for a day without a phone, and what became of those made before."""

from dataclasses import dataclass
from datetime import date, timedelta

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.paper_code import MAKERS, PaperCode
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.paper_codes import PaperCodes
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said
from shared.identity.age import local_day

_DAY = timedelta(days=1)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A sheet, ready to be drawn; `revocable` while it counts."""

    identifier: str
    day: str
    made: str
    mark: str
    revocable: bool
    asking: bool


@dataclass(frozen=True, slots=True)
class PaperState:
    """What is shown; `papers` None before they were ever read."""

    papers: tuple[PaperLine, ...] | None = None
    busy: bool = False
    done: Notice | None = None
    problem: Notice | None = None


class PaperModel(ServedModel):
    """Has sheets made, one at a time, and revokes them."""

    state = ObjectProperty(PaperState(), rebind=True)

    def __init__(
        self, papers: PaperCodes, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._papers = papers
        self._known: tuple[PaperCode, ...] | None = None
        self._asking = ""
        self._done: tuple[str, str] | None = None

    @override
    def open(self) -> None:
        self._known, self._asking, self._done = None, "", None
        super().open()

    def make(self, days_ahead: int) -> None:
        """Have a sheet for today, or so many days later."""
        self._done = None
        self._act(lambda: self._make(local_day(self._time.now()) + days_ahead * _DAY))

    def ask_revoke(self, identifier: str) -> None:
        """Ask whether a sheet is really to be void."""
        self._asking, self._done, self._trouble = identifier, None, None
        self._show()

    def keep(self) -> None:
        """Leave everything as it is."""
        self._asking = ""
        self._show()

    def revoke(self) -> None:
        """Make the sheet void that was asked about."""
        identifier = self._asking
        if identifier:
            self._act(lambda: self._revoke(identifier))

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state: PaperState = self.state
        notice = state.problem or state.done
        count = sum(line.revocable for line in state.papers or ())
        return said(notice) if notice else say(self._language, "paper.reading", count=count)

    @override
    def _show(self) -> None:
        known = self._known
        self.state = PaperState(
            papers=None if known is None else tuple(map(self._line, known[:_SHOWN])),
            busy=self._busy,
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _line(self, paper: PaperCode) -> PaperLine:
        language = self._language
        state = "void" if not paper.live else "over" if paper.over else "good"
        made = say(language, "paper.made", moment=self._moment(paper.made_at))
        by = paper.made_by if paper.made_by in MAKERS else MAKERS[0]
        return PaperLine(
            identifier=paper.identifier,
            day=moments.coming_day(moments.noon(paper.day), self._time.now(), language),
            made=f"{made} · {say(language, f'paper.by.{by.lower()}')}",
            mark=say(language, f"paper.state.{state}"),
            revocable=paper.counts,
            asking=paper.identifier == self._asking,
        )

    def _done_notice(self) -> Notice | None:
        if self._done is None:
            return None
        key, place = self._done
        body = say(self._language, f"{key}.next", place=place)
        return Notice("check", say(self._language, key), body, attention=False)

    async def _make(self, day: date) -> Trouble | None:
        place = await self._papers.make(day)
        if isinstance(place, Trouble):
            return place
        self._done = ("paper.done", place) if place else None
        return await self._read()

    async def _revoke(self, identifier: str) -> Trouble | None:
        paper = await self._papers.revoke(identifier)
        if isinstance(paper, Trouble):
            return paper
        self._asking, self._done = "", ("paper.revoked", "")
        self._known = tuple(
            paper if one.identifier == identifier else one for one in self._known or ()
        )
        return None

    @override
    async def _read(self) -> Trouble | None:
        papers = await self._papers.read()
        if isinstance(papers, Trouble):
            return papers
        self._known = papers
        return None

    @override
    def _may_read(self) -> bool:
        return self._papers.may_ask
