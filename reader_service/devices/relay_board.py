"""A channel of a USB relay board of the LCUS kind: four bytes over a serial port, 9600 8N1.

`A0`, the channel, 1 or 0, and the sum of the three. The boards do not answer, so a board that was
pulled out is known by the port's going away.
"""

import os
import termios
import tty
from pathlib import Path

from reader_service.devices.relay import GateFailed

_START = 0xA0


def frame(channel: int, *, on: bool) -> bytes:
    """Return the command for one channel."""
    return bytes((_START, channel, on, (_START + channel + on) & 0xFF))


class RelayBoardChannel:
    """One channel; the port is opened again after it was lost."""

    def __init__(self, port: Path, channel: int) -> None:
        self._port = port
        self._channel = channel
        self._open: int | None = None

    def power(self, *, on: bool) -> None:
        """Send the command, whole."""
        command = frame(self._channel, on=on)
        try:
            if self._open is None:
                self._open = _open_port(self._port)
            if os.write(self._open, command) != len(command):
                raise BlockingIOError
        except (OSError, termios.error) as error:
            self.close()
            raise GateFailed from error

    def close(self) -> None:
        """Let go of the port."""
        if self._open is not None:
            os.close(self._open)
            self._open = None


def _open_port(path: Path) -> int:
    # Non-blocking: a port whose board is stuck must not stop a lane.
    port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        tty.setraw(port)
        settings = termios.tcgetattr(port)
        settings[2] |= termios.CLOCAL | termios.CREAD
        settings[4] = settings[5] = termios.B9600
        termios.tcsetattr(port, termios.TCSANOW, settings)
    except (OSError, termios.error):
        os.close(port)
        raise
    return port
