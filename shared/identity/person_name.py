"""A person's name as documents print it: hanzi of every plane, `·` between parts, or Latin letters.

Names of minorities join their parts by `·` U+00B7, which keyboards and old systems write in many
ways; one spelling is kept, so that a name compares equal to itself.
"""

import re
from enum import StrEnum

DOT = "·"
# Bullets, hyphenation points and katakana dots, half and full width, and the full stops typed in
# their place.
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･．.●‣᛫﹒", DOT))
_LATIN = "A-Za-zÀ-ÖØ-öø-ɏ"
_SELECTOR = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Extension A, the unified block, compatibility (some stand on documents), extensions B to J.
_HAN = "〇々\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f\U00030000-\U0003347f"
_SIGN = f"(?:[{_HAN}][{_SELECTOR}]*|[{_LATIN}])"
_JOINER = f"[{DOT} '’-]"
_NAME = re.compile(f"{_SIGN}+(?:{_JOINER}{_SIGN}+)*")
_ALLOWED = re.compile(f"(?:{_SIGN}|{_JOINER})+")
_SELECTORS = re.compile(f"[{_SELECTOR}]")


class NameFault(StrEnum):
    """Why a text is not a name."""

    LENGTH = "name_length"
    CHARACTER = "name_character"
    JOINER = "name_joiner"


def parse_person_name(text: str, longest: int) -> str | NameFault:
    """Return a name in its one spelling: outer spaces gone, every kind of dot as `·`.

    Args:
        text: what was typed or read.
        longest: the most characters, a variation selector not counted.
    """
    name = text.strip().translate(_DOTS)
    if not 1 <= len(_SELECTORS.sub("", name)) <= longest:
        return NameFault.LENGTH
    if _NAME.fullmatch(name):
        return name
    return NameFault.JOINER if _ALLOWED.fullmatch(name) else NameFault.CHARACTER
