"""The reader maker's driver (LD/T 33): its error numbers, its answer, and what each one means.

Every maker's library has the same functions; `iReadCardBas` reads who the card is of and
authenticates a 3.00 card by the PSAM that the maker's reader holds. Text is GBK, parts are
separated by "|". Error numbers beyond the named ones are status words of the card, made negative.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from shared.cardfile.commands import UNKNOWN_STATUS, status_meaning
from shared.ecode.reasons import Reason
from shared.localized_text import LocalizedText

OUTPUT_BYTES = 8192
"""Room for what the driver writes; makers ask for 1 to 4 kB."""

_PARTS = 9  # up to the card's expiry; the PSAM's and the reader's number may be missing
_CODE, _VERSION, _EXPIRES, _TERMINAL = 3, 6, 8, 9
_CITIZEN_NUMBER = 1


class Side(IntEnum):
    """`iType`: which side of the card to read, and in which order."""

    CONTACT = 1
    CONTACTLESS = 2
    CONTACT_FIRST = 3
    CONTACTLESS_FIRST = 4


@dataclass(frozen=True, slots=True)
class DriverFault:
    """What an error number means: the lane's reason, None where no card lies there."""

    reason: Reason | None
    text: LocalizedText


def _fault(reason: Reason | None, zh: str, en: str) -> DriverFault:
    return DriverFault(reason, LocalizedText(zh, en))


FAULTS: dict[int, DriverFault] = {
    -1: _fault(Reason.UNKNOWN_CARD_TYPE, "卡片类型不对", "wrong kind of card"),
    -2: _fault(None, "读卡器上没有卡", "no card on the reader"),
    -4: _fault(Reason.CARD_MUTE, "卡片没有应答", "the card does not answer"),
    -11: _fault(Reason.READER_SERVICE_DOWN, "读卡器连接失败", "the reader cannot be reached"),
    -21: _fault(Reason.CARD_FORGED, "内部认证失败，用户卡不合法", "internal authentication failed"),
    -24: _fault(Reason.SECURITY_MODULE_LOST, "PSAM卡密钥级别不够", "the PSAM's key level is low"),
    -2201: _fault(Reason.SECURITY_MODULE_LOST, "没有插PSAM卡", "no PSAM in the reader"),
    -2202: _fault(
        Reason.SECURITY_MODULE_LOST, "PSAM卡不支持该卡的算法", "the PSAM lacks the card's algorithm"
    ),
    -2203: _fault(
        Reason.SECURITY_MODULE_LOST, "PSAM卡没有读取基本信息的密钥", "the PSAM lacks the key RKssse"
    ),
}
_OTHER = _fault(Reason.CARD_UNREADABLE, "卡片读不出", "the card cannot be read")


def fault_of(number: int) -> DriverFault:
    """Return what an error number of the driver means."""
    if number in FAULTS:
        return FAULTS[number]
    meaning = status_meaning(-number)
    if meaning == UNKNOWN_STATUS:
        return _OTHER
    return _fault(Reason.CARD_UNREADABLE, f"卡片应答 {-number:04X}", f"the card says: {meaning}")


class MalformedOutput(ValueError):
    """The driver's output is not what the standard says; names the part, never its value."""


@dataclass(frozen=True, slots=True)
class DriverOutput:
    """What of the driver's output the lane needs; the holder's name and number are left behind.

    `proven`: a 3.00 card's holder was read through a PSAM, which the driver does by internal and
    external authentication alone. Of older cards the driver does not say how it read them.
    """

    identification_code: bytes = field(repr=False)
    version: str
    expires_on: date | None
    terminal_number: str | None
    proven: bool


def parse_output(raw: bytes) -> DriverOutput:
    """Read what `iReadCardBas` wrote.

    Raises:
        MalformedOutput: a part is missing or of another form.
    """
    try:
        parts = raw.decode("gb18030").split("|")
    except UnicodeDecodeError:
        raise MalformedOutput("not a text in GB 18030") from None
    if len(parts) < _PARTS:
        raise MalformedOutput(f"{len(parts)} parts instead of {_PARTS} or more")
    try:
        code = bytes.fromhex(parts[_CODE])
    except ValueError:
        raise MalformedOutput("the identification code is not hexadecimal") from None
    version = parts[_VERSION].strip()
    terminal = parts[_TERMINAL].strip() if len(parts) > _TERMINAL else ""
    terminal = terminal if terminal.isascii() and terminal.isalnum() else ""
    proven = version == "3.00" and bool(parts[_CITIZEN_NUMBER].strip()) and bool(terminal)
    return DriverOutput(code, version, _day(parts[_EXPIRES].strip()), terminal[:32] or None, proven)


def _day(text: str) -> date | None:
    if text in {"", "00000000", "FFFFFFFF"}:
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise MalformedOutput("the expiry is not a date") from None
