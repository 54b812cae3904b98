"""All ports of the device the app runs on."""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

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


def this_device(data_dir: Path) -> Device:
    """Return the ports of the device the program runs on; keys go under `data_dir` if anywhere."""
    return _android() if hasattr(sys, "getandroidapilevel") else _desktop(data_dir)


def _desktop(data_dir: Path) -> Device:
    from mobile.ports.screen.desktop import DesktopScreen  # noqa: PLC0415, one platform only
    from mobile.ports.secret_box.desktop import KeyFileCipher  # noqa: PLC0415
    from mobile.ports.speech.desktop import DesktopSpeech  # noqa: PLC0415

    return Device(
        name=f"{platform.system()} {platform.machine()}",
        clock=PhoneClock(),
        cipher=KeyFileCipher(data_dir / "box.key"),
        screen=DesktopScreen(),
        speech=DesktopSpeech(),
    )


def _android() -> Device:
    from jnius import autoclass  # noqa: PLC0415, one platform only

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
    )
