"""告知书: shown before the first use of what they are about, and readable at any time after."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.privacy_notice import PrivacyNotice, Scene
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.background import Background
from mobile.services.city_time import CityTime
from mobile.services.notices import Notices
from mobile.services.session import Session
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.place import NOTICES, PlaceModel
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said
from shared.clock import LOCAL_ZONE


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice in the list: its title, and its version with its date."""

    code: str
    title: str
    version: str
    unread: bool


@dataclass(frozen=True, slots=True)
class OpenedNotice:
    """A notice being read; `unread` ones wait for a yes."""

    title: str
    version: str
    paragraphs: tuple[str, ...]
    unread: bool


@dataclass(frozen=True, slots=True)
class NoticesState:
    """What is shown; `before_use` while something waits for this notice to be read.

    `reminder` names a notice that was never read here, for the pages that remind of it.
    """

    lines: tuple[NoticeLine, ...] | None = None
    opened: OpenedNotice | None = None
    before_use: bool = False
    loading: bool = False
    reminder: str = ""
    problem: Notice | None = None


class NoticesModel(ServedModel):
    """Reads the notices, opens one, and lets nobody pass a first use before it was read."""

    state = ObjectProperty(NoticesState(), rebind=True)

    def __init__(
        self,
        notices: Notices,
        session: Session,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        place: PlaceModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._notices = notices
        self._session = session
        self._place = place
        self._telling = Background()
        self._opened: PrivacyNotice | None = None
        self._waiting: asyncio.Future[bool] | None = None
        place.bind(name=lambda *_: self._leave())
        session.listen(self._look)
        self._show()

    async def passed(self, scene: Scene) -> bool | Trouble:
        """Wait until the notice of `scene` is read; False when it was left unread.

        Where the notices could not be read, why.
        """
        if not self._notices.fresh:
            trouble = await self._notices.read()
            if trouble is not None and self._notices.known.present is None:
                return trouble
        for notice in self._notices.known.unread(scene):
            if not await self._is_read(notice):
                return False
        return True

    def look(self) -> None:
        """Know the present notices early, so that nothing waits for them later."""
        if self._session.key is not None:
            self._reading.start()

    def open_notice(self, code: str) -> None:
        """Show one notice."""
        present = self._notices.known.present or ()
        self._opened = next((notice for notice in present if notice.code == code), None)
        self._show()

    def open_reminder(self) -> None:
        """Show the notice that was never read here, on a page of its own."""
        unread = self._to_remind_of()
        if unread:
            self._place.interrupt(NOTICES)
            self.open_notice(unread[0].code)

    def acknowledge(self) -> None:
        """Keep that the opened notice was read, and go on to what waited for it."""
        notice, waiting = self._opened, self._waiting
        if notice is None or self._telling.busy:
            return
        self._opened = None
        self._telling.start(lambda: self._acknowledge(notice))
        if waiting is not None:
            self._waiting = None
            waiting.set_result(True)
        if self._place.interrupted:
            self._place.resume()
        self._show()

    def step_back(self) -> bool:
        """Close the opened notice; False where none is open or something waits for it."""
        if self._opened is None or self._waiting is not None or self._place.interrupted:
            return False
        self._opened = None
        self._show()
        return True

    @override
    async def close(self) -> None:
        self._leave()
        await super().close()
        await self._telling.close()

    def reading(self) -> str:
        """Return the screen in words to be said: the notice, or the titles."""
        state: NoticesState = self.state
        if state.problem:
            return said(state.problem)
        if state.opened:
            return " ".join((f"{state.opened.title}。", *state.opened.paragraphs))
        if not state.lines:
            empty = "state.loading" if state.loading else "notices.empty"
            return f"{say(self._language, 'notices.lead')}{say(self._language, empty)}"
        titles = "。".join(line.title for line in state.lines)
        return say(self._language, "notices.reading", titles=titles)

    @override
    def _show(self) -> None:
        known, unread = self._notices.known, self._to_remind_of()
        self.state = NoticesState(
            lines=None if known.present is None else tuple(map(self._line, known.present)),
            opened=self._opened_notice(),
            before_use=self._waiting is not None,
            loading=self._reading.going_on and known.present is None,
            reminder=unread[0].title.in_language(self._language) if unread else "",
            problem=self._problem(),
        )

    def _to_remind_of(self) -> tuple[PrivacyNotice, ...]:
        """Return what is unread of what is in use: the code, and the account if signed in."""
        known = self._notices.known
        return known.unread(None if self._account.signed_in else Scene.ECARD)

    def _line(self, notice: PrivacyNotice) -> NoticeLine:
        return NoticeLine(
            code=notice.code,
            title=notice.title.in_language(self._language),
            version=self._version(notice),
            unread=notice in self._notices.known.unread(),
        )

    def _opened_notice(self) -> OpenedNotice | None:
        notice = self._opened
        if notice is None:
            return None
        line = self._line(notice)
        text = notice.text.in_language(self._language)
        paragraphs = tuple(part.strip() for part in text.splitlines() if part.strip())
        return OpenedNotice(line.title, line.version, paragraphs, line.unread)

    def _version(self, notice: PrivacyNotice) -> str:
        day = datetime.fromisoformat(notice.day).replace(tzinfo=LOCAL_ZONE)
        return say(
            self._language,
            "notices.version",
            version=notice.version,
            day=moments.date(day, self._language),
        )

    async def _is_read(self, notice: PrivacyNotice) -> bool:
        """Show `notice` and wait for the answer."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._place.interrupt(NOTICES)
        self._opened = notice
        self._show()
        return await self._waiting

    async def _acknowledge(self, notice: PrivacyNotice) -> None:
        await self._notices.acknowledge(notice)
        self._show()

    def _leave(self) -> None:
        """Take leaving the page as no answer."""
        if self._place.name == NOTICES:
            return
        self._opened = None
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            if not waiting.done():
                waiting.set_result(False)
        self._show()

    def _look(self) -> None:
        if self._session.wallet is not None and not (self._notices.fresh or self._looked):
            self._looked = True
            self.look()

    _looked = False

    @override
    async def _read(self) -> Trouble | None:
        return await self._notices.read()

    @override
    def _may_read(self) -> bool:
        return self._session.key is not None

    @override
    def _forget(self) -> None:
        """Keep everything: the notices are for everybody to read."""

    @override
    def _follow(self) -> None:
        """Tell after a sign-in what was read before it."""
        if self._account.signed_in and not self._telling.busy:
            self._telling.start(self._tell)
        self._show()

    async def _tell(self) -> None:
        await self._notices.tell()
        self._show()
