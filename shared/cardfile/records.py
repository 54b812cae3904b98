"""Records of EF05 (issuer) and EF06 (holder): tag, length, value (LD/T 32.6).

A `Field` says where a value stands and how to read it; `read_field` is the one way to do so. The
versions 1.00, 2.00 and 3.00 differ in their record numbers and in the name's extension, which
1.00 lacks; tags, lengths and formats are the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from shared.cardfile.commands import ElementaryFile
from shared.cardfile.identification_code import IdentificationCode, parse_identification_code
from shared.identity.card_number import parse_card_number
from shared.identity.id_number import Sex

Value_co = TypeVar("Value_co", covariant=True)

_PADDING = b"\x00 "


class CardVersion(StrEnum):
    """Version of the card standard 规范版本; the number before the dot is the generation."""

    V1 = "1.00"
    V2 = "2.00"
    V3 = "3.00"

    @property
    def has_name_extension(self) -> bool:
        """Whether record 4E continues a long name."""
        return self is not CardVersion.V1

    @property
    def holder_is_free_to_read(self) -> bool:
        """Whether EF06 opens without an external authentication by a PSAM or HSM."""
        return self is not CardVersion.V3


def parse_version(text: str) -> CardVersion | None:
    """Return the version that record 03 names, or None for one that did not exist yet."""
    return next((version for version in CardVersion if version == text), None)


class MalformedRecord(ValueError):
    """A record is not what its tag promises; names the tag and the fault, never the value."""

    def __init__(self, tag: int, fault: str) -> None:
        super().__init__(f"record {tag:02X}: {fault}")
        self.tag = tag
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Field(Generic[Value_co]):
    """One record: where it stands, the bytes of its value, and how these are read.

    `decode` raises ValueError whose message may be shown: it holds no part of the value.
    """

    file: ElementaryFile
    tag: int
    length: int
    decode: Callable[[bytes], Value_co]


def read_field(field: Field[Value_co], record: bytes) -> Value_co:
    """Read the value out of a record as the card gave it.

    Raises:
        MalformedRecord: tag, length or value do not fit the field.
    """
    if len(record) < 2:
        raise MalformedRecord(field.tag, f"{len(record)} bytes are no record")
    tag, length, value = record[0], record[1], record[2:]
    if tag != field.tag:
        raise MalformedRecord(field.tag, f"the card sent tag {tag:02X}")
    if length != len(value) or length != field.length:
        raise MalformedRecord(
            field.tag, f"length {length} with {len(value)} bytes instead of {field.length}"
        )
    try:
        return field.decode(value)
    except ValueError as error:
        raise MalformedRecord(field.tag, str(error)) from None


def join_name(name: bytes, extension: bytes = b"") -> str:
    """Join 09 and 4E and decode them, in this order: one character may lie across both.

    GB 18030 and not GBK, which lacks rare hanzi. Padding bytes occur within no character.

    Raises:
        MalformedRecord: it names 09; the bytes are empty or not a text.
    """
    try:
        return _text(name.rstrip(_PADDING) + extension.rstrip(_PADDING))
    except ValueError as error:
        raise MalformedRecord(NAME.tag, str(error)) from None


def _text(value: bytes) -> str:
    try:
        text = value.rstrip(_PADDING).decode("gb18030")
    except UnicodeDecodeError:
        raise ValueError("not a text in GB 18030") from None
    if not text:
        raise ValueError("empty")
    if any(ord(sign) < 0x20 or ord(sign) == 0x7F for sign in text):
        raise ValueError("a text with control characters")
    return text


def _digits(value: bytes) -> str:
    digits = value.hex().rstrip("f")
    if not digits.isdecimal():
        raise ValueError("not digits in BCD")
    return digits


def _date(value: bytes) -> date:
    digits = value.hex()
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise ValueError("not a date") from None


def _date_or_none(value: bytes) -> date | None:
    """Read a date that the issuer may have left open, as zeros or as erased memory."""
    return None if value in {bytes(4), b"\xff" * 4} else _date(value)


def _card_number(value: bytes) -> str:
    number = parse_card_number(_text(value))
    if isinstance(number, str):
        return number
    raise ValueError("not nine digits or capital letters")


def _sex(value: bytes) -> Sex:
    try:
        return Sex(int(_text(value)))
    except ValueError:
        raise ValueError("not a code of GB/T 2261") from None


def _division(value: bytes) -> int:
    return int(_digits(value))


IDENTIFICATION_CODE: Field[IdentificationCode] = Field(
    ElementaryFile.ISSUER, 0x01, 16, parse_identification_code
)
CARD_CLASS = Field(ElementaryFile.ISSUER, 0x02, 1, _text)
VERSION = Field(ElementaryFile.ISSUER, 0x03, 4, _text)
INITIALISING_BODY = Field(ElementaryFile.ISSUER, 0x04, 12, _digits)
ISSUED_ON = Field(ElementaryFile.ISSUER, 0x05, 4, _date)
EXPIRES_ON = Field(ElementaryFile.ISSUER, 0x06, 4, _date_or_none)
CARD_NUMBER = Field(ElementaryFile.ISSUER, 0x07, 9, _card_number)

CITIZEN_NUMBER = Field(ElementaryFile.HOLDER, 0x08, 18, _text)
NAME = Field(ElementaryFile.HOLDER, 0x09, 30, bytes)
NAME_EXTENSION = Field(ElementaryFile.HOLDER, 0x4E, 20, bytes)
SEX = Field(ElementaryFile.HOLDER, 0x0A, 1, _sex)
ETHNIC_GROUP = Field(ElementaryFile.HOLDER, 0x0B, 1, _digits)
BIRTHPLACE = Field(ElementaryFile.HOLDER, 0x0C, 3, _division)
BIRTH = Field(ElementaryFile.HOLDER, 0x0D, 4, _date)
