"""The app on a made-up card: nothing is asked of a server, the scenes say what was read."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from typing_extensions import override

from mobile.core.preferences import Preferences
from mobile.core.trouble import Trouble
from mobile.ports.camera.desktop import DesktopCamera
from mobile.ports.card_reader.desktop import PcscCardReader
from mobile.ports.device import Device
from mobile.ports.dialler.desktop import DesktopDialler
from mobile.ports.documents.desktop import DesktopDocuments
from mobile.ports.location.desktop import DesktopLocation
from mobile.ports.screen.desktop import DesktopScreen
from mobile.ports.secret_box.box import SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.ports.speech.desktop import DesktopSpeech
from mobile.services.background import Background
from mobile.services.services import open_services
from mobile.services.transport import NoAnswer, Transport
from mobile.services.wallet import Wallet, WalletStore
from mobile.ui.gallery.samples import NOW, TOKENS, made_up_wallet
from mobile.viewmodels.models import make_models
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.reading import Reading
from mobile.viewmodels.served import ServedModel
from shared.clock import ManualClock
from shared.ecode.algorithms import PublicKey

Scene = tuple[str, Callable[[], None]]
"""A picture's name, and what brings the app there."""
_DEVICE = "Pixel 9"


class _StillReading(Reading):
    """Reads nothing: the scene says what was read."""

    @override
    def start(self) -> None:
        """Leave what the scene says."""


class _Idle(Background):
    """Begins nothing."""

    @override
    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Leave it."""


async def _read_nothing() -> None:
    return None


class Stage:
    """Models that scenes bring into a state, by reaching into them."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(NOW)
        device = _made_up_device(folder, self.clock)
        store = WalletStore(SecretBox(folder, device.cipher))
        self.services = services = open_services(
            store,
            device,
            "http://nowhere",
            _no_network,
        )
        self.session, self.account = services.session, services.account
        key = self.session.device_key()
        if isinstance(key, Trouble):
            raise OSError(key.text.en)
        self._device_key = key
        self.wallet = made_up_wallet(key.public)
        self.preferences = PreferencesModel(Preferences(), lambda _: None)
        self.models = make_models(services, self.preferences, _DEVICE)
        for model in self.models:
            if isinstance(model, ServedModel):
                model._work = _Idle()
                model._reading = _StillReading(_read_nothing, services.time, lambda: None)
        self.models.notices._telling = _Idle()

    @property
    def key(self) -> PublicKey:
        """The device's key."""
        return self._device_key.public

    @staticmethod
    def idle() -> Background:
        """Return what begins nothing."""
        return _Idle()

    def show(self, wallet: Wallet, name: str) -> None:
        """Show a page with that card, nobody being signed in."""
        self.models.family.switch()
        self.session.key = self._device_key
        self.session.keep(wallet)
        self.models.me.keep()
        self.account._tokens = self.account.ended = None
        self.account._tell()
        self.models.place.go(name)

    def show_signed_in(self, name: str) -> None:
        """Show a page of somebody who signed in."""
        self.show(self.wallet, "code")
        self.account._accept(TOKENS)
        self.models.place.go(name)


def _made_up_device(folder: Path, clock: ManualClock) -> Device:
    return Device(
        name=_DEVICE,
        clock=clock,
        cipher=KeyFileCipher(folder / "box.key"),
        screen=DesktopScreen(),
        speech=DesktopSpeech(),
        documents=DesktopDocuments(folder),
        camera=DesktopCamera(None),
        card_reader=PcscCardReader(seconds=0),
        location=DesktopLocation(None),
        dialler=DesktopDialler(),
    )


async def _no_network() -> Transport:
    raise NoAnswer("the gallery asks nobody")


Scenes = Callable[[Stage], Iterator[Scene]]
