"""Writes the table of the syllables of hanzi that the app's search reads.

pypinyin itself takes a phone 60 MB and a third of a second to load; of its tables the app needs the
readings of the characters of GB 2312, without tones: 30 kB. Run `python -m infra.make_pinyin` after
an update of pypinyin.
"""

from collections import defaultdict
from pathlib import Path

from pypinyin import Style, pinyin

TABLE = Path("mobile/assets/pinyin.txt")


def table() -> str:
    """Return a line for each syllable: its letters, then the characters that are read so."""
    read_so: dict[str, list[str]] = defaultdict(list)
    for hanzi in _gb2312():
        for syllable in pinyin(hanzi, style=Style.NORMAL, heteronym=True)[0]:
            read_so[syllable].append(hanzi)
    return "".join(f"{syllable} {''.join(read_so[syllable])}\n" for syllable in sorted(read_so))


def _gb2312() -> str:
    pairs = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return "".join(pair.decode("gb2312", "ignore") for pair in pairs)


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
    print(TABLE)
