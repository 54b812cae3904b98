"""The carrier: bytes as decimal digits, for QR's numeric mode.

Digits survive every decoder and every keyboard layout that a scanner in keyboard mode types
through. Seven bytes become 17 digits, a shorter rest fewer; each group has exactly one writing.
"""

from shared.ecode.layout import Malformed

_GROUP_BYTES = 7
_DIGITS = {7: 17, 6: 15, 5: 13, 4: 10, 3: 8, 2: 5, 1: 3}
_BYTES = {digits: count for count, digits in _DIGITS.items()}
_GROUP_DIGITS = _DIGITS[_GROUP_BYTES]

MIN_LENGTH = 467
MAX_LENGTH = 469


def to_digits(raw: bytes) -> str:
    """Return the digits of `raw`; 467 for a code with an Ed25519 device key, 469 otherwise."""
    groups = (raw[start : start + _GROUP_BYTES] for start in range(0, len(raw), _GROUP_BYTES))
    return "".join(f"{int.from_bytes(group):0{_DIGITS[len(group)]}}" for group in groups)


def from_digits(text: str) -> bytes:
    """Return the bytes of `text`.

    Raises:
        Malformed: a character that is not an ASCII digit (`foreign`), a group that no bytes have,
            a rest of impossible length.
    """
    if not (text.isascii() and text.isdigit()):
        raise Malformed("not a number", foreign=True)
    whole = len(text) - len(text) % _GROUP_DIGITS
    rest = _BYTES.get(len(text) - whole) if len(text) > whole else 0
    if rest is None:
        raise Malformed("a digit group of impossible length")
    try:
        groups = [
            int(text[start : start + _GROUP_DIGITS]).to_bytes(_GROUP_BYTES)
            for start in range(0, whole, _GROUP_DIGITS)
        ]
        return b"".join(groups) + (int(text[whole:]).to_bytes(rest) if rest else b"")
    except OverflowError as error:
        raise Malformed("a digit group out of range") from error
