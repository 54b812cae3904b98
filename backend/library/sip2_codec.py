"""Lines of SIP2, 3M Standard Interchange Protocol 2.00: read and written; pure.

A line is a two-digit message, its fixed fields by width, fields of a two-letter name each up to a
bar, and, where error detection is on, `AY` sequence digit and `AZ` checksum. The text is UTF-8:
the document leaves the character set to the installation. A line ends with a carriage return,
which is not part of what is read and written here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from shared.clock import LOCAL_ZONE

MAX_LINE = 2_000
"""Bytes of a line that is taken; a value has at most 255, and no request has more than some."""
_TAIL = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-Fa-f]{4})")
_TAIL_LENGTHS = (9, 6)
_NAME = re.compile(r"[A-Z]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029|]")
_INSTANT = "%Y%m%d    %H%M%S"
_INSTANT_LENGTH = 18

FIXED: Mapping[str, tuple[int, ...]] = {
    "93": (1, 1),
    "94": (1,),
    "99": (1, 3, 4),
    "98": (1, 1, 1, 1, 1, 1, 3, 3, 18, 4),
    "23": (3, 18),
    "24": (14, 3, 18),
    "63": (3, 18, 10),
    "64": (14, 3, 18, 4, 4, 4, 4, 4, 4),
    "11": (1, 1, 18, 18),
    "12": (1, 1, 1, 1, 18),
    "09": (1, 18, 18),
    "10": (1, 1, 1, 1, 18),
    "29": (1, 1, 18, 18),
    "30": (1, 1, 1, 1, 18),
    "17": (18,),
    "18": (2, 2, 2, 18),
    "37": (18, 2, 2, 3),
    "38": (1, 18),
    "35": (18,),
    "36": (1, 18),
    "96": (),
    "97": (),
}
"""The widths of each message's fixed fields, in characters."""


class Unreadable(StrEnum):
    """Why a line is no message."""

    TOO_LONG = "too_long"
    NOT_UTF8 = "not_utf8"
    UNKNOWN = "unknown_message"
    TOO_SHORT = "too_short"
    FIELDS = "fields"
    CHECKSUM = "checksum"


@dataclass(frozen=True, slots=True)
class Message:
    """A message; `sequence` is there where error detection is on."""

    code: str
    fixed: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    sequence: int | None = None

    def first(self, name: str) -> str:
        """Return the first value of a field, or nothing."""
        return next((value for one, value in self.fields if one == name), "")


def checksum(through_az: bytes) -> bytes:
    """Return the four digits after `AZ`: what makes the sum of all bytes nought, of 16 bits."""
    return f"{-sum(through_az) & 0xFFFF:04X}".encode()


def read(line: bytes) -> Message | Unreadable:
    """Read a line without its end."""
    if len(line) > MAX_LINE:
        return Unreadable.TOO_LONG
    body, sequence = line, None
    for length in _TAIL_LENGTHS:
        tail = _TAIL.fullmatch(line[-length:])
        if tail is not None:
            if checksum(line[:-4]) != tail[2].upper():
                return Unreadable.CHECKSUM
            body, sequence = line[:-length], None if tail[1] is None else int(tail[1])
            break
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Unreadable.NOT_UTF8
    return _parsed(text, sequence)


def write(message: Message) -> bytes:
    """Write a message as a line without its end.

    Raises:
        ValueError: a fixed field has another width, or a value cannot stand in a line.
    """
    widths = FIXED[message.code]
    if tuple(map(len, message.fixed)) != widths:
        raise ValueError(f"the fixed fields of {message.code} have other widths")
    parts = [message.code, *message.fixed]
    for name, value in message.fields:
        if _NAME.fullmatch(name) is None or value != plain(value):
            raise ValueError(f"{name} cannot stand in a line")
        parts.append(f"{name}{value}|")
    line = "".join(parts).encode()
    if message.sequence is None:
        return line
    line += f"AY{message.sequence}AZ".encode()
    return line + checksum(line)


def control(code: str) -> bytes:
    """Return a request to send again, 96 or 97: it has a checksum and no sequence."""
    line = f"{code}AZ".encode()
    return line + checksum(line)


def plain(text: str) -> str:
    """Return a text as a value can hold it: bars and controls become spaces."""
    return _CONTROL.sub(" ", text)


def instant(at: datetime) -> str:
    """Return an instant as it is written: local to the libraries, the zone left blank."""
    return at.astimezone(LOCAL_ZONE).strftime(_INSTANT)


def read_instant(text: str) -> datetime | None:
    """Return an instant, local or marked Z for UTC; None where it is none."""
    if len(text) != _INSTANT_LENGTH or not text.isascii():
        return None
    day, zone, time = text[:8], text[8:12], text[12:]
    if not (day.isdigit() and time.isdigit()) or zone not in {"    ", "   Z"}:
        return None
    try:
        at = datetime.strptime(day + time, "%Y%m%d%H%M%S")  # noqa: DTZ007 - its zone comes beside
        return at.replace(tzinfo=LOCAL_ZONE if zone == "    " else UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parsed(text: str, sequence: int | None) -> Message | Unreadable:
    code, rest = text[:2], text[2:]
    widths = FIXED.get(code)
    if widths is None:
        return Unreadable.UNKNOWN
    if len(rest) < sum(widths):
        return Unreadable.TOO_SHORT
    fixed = []
    for width in widths:
        fixed.append(rest[:width])
        rest = rest[width:]
    values = rest.split("|")
    if values.pop():
        return Unreadable.FIELDS  # what follows the last bar has no end
    if not all(_NAME.fullmatch(one[:2]) and one == plain(one) for one in values):
        return Unreadable.FIELDS
    fields = tuple((one[:2], one[2:]) for one in values)
    return Message(code, tuple(fixed), fields, sequence)
