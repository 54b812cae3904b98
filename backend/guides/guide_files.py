"""Guides as departments write them down: a TOML file, a table for each item."""

import tomllib
from pathlib import Path
from typing import Any

from backend.foundation.refusals import Refusal, refusal
from backend.guides.rules import LAST_OUTLET, Guide, Step, is_outlet
from shared.localized_text import LocalizedText

GUIDE_FILE = refusal(
    "guide_file",
    ("读不懂这个指南文件。", "The file of guides cannot be read."),
    (
        "请对照 backend/guides/ganzhou.toml 的写法。",
        "Write it as backend/guides/ganzhou.toml is written.",
    ),
)
GUIDE_FILE_LARGE = refusal(
    "guide_file_large",
    ("指南文件超过1MB。", "The file of guides is larger than 1 MB."),
    ("请分成几个文件发布。", "Publish it as several files."),
)
GUIDE_FILE_ENCODING = refusal(
    "guide_file_encoding",
    ("指南文件不是UTF-8编码。", "The file of guides is not in UTF-8."),
    ("请在编辑器里另存为UTF-8编码（不要用GBK）。", "Save it as UTF-8 in your editor, not as GBK."),
)
DEMO_FILE = Path(__file__).with_name("ganzhou.toml")
MOST_BYTES = 1_000_000
_LONGEST_NAME = 60


def read_guides(path: Path) -> list[Guide] | Refusal:
    """Return the guides in a file, in its order, or why it is none."""
    try:
        with path.open("rb") as file:
            written = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        return GUIDE_FILE
    if len(written) > MOST_BYTES:
        return GUIDE_FILE_LARGE
    try:
        # Editors of some systems put a byte order mark before what they save as UTF-8.
        tables = tomllib.loads(written.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return GUIDE_FILE_ENCODING
    except (ValueError, RecursionError):
        return GUIDE_FILE
    usual = tables.pop("outlets", [])
    guides = []
    for item, table in tables.items():
        try:
            guides.append(_guide(item, table, usual))
        except (ValueError, KeyError, TypeError):
            return _wrong_in(item)
    return guides


def _wrong_in(item: str) -> Refusal:
    """Return that the table of an item is not written as a guide is."""
    name = item[:_LONGEST_NAME] if item.isprintable() else "?"
    return refusal(
        GUIDE_FILE.code,
        (
            f"读不懂这个指南文件里的“{name}”。",
            f'What the file of guides says of "{name}" cannot be read.',
        ),
        (
            f"请对照 backend/guides/ganzhou.toml 的写法；网点编号是1至{LAST_OUTLET}的整数。",
            "Write it as backend/guides/ganzhou.toml is written; the numbers of outlets are whole, "
            f"from 1 to {LAST_OUTLET}.",
        ),
    )


def _guide(item: str, table: Any, usual: Any) -> Guide:
    """Return the guide of an item; raises ValueError, KeyError or TypeError where it is none."""
    outlets = table.get("outlets", []) if isinstance(table, dict) else None
    return Guide(
        item=item,
        title=_text(table["title"]),
        who=_text(table["who"]),
        bring=_text(table["bring"]),
        cost=_text(table["cost"]),
        takes=_text(table["takes"]),
        steps=tuple(map(_step, _listed(table["steps"]))),
        outlets=tuple(map(_outlet, _listed(usual if outlets is True else outlets))),
    )


def _text(words: Any) -> LocalizedText:
    zh, en = _listed(words)
    return LocalizedText(_word(zh), _word(en))


def _step(written: Any) -> Step:
    icon, *words = _listed(written)
    return Step(_text(words), _word(icon))


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _outlet(value: Any) -> int:
    if type(value) is not int or not is_outlet(value):
        raise ValueError("no number of an outlet")
    return value
