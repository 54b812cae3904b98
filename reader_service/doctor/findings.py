"""What an examination finds: one sentence and, unless all is well, what to do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reader_service.settings import LaneSettings, Settings
from reader_service.sync.terminal import Terminal
from shared.clock import Clock
from shared.localized_text import LocalizedText


class Level(StrEnum):
    """How bad it is: a `fault` keeps people out or loses something, a `remark` will some day."""

    FINE = "fine"
    REMARK = "remark"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to; `check` names it for machines."""

    check: str
    level: Level
    text: LocalizedText
    next_step: LocalizedText | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "check": self.check,
            "level": self.level.value,
            "text": _words(self.text),
            "next_step": self.next_step and _words(self.next_step),
        }


@dataclass(frozen=True, slots=True)
class Patient:
    """The reader that is examined; `terminal` is None where it is not enrolled."""

    settings: Settings
    lanes: tuple[LaneSettings, ...]
    terminal: Terminal | None
    clock: Clock


Check = Callable[[Patient], Iterable[Finding]]


def fine(check: str, zh: str, en: str) -> Finding:
    """Return that all is well."""
    return Finding(check, Level.FINE, LocalizedText(zh, en))


def remark(check: str, text: tuple[str, str], next_step: tuple[str, str]) -> Finding:
    """Return what should be seen to."""
    return Finding(check, Level.REMARK, LocalizedText(*text), LocalizedText(*next_step))


def fault(check: str, text: tuple[str, str], next_step: tuple[str, str]) -> Finding:
    """Return what is broken."""
    return Finding(check, Level.FAULT, LocalizedText(*text), LocalizedText(*next_step))


def _words(text: LocalizedText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
