"""What is shown of personal information by default; the one place that decides it.

A mask keeps enough for its owner to recognise it and too little for anybody else. Masking happens
where data leaves the system, never in a client.
"""

import re
import unicodedata
from datetime import date

_STAR = "*"
_HIDDEN_MIDDLE = "**"  # one width for all long names, so that the mask does not tell the length

# 复姓 in present use, two characters each; a given name of one character is then hidden whole.
_COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳司马上官诸葛司徒司空夏侯皇甫尉迟公孙慕容令狐宇文长孙东方端木百里呼延"
        "南宫独孤轩辕澹台申屠太史公冶濮阳淳于单于钟离闻人鲜于万俟赫连拓跋第五西门",
    )
)


def mask_name(name: str) -> str:
    """Mask a name: 王明 → 王*, 王小明 → 王*明, 欧阳小明 → 欧阳*明, longer → first**last.

    Every name, also of one character or none, comes out with a star in it.
    """
    characters = _characters(name)
    if len(characters) <= 1:
        return _STAR
    surname = 2 if "".join(characters[:2]) in _COMPOUND_SURNAMES and len(characters) < 5 else 1
    given = len(characters) - surname
    if given == 0:
        return characters[0] + _STAR
    shown = "".join(characters[:surname])
    if given == 1:
        return shown + _STAR
    return shown + (_STAR if given == 2 else _HIDDEN_MIDDLE) + characters[-1]


def mask_id_number(number: str) -> str:
    """Mask a citizen number to 3301**********1234; anything of another length to stars alone."""
    value = number.strip()
    if len(value) != 18:
        return _STAR * len(value)
    return value[:4] + _STAR * 10 + value[-4:]


def mask_phone(number: str) -> str:
    """Mask a mobile number to 138****5678; anything of another length keeps its last two."""
    value = number.strip()
    if len(value) == 11:
        return value[:3] + _STAR * 4 + value[-4:]
    return _STAR * (len(value) - 2) + value[-2:] if len(value) > 4 else _STAR * len(value)


def mask_birth(birth: date) -> str:
    """Mask a birth date to its year: 1988-**-**."""
    return f"{birth.year:04}-**-**"


def card_tail(number: str) -> str:
    """Return what may be shown of a card or account number: its last four (尾号)."""
    value = number.strip()
    return value[-4:] if len(value) > 4 else _STAR * len(value)


def _characters(text: str) -> list[str]:
    """Split a name into what a reader sees as its characters.

    Spaces and the dots of long names go, else 王 明 would keep both its characters. Combining marks
    and the variation selectors of rare hanzi stay with the sign they follow.
    """
    characters: list[str] = []
    for sign in text:
        category = unicodedata.category(sign)
        if category[0] == "M" and characters:
            characters[-1] += sign
        elif category[0] not in "PZ" and category not in {"Cc", "Cf"}:
            characters.append(sign)
    return characters
