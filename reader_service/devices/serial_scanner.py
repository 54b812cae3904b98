"""A scan gun on a serial line: each code is a line that ends in CR, LF or both."""

import termios
import time

import serial

from reader_service.devices.scanner_lost import MAX_LINE, ScannerLost

_WAIT_SECONDS = 0.2
_ENDS = (b"\r", b"\n")


class LineAssembler:
    """Puts lines together from pieces; half a line that goes quiet is dropped, not completed.

    So the tail of a code that was cut off never becomes the beginning of the next one.
    """

    def __init__(self) -> None:
        self._held = b""
        self._too_long = False
        self._last = 0.0

    def take(self, piece: bytes, now: float) -> list[str]:
        """Return the lines that this piece ends; `now` in seconds of the monotonic clock."""
        if now - self._last > _WAIT_SECONDS:
            self._held, self._too_long = b"", False
        self._last = now
        *ended, rest = (self._held + piece).replace(b"\r", b"\n").split(b"\n")
        if ended and self._too_long:
            ended, self._too_long = ended[1:], False
        if len(rest) > MAX_LINE:
            rest, self._too_long = b"", True
        self._held = rest
        return [line.decode("utf-8", "replace") for line in ended if 0 < len(line) <= MAX_LINE]


class SerialGun:
    """The gun, by pyserial; nobody else may open the line meanwhile."""

    def __init__(self, port: str, baud: int) -> None:
        try:
            self._line = serial.Serial(port, baud, timeout=_WAIT_SECONDS, exclusive=True)
            self._line.reset_input_buffer()  # what was scanned before nobody waits for
        except (serial.SerialException, OSError, termios.error, ValueError) as error:
            raise ScannerLost(type(error).__name__) from error
        self._assembler = LineAssembler()
        self._ready: list[str] = []

    def read(self) -> str | None:
        """Return the next line; see `Scanner`."""
        if not self._ready:
            try:
                piece = self._line.read(1)
                piece += self._line.read(self._line.in_waiting)
            except (serial.SerialException, OSError, termios.error) as error:
                raise ScannerLost(type(error).__name__) from error
            if piece:
                self._ready = self._assembler.take(piece, time.monotonic())
        return self._ready.pop(0) if self._ready else None

    def close(self) -> None:
        """Free the line."""
        self._line.close()
