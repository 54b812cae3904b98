"""A scan gun that types like a keyboard: the kernel's own records of its keys (evdev).

Read below every desktop and console, and taken from them, so that no code is typed elsewhere. Keys
are read by the layout that guns are delivered with, that of the United States. Serial mode is the
better one wherever a gun has it.
"""

import fcntl
import os
import select
import stat
import struct
import time

from reader_service.devices.scanner_lost import MAX_LINE, ScannerLost

RECORD = struct.Struct("llHHi")
"""struct input_event: seconds, microseconds, type, code, value."""

EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
KEY_ENTER, KEY_KP_ENTER, KEY_CAPS_LOCK = 28, 96, 58
_SHIFTS = frozenset({42, 54})
_EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int)
_WAIT_SECONDS = 0.2
_IDLE_SECONDS = 0.5

_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    (71, "789-456+1230.", "789-456+1230."),
)
_KEYS = {
    first + place: (plain, shifted)
    for first, plains, shifteds in _ROWS
    for place, (plain, shifted) in enumerate(zip(plains, shifteds, strict=True))
}


class KeyDecoder:
    """Turns key records, in pieces of any size, into the texts that Enter ends."""

    def __init__(self) -> None:
        self._bytes = b""
        self._text = ""
        self._too_long = False
        self._shifts: set[int] = set()
        self._caps = False
        self._last = 0.0

    def take(self, piece: bytes, now: float) -> list[str]:
        """Return the texts that this piece ends; `now` in seconds of the monotonic clock."""
        if now - self._last > _IDLE_SECONDS:
            self._forget()  # half a code that went quiet, or a key somebody leant on
        self._last = now
        self._bytes += piece
        whole = len(self._bytes) // RECORD.size * RECORD.size
        records, self._bytes = self._bytes[:whole], self._bytes[whole:]
        ended = (self._key(*record[2:]) for record in RECORD.iter_unpack(records))
        return [text for text in ended if text]

    def _forget(self) -> None:
        self._text, self._too_long = "", False

    def _key(self, kind: int, code: int, value: int) -> str | None:
        if kind == EV_SYN and code == SYN_DROPPED:
            self._forget()
            self._too_long = True  # keys were lost: what follows up to Enter is no whole code
        elif kind == EV_KEY and code in _SHIFTS:
            (self._shifts.add if value else self._shifts.discard)(code)
        elif kind == EV_KEY and value == 1:
            return self._pressed(code)
        return None

    def _pressed(self, code: int) -> str | None:
        if code in {KEY_ENTER, KEY_KP_ENTER}:
            text = "" if self._too_long else self._text
            self._forget()
            return text
        if code == KEY_CAPS_LOCK:
            self._caps = not self._caps
        elif code in _KEYS:
            plain, shifted = _KEYS[code]
            upper = bool(self._shifts) != (self._caps and plain.isalpha())
            self._text += shifted if upper else plain
            if len(self._text) > MAX_LINE:
                self._text, self._too_long = "", True
        return None


class KeyboardGun:
    """The gun's event device, taken for this reader alone."""

    def __init__(self, device: str) -> None:
        try:
            self._file = os.open(device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise ScannerLost(type(error).__name__) from error
        try:
            if stat.S_ISCHR(os.fstat(self._file).st_mode):
                fcntl.ioctl(self._file, _EVIOCGRAB, 1)
        except OSError as error:
            os.close(self._file)
            raise ScannerLost("another program has taken it") from error
        self._decoder = KeyDecoder()
        self._ready: list[str] = []

    def read(self) -> str | None:
        """Return the next text; see `Scanner`."""
        if not self._ready and select.select([self._file], [], [], _WAIT_SECONDS)[0]:
            try:
                piece = os.read(self._file, 64 * RECORD.size)
            except OSError as error:
                raise ScannerLost(type(error).__name__) from error
            if not piece:
                raise ScannerLost("unplugged")
            self._ready = self._decoder.take(piece, time.monotonic())
        return self._ready.pop(0) if self._ready else None

    def close(self) -> None:
        """Give the device back."""
        os.close(self._file)
