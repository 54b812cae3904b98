"""What every scan gun offers, and the one place that opens them."""

from typing import Protocol, assert_never

from reader_service.device_settings import (
    HttpScanner,
    KeyboardScanner,
    ScannerSettings,
    SerialScanner,
)
from reader_service.devices.keyboard_scanner import KeyboardGun
from reader_service.devices.serial_scanner import SerialGun


class Scanner(Protocol):
    """A source of scanned texts; whoever opened it closes it."""

    def read(self) -> str | None:
        """Return the next text, or None when a short wait (≤ 0.25 s) brought no whole one.

        Raises:
            ScannerLost: the gun is gone; open a new one.
        """
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


def open_scanner(settings: ScannerSettings) -> Scanner:
    """Open a scan gun.

    Raises:
        ScannerLost: it cannot be opened now.
    """
    match settings:
        case SerialScanner(port, baud):
            return SerialGun(port, baud)
        case KeyboardScanner(device):
            return KeyboardGun(device)
        case HttpScanner(port, secret_file, address):
            # Imported here: few lanes have such a device.
            from reader_service.devices.http_scanner import HttpGun  # noqa: PLC0415

            return HttpGun(address, port, secret_file)
        case _:
            assert_never(settings)
