"""Guides as departments write them down: a TOML file, a table for each item."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.foundation.refusals import Refusal, refusal
from backend.guides.rules import Guide, Step
from shared.localized_text import LocalizedText

GUIDE_FILE = refusal(
    "guide_file",
    ("读不懂这个指南文件。", "The file of guides cannot be read."),
    (
        "请对照 backend/guides/ganzhou.toml 的写法。",
        "Write it as backend/guides/ganzhou.toml is written.",
    ),
)
DEMO_FILE = Path(__file__).with_name("ganzhou.toml")


def read_guides(path: Path) -> list[Guide] | Refusal:
    """Return the guides in a file, in its order, or that it is none."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        shared_outlets = tables.pop("outlets", [])
        return [_guide(item, table, shared_outlets) for item, table in tables.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return GUIDE_FILE


def _guide(item: str, table: Mapping[str, Any], usual: list[int]) -> Guide:
    outlets = table.get("outlets", [])
    return Guide(
        item=item,
        title=_text(table["title"]),
        who=_text(table["who"]),
        bring=_text(table["bring"]),
        cost=_text(table["cost"]),
        takes=_text(table["takes"]),
        steps=tuple(Step(_text(words), str(icon)) for icon, *words in table["steps"]),
        outlets=tuple(map(int, usual if outlets is True else outlets)),
    )


def _text(words: list[str]) -> LocalizedText:
    zh, en = words
    return LocalizedText(str(zh), str(en))
