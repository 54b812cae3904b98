"""谁用过我的信息: who used the resident's data, newest first."""

from dataclasses import dataclass
from itertools import groupby

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.data_use import DataUse
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.data_uses import DataUses
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.reading import Reading
from mobile.viewmodels.served import ServedModel, said
from shared.localized_text import Language

_SYSTEMS = frozenset({"app", "counter", "reader", "batch"})


@dataclass(frozen=True, slots=True)
class UseLine:
    """One use, ready to be drawn; `refused` says that it was asked for and not given."""

    who: str
    what: str
    where: str
    refused: str


@dataclass(frozen=True, slots=True)
class UseDay:
    """The uses of one day under its heading."""

    heading: str
    uses: tuple[UseLine, ...]


@dataclass(frozen=True, slots=True)
class DataUseState:
    """What is shown; `days` None before anything was ever read."""

    days: tuple[UseDay, ...] | None = None
    loading: bool = False
    more: bool = False
    loading_more: bool = False
    seen: str = ""
    problem: Notice | None = None


class DataUseModel(ServedModel):
    """The newest page, read whenever its page comes to the front; older ones when asked."""

    state = ObjectProperty(DataUseState(), rebind=True)

    def __init__(
        self, uses: DataUses, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._uses = uses
        self._older = Reading(self._read_older, time, self._show)
        self._known: tuple[DataUse, ...] | None = None
        self._next: str | None = None

    @override
    def refresh(self) -> None:
        if self._account.signed_in:
            self._older.trouble = None
        super().refresh()

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
        """Return the screen in words to be said: the newest use, or why there is none."""
        language, state = self._preferences.language, self.state
        if state.problem:
            return said(state.problem)
        if not state.days:
            return say(language, "data_use.empty") + say(language, "data_use.empty.next")
        day = state.days[0]
        use = day.uses[0]
        return say(
            language,
            "data_use.reading",
            moment=f"{day.heading} {use.where}",
            who=use.who,
            what=use.what,
        )

    @override
    def _show(self) -> None:
        now, language = self._time.now(), self._preferences.language
        days = None
        if self._known is not None:
            grouped = groupby(
                self._known, key=lambda use: moments.day_heading(use.at, now, language)
            )
            days = tuple(
                UseDay(heading, tuple(_line(use, language) for use in group))
                for heading, group in grouped
            )
        older = self._older.trouble
        self.state = DataUseState(
            days=days,
            loading=self._reading.going_on and self._known is None,
            more=self._next is not None,
            loading_more=self._older.going_on,
            seen=self._seen(),
            problem=self._problem() or (notice_of(older, language, "cloud-off") if older else None),
        )

    @override
    async def _read(self) -> Trouble | None:
        page = await self._uses.read()
        if isinstance(page, Trouble):
            return page
        self._known, self._next = page.uses, page.more
        return None

    async def _read_older(self) -> Trouble | None:
        after, known = self._next, self._known
        page = await self._uses.read(after)
        if isinstance(page, Trouble):
            return page
        if self._known is known and known is not None:  # not read anew meanwhile
            self._known, self._next = known + page.uses, page.more
        return None

    @override
    def _forget(self) -> None:
        super()._forget()
        self._known = self._next = None
        self._older.forget()


def _line(use: DataUse, language: Language) -> UseLine:
    system = use.system if use.system in _SYSTEMS else "other"
    where = say(language, f"data_use.system.{system}")
    return UseLine(
        who=use.receiver.in_language(language),
        what=use.action.in_language(language),
        where=f"{moments.minute(use.at)}  {where}",
        refused="" if use.done else say(language, "data_use.refused"),
    )
