"""A GPIO line through its chip's character device (the kernel's <linux/gpio.h>, version 2)."""

import fcntl
import os
import struct
from pathlib import Path

from reader_service.devices.relay import GateFailed

REQUEST = struct.Struct("=64I32sQI5I240sII5Ii")
"""gpio_v2_line_request: offsets, consumer, flags, attributes, lines, buffer, padding, fd."""
VALUES = struct.Struct("=QQ")
"""gpio_v2_line_values: bits, mask."""
GET_LINE = 0xC250B407
SET_VALUES = 0xC010B40F
FLAG_OUTPUT = 1 << 3
_CONSUMER = b"yikatong-gate"


class GpioLine:
    """One output line, held from its first use: the kernel lets go of it when the process ends."""

    def __init__(self, chip: Path, line: int) -> None:
        self._chip = chip
        self._line = line
        self._held: int | None = None

    def power(self, *, on: bool) -> None:
        """Set the line; one that was lost is asked for anew."""
        try:
            if self._held is None:
                self._held = self._request()
            fcntl.ioctl(self._held, SET_VALUES, VALUES.pack(int(on), 1))
        except OSError as error:
            self.close()
            raise GateFailed from error

    def close(self) -> None:
        """Let go of the line."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _request(self) -> int:
        chip = os.open(self._chip, os.O_RDWR | os.O_CLOEXEC)
        try:
            asked = bytearray(line_request(self._line))
            fcntl.ioctl(chip, GET_LINE, asked)
        finally:
            os.close(chip)
        return int(REQUEST.unpack(asked)[-1])


def line_request(line: int) -> bytes:
    """Return the request for one output line."""
    offsets = [line] + [0] * 63
    zeros = [0] * 5
    return REQUEST.pack(*offsets, _CONSUMER, FLAG_OUTPUT, 0, *zeros, b"", 1, 0, *zeros, 0)
