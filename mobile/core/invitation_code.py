"""An invitation 代办邀请 as a QR code, shown face to face: its digits behind a mark, no more."""

from mobile.core.mandate import INVITATION_DIGITS

_MARK = "86010138"
"""Tells an invitation from any other code of digits; 20 in all still fit the smallest symbol."""


def code_of(digits: str) -> str:
    """Return what the QR code of an invitation holds; nothing for no digits."""
    return _MARK + digits if digits else ""


def digits_in(code: str) -> str | None:
    """Return the digits of the invitation that a code is; None where it is another code."""
    digits = code.removeprefix(_MARK)
    marked = code.startswith(_MARK) and len(digits) == INVITATION_DIGITS
    return digits if marked and digits.isascii() and digits.isdecimal() else None
