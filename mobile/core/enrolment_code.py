"""The enrolment code 激活码: ten digits from a service outlet that bind one phone, once."""

LENGTH = 10
_HALF = LENGTH // 2


def digits_of(text: str) -> str:
    """Return the first ten digits in `text`, whatever stands between them."""
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())[:LENGTH]


def is_complete(digits: str) -> bool:
    """Tell whether `digits` can be sent."""
    return len(digits) == LENGTH


def halves(digits: str) -> tuple[str, str]:
    """Return the two groups of five in which people read a code aloud."""
    return digits[:_HALF], digits[_HALF:]
