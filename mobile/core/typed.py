"""What is typed with the app's own number pad: how long it is, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from mobile.core.account import CITIZEN_NUMBER_LENGTH, PHONE_LENGTH, SMS_CODE_LENGTH, grouped

CHECK_X = "X"
_DAY_LENGTH = 8


@dataclass(frozen=True, slots=True)
class PadField:
    """Digits of a known `length`, shown in groups; `x_last` ones may end with an X."""

    length: int
    groups: Sequence[int]
    x_last: bool = False

    def added(self, typed: str, sign: str) -> str:
        """Return `typed` with `sign` behind it, or as it was where that does not fit."""
        is_x = sign == CHECK_X and self.x_last and len(typed) == self.length - 1
        fits = len(typed) < self.length and (is_x or (sign.isascii() and sign.isdigit()))
        return typed + sign if fits else typed

    def shown(self, typed: str) -> str:
        """Return `typed` in its groups."""
        return grouped(typed, *self.groups)

    def missing(self, typed: str) -> int:
        """Return how many places are still empty."""
        return self.length - len(typed)


PHONE = PadField(PHONE_LENGTH, (3, 4, 4))
SMS_CODE = PadField(SMS_CODE_LENGTH, (3, 3))
CITIZEN_NUMBER = PadField(CITIZEN_NUMBER_LENGTH, (6, 8, 4), x_last=True)
DAY = PadField(_DAY_LENGTH, (4, 2, 2))
"""A day as year, month, day."""
