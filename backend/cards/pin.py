"""The six-digit PIN of a card 社保卡密码: its form and its tries."""

import re
from dataclasses import dataclass, replace

from backend.cards import refusals as no
from backend.figures import CardFigures
from backend.foundation.refusals import Refusal

_FORM = re.compile(r"[0-9]{6}")
_RUN = "01234567890"


@dataclass(frozen=True, slots=True)
class PinTries:
    """Wrong PINs in a row, and how often a locked PIN was unlocked in the card's life."""

    wrong: int = 0
    unlocks: int = 0

    def is_locked(self, figures: CardFigures) -> bool:
        """Tell whether no PIN is looked at any more."""
        return self.wrong >= figures.pin_tries

    def after(self, *, right: bool) -> "PinTries":
        """Return the tries after one more."""
        return replace(self, wrong=0 if right else self.wrong + 1)

    def after_reset(self, figures: CardFigures) -> "PinTries":
        """Return the tries after a reset; only one that unlocks is counted."""
        return PinTries(0, self.unlocks + self.is_locked(figures))


def pin_of(text: str) -> str | Refusal:
    """Return a new PIN; one digit six times, and runs such as 123456 or 654321, are refused."""
    if not _FORM.fullmatch(text) or len(set(text)) == 1:
        return no.PIN_FORM
    return no.PIN_FORM if text in _RUN or text in _RUN[::-1] else text
