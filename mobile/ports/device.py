"""All ports of the device the app runs on."""

import platform
import sys
from dataclasses import dataclass

from mobile.core.settings import Settings
from mobile.ports.camera import Camera
from mobile.ports.card_reader import CardReader
from mobile.ports.dialler import Dialler
from mobile.ports.documents import Documents
from mobile.ports.location import Location
from mobile.ports.phone_clock import PhoneClock
from mobile.ports.screen import Screen
from mobile.ports.secret_box.box import Cipher
from mobile.ports.speech import Speech
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class Device:
    """One device; `name` is what its owner reads in a list of devices."""

    name: str
    clock: Clock
    cipher: Cipher
    screen: Screen
    speech: Speech
    documents: Documents
    camera: Camera
    card_reader: CardReader
    location: Location
    dialler: Dialler


def this_device(settings: Settings) -> Device:
    """Return the ports of the device the program runs on, where its settings say."""
    return _android() if hasattr(sys, "getandroidapilevel") else _desktop(settings)


def _desktop(settings: Settings) -> Device:
    from mobile.ports.camera.desktop import DesktopCamera  # noqa: PLC0415
    from mobile.ports.card_reader.desktop import PcscCardReader  # noqa: PLC0415
    from mobile.ports.dialler.desktop import DesktopDialler  # noqa: PLC0415
    from mobile.ports.documents.desktop import DesktopDocuments  # noqa: PLC0415
    from mobile.ports.location.desktop import DesktopLocation  # noqa: PLC0415
    from mobile.ports.screen.desktop import DesktopScreen  # noqa: PLC0415, one platform only
    from mobile.ports.secret_box.desktop import KeyFileCipher  # noqa: PLC0415
    from mobile.ports.speech.desktop import DesktopSpeech  # noqa: PLC0415

    return Device(
        name=f"{platform.system()} {platform.machine()}",
        clock=PhoneClock(),
        cipher=KeyFileCipher(settings.data_dir / "box.key"),
        screen=DesktopScreen(),
        speech=DesktopSpeech(),
        documents=DesktopDocuments(settings.documents_dir),
        camera=DesktopCamera(settings.picture),
        card_reader=PcscCardReader(),
        location=DesktopLocation(settings.position),
        dialler=DesktopDialler(),
    )


def _android() -> Device:
    from jnius import autoclass  # noqa: PLC0415, one platform only

    from mobile.ports.camera.android import AndroidCamera  # noqa: PLC0415
    from mobile.ports.card_reader.android import NfcCardReader  # noqa: PLC0415
    from mobile.ports.dialler.android import AndroidDialler  # noqa: PLC0415
    from mobile.ports.documents.android import AndroidDocuments  # noqa: PLC0415
    from mobile.ports.location.android import AndroidLocation  # noqa: PLC0415
    from mobile.ports.screen.android import AndroidScreen  # noqa: PLC0415
    from mobile.ports.secret_box.android import KeyStoreCipher  # noqa: PLC0415
    from mobile.ports.speech.android import AndroidSpeech  # noqa: PLC0415

    build = autoclass("android.os.Build")
    return Device(
        name=f"{build.MANUFACTURER} {build.MODEL}",
        clock=PhoneClock(),
        cipher=KeyStoreCipher(),
        screen=AndroidScreen(),
        speech=AndroidSpeech(),
        documents=AndroidDocuments(),
        camera=AndroidCamera(),
        card_reader=NfcCardReader(),
        location=AndroidLocation(),
        dialler=AndroidDialler(),
    )
