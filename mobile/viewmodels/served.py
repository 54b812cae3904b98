"""What pages have in common for which something is read from the server, and done there."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from kivy.event import EventDispatcher

from mobile.core import moments
from mobile.core.texts import say
from mobile.core.trouble import INTERCEPTED, SERVER_DOWN, UNREACHABLE, Trouble, of_act
from mobile.services.account import Account
from mobile.services.background import Background
from mobile.services.city_time import CityTime
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.reading import Reading
from shared.localized_text import Language

_NO_LINK = frozenset({UNREACHABLE.code, SERVER_DOWN.code, INTERCEPTED.code})
HELD = timedelta(minutes=15)
"""For so long what was half typed waits for a sign-in after a session that ended by itself."""


class ServedModel(EventDispatcher):
    """Reads whenever its page comes to the front, and does one act at a time.

    A model made upon it says what is read (`_read`), what follows in its `state` (`_show`), and
    what is left of it once nobody is signed in (`_forget`). What somebody was typing (`_is_begun`)
    outlives a session that ended by itself: see `_goes_on`.
    """

    def __init__(self, account: Account, time: CityTime, preferences: PreferencesModel) -> None:
        super().__init__()
        self._account = account
        self._time = time
        self._preferences = preferences
        self._reading = Reading(self._read, time, self._show)
        self._work = Background()
        self._trouble: Trouble | None = None
        self._busy = False
        self._held_since: datetime | None = None
        account.listen(self._follow)
        preferences.bind(value=lambda *_: self._show())

    def open(self) -> None:
        """Read anew: the page came to the front."""
        self._trouble = None
        self.refresh()

    def refresh(self) -> None:
        """Ask the server now."""
        if self._may_read():
            self._reading.start()
        self._show()

    def tick(self) -> None:
        """Bring the state up to this moment, and try again what failed a while ago."""
        if self._may_read():
            self._reading.retry()
        self._show()

    async def close(self) -> None:
        """Stop what runs and wait for its end."""
        await self._reading.close()
        await self._work.close()

    async def _read(self) -> Trouble | None:
        raise NotImplementedError

    def _show(self) -> None:
        raise NotImplementedError

    def _forget(self) -> None:
        self._trouble = None
        self._reading.forget()

    def _may_read(self) -> bool:
        return self._account.signed_in

    def _is_begun(self) -> bool:
        """Tell whether something is half typed here that a sign-in should not cost."""
        return False

    def _goes_on(self) -> bool:
        """Tell, once, whether the page comes back from a sign-in to what was half typed.

        What nobody came back to in time is forgotten: the next hand may be another's.
        """
        since, self._held_since = self._held_since, None
        if since is None:
            return False
        if self._time.now() - since <= HELD:
            return True
        self._forget()
        return False

    @property
    def _language(self) -> Language:
        return self._preferences.language

    def _act(self, work: Callable[[], Awaitable[Trouble | None]]) -> None:
        """Do `work`, which returns why it could not be done, unless another act goes on."""
        if self._work.busy:
            return

        async def run() -> None:
            try:
                trouble = await work()
                self._trouble = None if trouble is None else of_act(trouble)
            finally:
                self._busy = False
                self._show()

        self._busy, self._trouble = True, None
        self._work.start(run)
        self._show()

    def _seen_at(self) -> datetime | None:
        """Return when what is shown was read; None before anything was."""
        return self._reading.seen_at

    def _seen(self) -> str:
        """Return how old what is shown is, in words; empty before anything was read."""
        at = self._seen_at()
        if at is None:
            return ""
        age = moments.age(at, self._time.now(), self._language)
        return say(self._language, "card.seen", age=age)

    def _moment(self, moment: datetime) -> str:
        """Return a day, with its year unless it is this one, and its minute."""
        day = moments.near_day(moment, self._time.now(), self._language)
        return f"{day} {moments.minute(moment)}"

    def _problem(self) -> Notice | None:
        """Return why the last act was not done, or else why there is nothing newer."""
        trouble = self._trouble or self._reading.trouble
        if trouble is None:
            return None
        icon = "cloud-off" if trouble.code in _NO_LINK else "alert"
        return notice_of(trouble, self._language, icon)

    def _follow(self) -> None:
        if not self._account.signed_in:
            if self._account.ended is not None and self._is_begun():
                self._held_since = self._held_since or self._time.now()
            else:
                self._held_since = None
                self._forget()
        self._show()


def said(notice: Notice) -> str:
    """Return a notice in words to be said."""
    return f"{notice.title}。{notice.body}"
