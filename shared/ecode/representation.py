"""Who shows a code for its holder 代办: said by the serial that the issuer signs.

Phones of a card's own holder count 1, 2, 3 … below `FIRST_SERIAL`. From there on a serial names the
phone of a representative: bits 14 to 12 say who that is to the holder, the rest tells phones apart.
It stands beside the flag `represented`, which alone decides; readers that do not know this say
代办 without the relation. Why it is no field of its own: `infra/decisions/0019-representatives.md`.
"""

from enum import IntEnum

from shared.localized_text import LocalizedText

FIRST_SERIAL = 0x8000
PHONES = 1 << 12
"""So many phones a card can have in each relation; drawn, so that they tell nothing."""
_RELATION_SHIFT = 12


class Representative(IntEnum):
    """Who the representative is to the holder; numbers of bits 14 to 12."""

    OTHER = 0
    YOUNGER = 1
    PARENT = 2
    SPOUSE = 3
    GUARDIAN = 4
    AGENT = 5


REPRESENTATIVE_WORDS = {
    Representative.OTHER: LocalizedText("亲友", "other person"),
    Representative.YOUNGER: LocalizedText("晚辈", "younger relative"),
    Representative.PARENT: LocalizedText("父母", "parent"),
    Representative.SPOUSE: LocalizedText("配偶", "spouse"),
    Representative.GUARDIAN: LocalizedText("监护人", "guardian"),
    Representative.AGENT: LocalizedText("代办员", "doorstep agent"),
}


def representative_serial(representative: Representative, number: int) -> int:
    """Return the serial of a representative's phone.

    Raises:
        ValueError: `number` is not in 0 to `PHONES` - 1.
    """
    if not 0 <= number < PHONES:
        raise ValueError(f"a representative's phone {number}")
    return FIRST_SERIAL | representative << _RELATION_SHIFT | number


def representative_of(serial: int) -> Representative | None:
    """Return who shows a code of that serial; None for the holder's own phones."""
    if serial < FIRST_SERIAL:
        return None
    number = serial >> _RELATION_SHIFT & 0b111
    return Representative(number) if number <= max(Representative) else Representative.OTHER
