"""The enrolment code 激活码: ten digits from a service outlet that bind one phone, once."""

LENGTH = 10


def digits_of(text: str) -> str:
    """Return the first ten digits in `text`, whatever stands between them."""
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())[:LENGTH]


def is_complete(digits: str) -> bool:
    """Tell whether `digits` can be sent."""
    return len(digits) == LENGTH
