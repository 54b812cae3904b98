"""A person's name as documents print it: hanzi of every plane, `·` between parts, or Latin letters.

Names of minorities join their parts by `·` U+00B7, which keyboards and old systems write in many
ways; one spelling is kept, so that a name compares equal to itself.
"""

import re
from enum import StrEnum
from itertools import pairwise

DOT = "·"
# Bullets, hyphenation points and katakana dots, half and full width, and the full stops typed in
# their place.
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･．.●‣᛫﹒", DOT))
_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]")
_JOINERS = frozenset(DOT + " -'’")
_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
_HAN = (
    (0x3400, 0x4DBF),  # extension A
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),  # compatibility: some stand on documents
    (0x20000, 0x2FA1F),  # extensions B to F and I, compatibility supplement
    (0x30000, 0x323AF),  # extensions G and H
    (0x323B0, 0x3347F),  # extension J
)
_HAN_SIGNS = frozenset("〇々")


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
    length = sum(not _is_selector(sign) for sign in name)
    if not 1 <= length <= longest:
        return NameFault.LENGTH
    if not all(map(_is_allowed, name, " " + name)):
        return NameFault.CHARACTER
    edges = {name[0], name[-1]} & _JOINERS
    doubled = any(one in _JOINERS and other in _JOINERS for one, other in pairwise(name))
    return NameFault.JOINER if edges or doubled else name


def _is_allowed(sign: str, before: str) -> bool:
    if _is_selector(sign):
        return _is_han(before)
    return _is_han(sign) or sign in _JOINERS or _LATIN.match(sign) is not None


def _is_han(sign: str) -> bool:
    return sign in _HAN_SIGNS or any(low <= ord(sign) <= high for low, high in _HAN)


def _is_selector(sign: str) -> bool:
    return any(low <= ord(sign) <= high for low, high in _SELECTORS)
