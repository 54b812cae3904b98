"""How hanzi are read, as letters without tones: what people type on a keyboard of letters."""

from collections import defaultdict
from functools import cache
from importlib.resources import files

_TABLE = "pinyin.txt"
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("v", "u"))


@cache
def syllables(hanzi: str) -> frozenset[str]:
    """Return each way to read one character; what is no character of the table stands for itself.

    >>> sorted(syllables("行"))
    ['hang', 'heng', 'xing']
    """
    return _readings().get(hanzi) or frozenset({hanzi.casefold()})


def alike(one: str, other: str) -> bool:
    """Tell whether two characters sound alike, also to those who say zh as z, ng as n or n as l."""
    return one == other or not _sounds(one).isdisjoint(_sounds(other))


def carelessly(spelled: str) -> str:
    """Return pinyin as those write it who say zh as z and ng as n, with u for ü."""
    for careful, careless in _CONFUSED:
        spelled = spelled.replace(careful, careless)
    return spelled


@cache
def _sounds(hanzi: str) -> frozenset[str]:
    return frozenset(map(_plain, syllables(hanzi)))


def _plain(syllable: str) -> str:
    plain = carelessly(syllable)
    return f"l{plain[1:]}" if plain.startswith("n") and len(plain) > 1 else plain


@cache
def _readings() -> dict[str, frozenset[str]]:
    table = (files("mobile") / "assets" / _TABLE).read_text("utf-8")
    found: dict[str, set[str]] = defaultdict(set)
    for line in table.splitlines():
        syllable, _, characters = line.partition(" ")
        for hanzi in characters:
            found[hanzi].add(syllable)
    return {hanzi: frozenset(readings) for hanzi, readings in found.items()}
