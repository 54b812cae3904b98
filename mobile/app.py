"""The one place that puts the app together."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

from kivy.clock import Clock

from mobile.core.preferences import Preferences
from mobile.core.settings import Settings
from mobile.ports.device import Device
from mobile.ports.secret_box.box import BoxUnwritable, SecretBox
from mobile.services.account import Account
from mobile.services.backend import Backend
from mobile.services.bound_phones import BoundPhones
from mobile.services.city_time import CityTime
from mobile.services.data_uses import DataUses
from mobile.services.enrolment import Enrolment
from mobile.services.refresh import Refresh
from mobile.services.session import Session
from mobile.services.transport import Transport, open_http
from mobile.services.upkeep import Upkeep
from mobile.services.wallet import WalletStore
from mobile.ui.shell import Shell
from mobile.viewmodels.code import CodeModel
from mobile.viewmodels.data_use import DataUseModel
from mobile.viewmodels.devices import DevicesModel
from mobile.viewmodels.enrol import EnrolModel
from mobile.viewmodels.help import HelpModel
from mobile.viewmodels.me import MeModel
from mobile.viewmodels.models import Models
from mobile.viewmodels.place import CODE, HOME, WALLET, PlaceModel
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.sign_in import SignInModel
from mobile.viewmodels.wallet import WalletModel

_UPKEEP_SECONDS = 0.25
_WATCHED = frozenset({CODE, HOME, WALLET})


class ResidentApp(Shell):
    """The resident's app with all its parts."""

    def __init__(
        self,
        settings: Settings,
        device: Device,
        open_transport: Callable[[], Awaitable[Transport]] = open_http,
    ) -> None:
        time = CityTime(device.clock)
        store = WalletStore(SecretBox(settings.data_dir, device.cipher))
        session = Session(store, time)
        session.open()
        backend = Backend(settings.backend_url, time, open_transport)
        account = Account(backend, session, store, time, device.name)
        account.open()
        enrolment = Enrolment(backend, session, time, device.name)
        upkeep = Upkeep(Refresh(backend, session, time), session, time, device.clock.monotonic)
        preferences = PreferencesModel(store.preferences(), _keeping(store))
        super().__init__(
            Models(
                preferences=preferences,
                place=PlaceModel(session, account, preferences),
                enrol=EnrolModel(enrolment.submit, preferences, session.storage_trouble),
                sign_in=SignInModel(account, time, preferences),
                code=CodeModel(session, time, preferences),
                wallet=WalletModel(session, time, preferences, upkeep.hurry),
                me=MeModel(session, account, preferences, device.name),
                devices=DevicesModel(BoundPhones(account), account, time, preferences),
                data_use=DataUseModel(DataUses(account), account, time, preferences),
                help=HelpModel(preferences),
            ),
            device.screen,
            device.speech,
        )
        self._settings = settings
        self._backend = backend
        self._upkeep = upkeep

    def on_start(self) -> None:
        """Begin to keep things fresh, after the first frame."""
        Clock.schedule_once(self._take_link)
        self.repeat(self._keep_fresh, _UPKEEP_SECONDS)
        if self._settings.mirror_dir is not None:
            from mobile.ui.mirror import Mirror  # noqa: PLC0415, a development aid

            self._mirror = Mirror(self._settings.mirror_dir)

    def on_pause(self) -> bool:
        """Let the phone put the app to sleep."""
        return True

    def on_resume(self) -> None:
        """Come back with a code of now and the news since."""
        self.root.page.tick()
        self._upkeep.hurry()

    async def close(self) -> None:
        """End what still talks to the server."""
        await self.models.enrol.close()
        await self.models.sign_in.close()
        await self.models.me.close()
        await self.models.devices.close()
        await self.models.data_use.close()
        await self._upkeep.close()
        await self._backend.close()

    def _take_link(self, _passed: float) -> None:
        """Enrol by the code a link brought, unless a card is here already."""
        if self._settings.enrolment_code and not self.models.place.enrolled:
            self.models.enrol.fill(self._settings.enrolment_code)
            self.models.enrol.submit()

    def _keep_fresh(self, _passed: float) -> None:
        self._upkeep.watched = self.models.place.name in _WATCHED
        self._upkeep.tick()


async def run(app: ResidentApp) -> None:
    """Run the app until its window is closed or it is told to end, then end its last requests."""
    for told in (signal.SIGINT, signal.SIGTERM):
        # Between two frames: in the middle of one, half of its rules would find no app.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(told, app.stop)
    try:
        await app.async_run("asyncio")
    finally:
        with suppress(asyncio.CancelledError):
            await app.close()


def _keeping(store: WalletStore) -> Callable[[Preferences], None]:
    def keep(preferences: Preferences) -> None:
        # Preferences that cannot be kept still hold until the app ends.
        with suppress(BoxUnwritable):
            store.save_preferences(preferences)

    return keep
