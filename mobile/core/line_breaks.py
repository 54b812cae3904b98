"""Breaking Chinese and mixed text into lines.

Between hanzi a line may end anywhere, except that no line begins with a closing mark or ends with
an opening one (避头尾, GB/T 15834). Latin words, numbers and days stay whole while they fit.
"""

import re
from collections.abc import Callable, Iterator

_CLOSING = "，。、；：！？）》」』”’…·%％,.;:!?)"
_OPENING = "（《「『“‘¥("
_BALANCE_STEP = 4.0
_AFTER_COLON = re.compile(r"：|:\s")
_DAY = r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?|周[一二三四五六日]"
_UNIT = re.compile(rf"\s+|{_DAY}|[^\s\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]+|.", re.DOTALL)


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Return `text` with a newline wherever a line of `width` is full.

    `measure` tells the width of a string. What fits on no line is left to be broken anywhere.
    """
    return "\n".join(
        line for paragraph in text.split("\n") for line in _lines(paragraph, width, measure)
    )


def balance_lines(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Return `text` broken into as few lines as `width` allows, of about equal length.

    For headings, which look lost when their last line is a single character. A colon ends a line
    where that takes no further one: what follows it is not torn apart.
    """
    broken = break_lines(text, width, measure)
    count = broken.count("\n")
    colon = _AFTER_COLON.search(text) if count else None
    if colon is not None:
        head, rest = text[: colon.end()].rstrip(), text[colon.end() :]
        parts = [balance_lines(rest, width, measure)] if rest else []
        apart = "\n".join([break_lines(head, width, measure), *parts])
        if apart.count("\n") == count:
            return apart
    narrow, wide = 0.0, width
    while count and wide - narrow > _BALANCE_STEP:
        middle = (narrow + wide) / 2
        attempt = break_lines(text, middle, measure)
        if attempt.count("\n") > count:
            narrow = middle
        else:
            wide, broken = middle, attempt
    return broken


def _lines(paragraph: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    if measure(paragraph.rstrip()) <= width:
        yield paragraph.rstrip()  # most are short: measured once, not at each end of a word
        return
    line = ""
    for unit in _units(paragraph):
        if line and measure((line + unit).rstrip()) > width:
            yield line.rstrip()
            line = unit.lstrip()
        else:
            line += unit
    yield line.rstrip()


def _units(paragraph: str) -> Iterator[str]:
    """Yield the pieces between which a line may end."""
    pending = ""
    for piece in _UNIT.findall(paragraph):
        if pending and piece[0] not in _CLOSING and pending[-1] not in _OPENING:
            yield pending
            pending = ""
        pending += piece
    if pending:
        yield pending
