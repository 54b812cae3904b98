"""A mainland mobile number: eleven digits from 13 to 19 (工信部 电信网编号计划)."""

import re

_FORM = re.compile(r"1[3-9][0-9]{9}")
_SEPARATORS = str.maketrans("", "", " -\u00a0\u3000")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋", "0123456789+")
_COUNTRY = ("+86", "0086")


def parse_phone(text: str) -> str | None:
    """Return the eleven digits, None where there are none.

    Spaces, hyphens, full-width digits and the country's code +86 or 0086 are accepted.
    """
    number = text.translate(_FULL_WIDTH).translate(_SEPARATORS)
    for prefix in _COUNTRY:
        number = number.removeprefix(prefix)
    return number if _FORM.fullmatch(number) else None
