"""The printed number of a social security card 社会保障卡卡号.

It has nine characters and no public check rule, and it changes when a card is issued anew: it
names a card on paper, never a person.
"""

import re
from dataclasses import dataclass

from shared.localized_text import LocalizedText

_FORM = re.compile(r"[0-9A-Z]{9}")


@dataclass(frozen=True, slots=True)
class InvalidCardNumber:
    """The refusal of a text; it never holds the text itself."""

    code: str
    text: LocalizedText


_INVALID = InvalidCardNumber(
    "card_number_form",
    LocalizedText(
        "卡号应为9位数字或大写字母。请对照卡面重新输入。",
        "A card number has 9 digits or capital letters. Check the card and enter it again.",
    ),
)


def parse_card_number(text: str) -> str | InvalidCardNumber:
    """Return the number in capitals; spaces around it and small letters are accepted."""
    value = text.strip().upper()
    return value if _FORM.fullmatch(value) else _INVALID
