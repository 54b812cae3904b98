"""The one place that puts the app together."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import perf_counter

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from typing_extensions import override

from mobile.core.preferences import Preferences
from mobile.core.settings import Settings
from mobile.ports.device import Device
from mobile.ports.secret_box.box import BoxUnwritable, SecretBox
from mobile.services.services import open_services
from mobile.services.transport import Transport, open_http
from mobile.services.wallet import WalletStore
from mobile.ui.shell import Shell
from mobile.viewmodels.models import Working, make_models
from mobile.viewmodels.place import CODE, HOME, WALLET
from mobile.viewmodels.preferences import PreferencesModel

_UPKEEP_SECONDS = 0.25
_SETTLED_SECONDS = 3.0
_SPARE_SECONDS = 0.004
_WATCHED = frozenset({CODE, HOME, WALLET})


class ResidentApp(Shell):
    """The resident's app with all its parts."""

    def __init__(
        self,
        settings: Settings,
        device: Device,
        open_transport: Callable[[], Awaitable[Transport]] = open_http,
    ) -> None:
        store = WalletStore(SecretBox(settings.data_dir, device.cipher))
        services = open_services(store, device, settings.backend_url, open_transport)
        preferences = PreferencesModel(store.preferences(), _keeping(store))
        models = make_models(services, preferences, device.name)
        super().__init__(models, device.screen, device.speech)
        self._settings = settings
        self._services = services
        self._ending: asyncio.Task[None] | None = None
        self.begun = False
        """Whether all is made, so that the server may be asked."""

    def on_start(self) -> None:
        """Show the first frame, make what it did not need, then begin to keep things fresh."""
        Window.bind(on_request_close=self._end_with_window)
        Clock.schedule_once(lambda _: Clock.schedule_once(self._make_rest))
        if self._settings.mirror_dir is not None:
            from mobile.ui.mirror import Mirror  # noqa: PLC0415, a development aid

            self._mirror = Mirror(self._settings.mirror_dir)

    @override
    def on_resume(self) -> None:
        """Come back with a code of now and the news since."""
        super().on_resume()
        self._services.upkeep.hurry()

    def end(self) -> None:
        """End the last requests, then the app; told twice, at once.

        In this order: an answer that came to an app that has ended already would change what is
        shown by rules that find no app any more.
        """
        if self._ending is not None:
            EventLoop.quit = True
            return
        self.rest()
        self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        try:
            await self.close()
        finally:
            EventLoop.quit = True  # after the frame under way, which still needs the app

    def _end_with_window(self, *_: object, **__: object) -> bool:
        """Keep the window until the last requests have ended."""
        if self._ending is None:
            self.end()
        return True

    @override
    def on_stop(self) -> None:
        Window.unbind(on_request_close=self._end_with_window)
        super().on_stop()

    async def close(self) -> None:
        """End what still talks to the server."""
        for model in self.models.made():
            if isinstance(model, Working):
                await model.close()
        await self._services.upkeep.close()
        await self._services.backend.close()

    def _make_rest(self, _passed: float) -> None:
        """Make models that the first page did without, in each frame as many as it has time for.

        The server is asked only then: whatever follows its answers is there to hear them.
        """
        if self._ending is not None:
            return
        until = perf_counter() + _SPARE_SECONDS
        for _ in self.models:
            if perf_counter() >= until:
                Clock.schedule_once(self._make_rest)
                return
        self.begun = True
        self._take_link()
        self.models.notices.look()
        self.repeat(self._keep_fresh, _UPKEEP_SECONDS)

    def _take_link(self) -> None:
        """Enrol by the code a link brought, unless a card is here already."""
        if self._settings.enrolment_code and not self.models.place.enrolled:
            self.models.enrol.fill(self._settings.enrolment_code)
            self.models.enrol.submit(by_link=True)

    def _keep_fresh(self, _passed: float) -> None:
        self._services.upkeep.watched = self.models.place.name in _WATCHED
        self._services.upkeep.tick()


async def run(app: ResidentApp) -> None:
    """Run the app until its window is closed or it is told to end, then end its last requests."""
    asyncio.get_running_loop().call_later(_SETTLED_SECONDS, _search_garbage)
    for told in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(told, app.end)
    try:
        await app.async_run("asyncio")
    finally:
        with suppress(asyncio.CancelledError):
            await app.close()


def _search_garbage() -> None:
    """Search for garbage from now on, but never again in what the start has made."""
    gc.freeze()
    gc.enable()


def _keeping(store: WalletStore) -> Callable[[Preferences], None]:
    def keep(preferences: Preferences) -> None:
        # Preferences that cannot be kept still hold until the app ends.
        with suppress(BoxUnwritable):
            store.save_preferences(preferences)

    return keep
