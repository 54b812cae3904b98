"""Notices and purposes as data files: each names its version and date, and a hash pins its words.

Whoever changes the words must give the file a new version, a new date and a new hash: people
acknowledged and agreed to the words that stood there. A file whose hash differs stops the start.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from backend.foundation.audit import Organisation
from backend.rights.rules import Notice, Purpose, Scene, digest_of
from backend.settings import StartRefused
from shared.localized_text import LocalizedText

NOTICES = Path(__file__).with_name("notices")
PURPOSES = Path(__file__).with_name("purposes")
_HASH = "sha256"
Text = TypeVar("Text")


@dataclass(frozen=True, slots=True)
class RightsTexts:
    """The present version of every notice and every purpose, by their codes."""

    notices: Mapping[str, Notice]
    purposes: Mapping[str, Purpose]


def read_texts(notices: Path = NOTICES, purposes: Path = PURPOSES) -> RightsTexts:
    """Read the data files.

    Raises:
        StartRefused: one is not as its hash says, or lacks something.
    """
    return RightsTexts(_read(notices, _notice), _read(purposes, _purpose))


def _read(folder: Path, make: Callable[[Mapping[str, Any], str], Text]) -> dict[str, Text]:
    found = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            digest = values.pop(_HASH)
            if digest != digest_of(values) or values["code"] != path.stem:
                raise _wrong(path.name, digest_of(values))
            found[path.stem] = make(values, digest)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError):
            raise _wrong(path.name, "-") from None
    return found


def _notice(values: Mapping[str, Any], digest: str) -> Notice:
    return Notice(
        code=values["code"],
        scene=Scene(values["scene"]),
        version=values["version"],
        day=values["date"],
        title=LocalizedText(**values["title"]),
        text=LocalizedText(**{name: text.strip() for name, text in values["text"].items()}),
        digest=digest,
    )


def _purpose(values: Mapping[str, Any], digest: str) -> Purpose:
    recipient = values["recipient"]
    return Purpose(
        code=values["code"],
        version=values["version"],
        day=values["date"],
        title=LocalizedText(**values["title"]),
        necessity=LocalizedText(**values["necessity"]),
        impact=LocalizedText(**values["impact"]),
        fields=tuple(LocalizedText(**field) for field in values["fields"]),
        recipient=Organisation(recipient["code"], LocalizedText(recipient["zh"], recipient["en"])),
        lasting=timedelta(days=values["days"]),
        digest=digest,
    )


def _wrong(name: str, digest: str) -> StartRefused:
    return StartRefused(
        LocalizedText(
            f"告知文本 {name} 与其 sha256 不符或不完整（内容的 sha256：{digest}）。"
            "修改文本须同时更新 version、date 和 sha256。",
            f"The text {name} is not what its sha256 says, or not whole (its content's: {digest}). "
            "With new words, give it a new version, date and sha256.",
        )
    )
