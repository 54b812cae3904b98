"""The 18-digit citizen number 公民身份号码 of GB 11643-1999, and the numbers built like it.

Residence permits of Hong Kong, Macao and Taiwan residents 港澳台居民居住证 (81, 82, 83) and the
2023 form of the foreign permanent resident card 外国人永久居留身份证 (first digit 9) have the same
birth date and check character.
"""

import string
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum

from shared.identity.regions import is_known_region
from shared.localized_text import LocalizedText

_LENGTH = 18
_CHECK_CHARACTERS = "10X98765432"
_EARLIEST_BIRTH = date(1880, 1, 1)


class Sex(IntEnum):
    """Sex by its code in GB/T 2261.1."""

    UNKNOWN = 0
    MALE = 1
    FEMALE = 2
    UNSPECIFIED = 9


class IdNumberKind(StrEnum):
    """Which document the number stands on."""

    CITIZEN = "citizen"
    RESIDENCE_PERMIT = "residence_permit"
    FOREIGN_PERMANENT_RESIDENT = "foreign_permanent_resident"


class IdNumberFault(StrEnum):
    """Why a text is not such a number."""

    LENGTH = "id_number_length"
    CHARACTER = "id_number_character"
    CHECK_CHARACTER = "id_number_check_character"
    BIRTH_DATE = "id_number_birth_date"
    BIRTH_IN_FUTURE = "id_number_birth_in_future"
    BIRTH_TOO_EARLY = "id_number_birth_too_early"

    @property
    def text(self) -> LocalizedText:
        """What is wrong and what to do now."""
        return _TEXTS[self]


_TEXTS = {
    IdNumberFault.LENGTH: LocalizedText(
        "身份证号码应为18位。请对照证件重新输入。",
        "An ID number has 18 characters. Check it against the document and enter it again.",
    ),
    IdNumberFault.CHARACTER: LocalizedText(
        "身份证号码只能是数字，最后一位可以是X。请删去其他字符。",
        "An ID number has digits only; the last may be X. Remove the other characters.",
    ),
    IdNumberFault.CHECK_CHARACTER: LocalizedText(
        "身份证号码校验不通过，可能有一位输错。请逐位核对。",
        "The ID number's check character does not fit; a digit may be wrong. Compare each digit.",
    ),
    IdNumberFault.BIRTH_DATE: LocalizedText(
        "身份证号码中的出生日期不存在。请核对第7至14位。",
        "The birth date inside the ID number does not exist. Check characters 7 to 14.",
    ),
    IdNumberFault.BIRTH_IN_FUTURE: LocalizedText(
        "身份证号码中的出生日期晚于今天。请核对第7至14位。",
        "The birth date inside the ID number is after today. Check characters 7 to 14.",
    ),
    IdNumberFault.BIRTH_TOO_EARLY: LocalizedText(
        "身份证号码中的出生日期早于1880年。请核对第7至14位。",
        "The birth date inside the ID number is before 1880. Check characters 7 to 14.",
    ),
}


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A well-formed number.

    Number and birth date are personal information: both stay out of `repr`, so that no log line
    and no assertion message shows them. `division` is the first six digits; `division_known` is
    only a hint, since codes were abolished and newer ones are missing from any shipped table.
    """

    value: str = field(repr=False)
    birth: date = field(repr=False)
    division: int
    division_known: bool
    sex: Sex
    kind: IdNumberKind


@dataclass(frozen=True, slots=True)
class InvalidIdNumber:
    """The refusal of a text; it never holds the text itself."""

    fault: IdNumberFault

    @property
    def text(self) -> LocalizedText:
        """What is wrong and what to do now."""
        return self.fault.text


def parse_id_number(text: str, today: date) -> IdNumber | InvalidIdNumber:
    """Read a number as typed; spaces around it and a lower-case x are accepted.

    Args:
        text: what a person typed or a card holds.
        today: the local day, see `shared.identity.age.local_day`.
    """
    value = text.strip().upper()
    if len(value) != _LENGTH:
        return InvalidIdNumber(IdNumberFault.LENGTH)
    if not set(value[:-1]) <= set(string.digits) or value[-1] not in _CHECK_CHARACTERS:
        return InvalidIdNumber(IdNumberFault.CHARACTER)
    if value[-1] != check_character(value[:-1]):
        return InvalidIdNumber(IdNumberFault.CHECK_CHARACTER)
    birth = _birth_date(value[6:14])
    if birth is None:
        return InvalidIdNumber(IdNumberFault.BIRTH_DATE)
    if birth > today:
        return InvalidIdNumber(IdNumberFault.BIRTH_IN_FUTURE)
    if birth < _EARLIEST_BIRTH:
        return InvalidIdNumber(IdNumberFault.BIRTH_TOO_EARLY)
    division = int(value[:6])
    return IdNumber(
        value=value,
        birth=birth,
        division=division,
        division_known=is_known_region(division),
        sex=Sex.MALE if int(value[16]) % 2 else Sex.FEMALE,
        kind=_kind(value),
    )


def check_character(first_17_digits: str) -> str:
    """Return the last character by ISO 7064 MOD 11-2."""
    remainder = 0
    for digit in first_17_digits:
        remainder = (remainder + int(digit)) * 2 % 11
    return _CHECK_CHARACTERS[remainder]


def _birth_date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _kind(value: str) -> IdNumberKind:
    if value[:2] in {"81", "82", "83"}:
        return IdNumberKind.RESIDENCE_PERMIT
    if value[0] == "9":
        return IdNumberKind.FOREIGN_PERMANENT_RESIDENT
    return IdNumberKind.CITIZEN
