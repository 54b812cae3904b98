"""Somebody of the family asks this phone's holder for help: one touch leads to where it is done."""

from collections.abc import Callable

from kivy.event import EventDispatcher
from kivy.properties import StringProperty

from mobile.core.help_request import HelpRequest
from mobile.core.texts import say
from mobile.services.background import Background
from mobile.services.city_time import CityTime
from mobile.services.help_requests import HelpRequests
from mobile.viewmodels.preferences import PreferencesModel

Come = Callable[[HelpRequest], None]


class HelpWantedModel(EventDispatcher):
    """The call that waits longest, over every page; `come` brings its page to the front."""

    words = StringProperty()
    """Who asks for what; empty while nobody does."""

    def __init__(
        self,
        help_requests: HelpRequests,
        time: CityTime,
        preferences: PreferencesModel,
        come: Come,
    ) -> None:
        super().__init__()
        self._help = help_requests
        self._time = time
        self._preferences = preferences
        self._come = come
        self._later: set[str] = set()
        self._answers: list[str] = []
        self._work = Background()
        help_requests.listen(self._show)
        preferences.bind(value=lambda *_: self._show())
        self._show()

    def go(self) -> None:
        """Act for who asks, on the page it takes, and let them know."""
        request = self._first()
        if request is None:
            return
        self._later.add(request.identifier)
        self._answers.append(request.identifier)
        self._come(request)
        if not self._work.busy:
            self._work.start(self._answer)
        self._show()

    def put_off(self) -> None:
        """Show the call no longer; who asks goes on waiting."""
        request = self._first()
        if request is not None:
            self._later.add(request.identifier)
            self._show()

    async def close(self) -> None:
        """Stop what runs and wait for its end."""
        await self._work.close()

    async def _answer(self) -> None:
        while self._answers:
            await self._help.answer(self._answers.pop(0))

    def _first(self) -> HelpRequest | None:
        now = self._time.now()
        wait = (
            one
            for one in reversed(self._help.waiting)
            if one.stands(now) and one.identifier not in self._later
        )
        return next(wait, None)

    def _show(self) -> None:
        request, language = self._first(), self._preferences.language
        if request is None:
            self.words = ""
            return
        words = request.words.in_language(language)
        self.words = say(language, "help_wanted", name=request.other_name or "…", words=words)
