"""我的一卡通记录: what was done with the card, newest first, of one kind or of all."""

import asyncio
from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.texts import say
from mobile.core.timeline import TimelineRow
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.ratings import Ratings
from mobile.services.session import Session
from mobile.services.timelines import Saved, Timelines
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.reading import Reading
from mobile.viewmodels.served import ServedModel, said
from shared.identity.age import local_day
from shared.localized_text import Language

_SIGNS = {
    "VISIT": "door",
    "BOOKING": "calendar",
    "PASS": "ticket",
    "LOAN": "book",
    "CARD": "card",
}


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """A row, ready to be drawn; `ratable` a visit whose holder may say how it was."""

    icon: str
    title: str
    detail: str
    time: str
    identifier: str = ""
    ratable: bool = False


@dataclass(frozen=True, slots=True)
class TimelineDay:
    """The rows of one day under its heading."""

    heading: str
    rows: tuple[TimelineLine, ...]


@dataclass(frozen=True, slots=True)
class TimelineState:
    """What is shown; `days` None before anything of the `category` was read."""

    category: str = ""
    days: tuple[TimelineDay, ...] | None = None
    loading: bool = False
    more: bool = False
    loading_more: bool = False
    seen: str = ""
    saving: str = ""
    saved: Notice | None = None
    problem: Notice | None = None


_Read = tuple[TimelineRow, ...] | None
_Ready = tuple[_Read, date, Language, Set[str], tuple[TimelineDay, ...] | None]


class TimelineModel(ServedModel):
    """The newest page, read whenever its page comes to the front; older ones when asked."""

    state = ObjectProperty(TimelineState(), rebind=True)

    def __init__(
        self,
        timelines: Timelines,
        ratings: Ratings,
        session: Session,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._timelines = timelines
        self._ratings = ratings
        self._session = session
        self._older = Reading(self._read_older, time, self._show)
        self._category = ""
        self._known: _Read = None
        self._next: str | None = None
        self._ready: _Ready | None = None
        self._count = 0
        self._saved: Saved | None = None
        session.listen(self._follow_session)
        ratings.listen(self._show)

    def choose(self, category: str) -> None:
        """Show one category alone; "" shows every one."""
        if category != self._category:
            self._category = category
            self._known = self._next = self._saved = None
            self._reading.forget()
            self._recall()
            self.refresh()

    @override
    def open(self) -> None:
        self._saved = None
        self._recall()
        super().open()

    def save(self) -> None:
        """Read this category to its end and save it as a table where files for the user go."""
        if self._may_read() and not self._busy:
            self._saved, self._count = None, 0
            self._act(self._save)

    def read_more(self) -> None:
        """Read the page that follows those shown."""
        if self._next is not None and not self._reading.going_on:
            self._older.start()
            self._show()

    @override
    async def close(self) -> None:
        await super().close()
        await self._older.close()

    def reading(self) -> str:
        """Return the screen in words to be said: the newest row, or why there is none."""
        language, state = self._language, self.state
        if state.problem:
            return said(state.problem)
        if not state.days:
            return say(language, "timeline.empty") + say(language, "timeline.empty.next")
        day = state.days[0]
        row = day.rows[0]
        moment = f"{day.heading} {row.time}"
        return say(language, "timeline.reading", moment=moment, title=row.title, detail=row.detail)

    @override
    def _show(self) -> None:
        now, language = self._time.now(), self._language
        known, day = self._known, local_day(now)
        ratable = frozenset(one.identifier for one in self._ratings.waiting or ())
        said_of = known, day, language, ratable
        if self._ready is None or self._ready[:-1] != said_of:
            self._ready = (*said_of, self._put_in_words(known, now, language, ratable))
        days = self._ready[-1]
        older = self._older.trouble
        counted = say(language, "timeline.export.busy", count=self._count)
        self.state = TimelineState(
            category=self._category,
            days=days,
            loading=self._reading.going_on and self._known is None,
            more=self._next is not None,
            loading_more=self._older.going_on,
            seen=self._seen() or self._recalled(),
            saving=counted if self._busy else "",
            saved=self._saved_notice(),
            problem=self._problem() or (notice_of(older, language, "cloud-off") if older else None),
        )

    def _put_in_words(
        self, known: _Read, now: datetime, language: Language, ratable: Set[str]
    ) -> tuple[TimelineDay, ...] | None:
        """Return the days of what is known; of a life that has grown at its end, only that is new.

        A long life is not put in words each tick, nor with each page.
        """
        if known is None:
            return None
        if self._ready is not None:
            before, day, spoken, rated, days = self._ready
            same = (day, spoken, rated) == (local_day(now), language, ratable)
            if same and before and days and known[: len(before)] == before:
                return _joined(days, _days(known[len(before) :], now, language, ratable))
        return _days(known, now, language, ratable)

    @override
    async def _read(self) -> Trouble | None:
        category = self._category
        page, _ = await asyncio.gather(self._timelines.read(category), self._ratings.read())
        if isinstance(page, Trouble):
            return page
        if category == self._category:  # not chosen anew meanwhile
            self._known, self._next = page.rows, page.more
        return None

    async def _save(self) -> Trouble | None:
        done = await self._timelines.save(self._category, self._language, self._told)
        if isinstance(done, Trouble):
            return done
        self._saved = done if done.place else None
        return None

    def _told(self, count: int) -> None:
        self._count = count
        self._show()

    def _saved_notice(self) -> Notice | None:
        saved, language = self._saved, self._language
        if saved is None:
            return None
        key = "timeline.export.done.next" if saved.whole else "timeline.export.cut"
        body = say(language, key, count=saved.rows, place=saved.place)
        return Notice("check", say(language, "timeline.export.done"), body, attention=False)

    def _recall(self) -> None:
        """Begin with what was seen last, until something newer comes."""
        seen = self._timelines.known
        if self._known is None and seen is not None and self._may_read():
            rows = seen.of_category(self._category)
            self._known = rows or None  # none among those kept is not none at all

    def _recalled(self) -> str:
        """Return how old what is shown is, where it is what was kept."""
        seen = self._timelines.known
        if seen is None or self._known is None:
            return ""
        age = moments.age(seen.seen_at, self._time.now(), self._language)
        return say(self._language, "card.seen", age=age)

    async def _read_older(self) -> Trouble | None:
        after, known = self._next, self._known
        page = await self._timelines.read(self._category, after)
        if isinstance(page, Trouble):
            return page
        if self._known is known and known is not None:  # not read anew meanwhile
            self._known, self._next = known + page.rows, page.more
        return None

    @override
    def _may_read(self) -> bool:
        return self._session.wallet is not None and self._session.shown is None

    def _follow_session(self) -> None:
        """Forget what a card had that was removed, or that is not in front."""
        if not self._may_read() and self._known is not None:
            self._forget()
            self._show()

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()

    @override
    def _forget(self) -> None:
        super()._forget()
        self._known = self._next = self._saved = None
        self._older.forget()


def _days(
    known: tuple[TimelineRow, ...], now: datetime, language: Language, ratable: Set[str]
) -> tuple[TimelineDay, ...]:
    grouped = groupby(known, key=lambda row: moments.day_heading(row.at, now, language))
    return tuple(
        TimelineDay(heading, tuple(_line(row, language, ratable) for row in rows))
        for heading, rows in grouped
    )


def _joined(
    days: tuple[TimelineDay, ...], older: tuple[TimelineDay, ...]
) -> tuple[TimelineDay, ...]:
    """Return both, the day in which the one ends and the other begins as one."""
    if not older or days[-1].heading != older[0].heading:
        return days + older
    seam = TimelineDay(older[0].heading, days[-1].rows + older[0].rows)
    return (*days[:-1], seam, *older[1:])


def _line(row: TimelineRow, language: Language, ratable: Set[str]) -> TimelineLine:
    return TimelineLine(
        icon=_SIGNS.get(row.category, "history"),
        title=row.title.in_language(language),
        detail=row.detail.in_language(language),
        time=moments.minute(row.at),
        identifier=row.identifier,
        ratable=row.identifier in ratable,
    )
