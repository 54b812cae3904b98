"""挑战码: what a venue that fears a relayed code shows at the spot, for the visitor to type.

Six digits, new for each visitor. The phone signs them into its next codes, so that a code sent on
by a video call, made before or elsewhere, is refused as `wrong_challenge`.
"""

import secrets

from shared.ecode.layout import CHALLENGE_BYTES

DIGITS = 6
_BELOW = 10**DIGITS


def draw_challenge() -> str:
    """Return the digits of a new challenge."""
    return f"{secrets.randbelow(_BELOW):0{DIGITS}}"


def challenge_bytes(digits: str) -> bytes:
    """Return a challenge as the proof carries it: its number.

    Raises:
        ValueError: not six digits.
    """
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"a challenge has {DIGITS} digits")
    return int(digits).to_bytes(CHALLENGE_BYTES)
