"""A notice 告知书 on how personal data is handled, and which of them were read on this phone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_text, write_text
from shared.localized_text import LocalizedText


class Scene(StrEnum):
    """What a notice stands before, at the first use."""

    SIGN_IN = "SIGN_IN"
    ECARD = "ECARD"


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """One version of a notice; `day` is ISO 8601."""

    code: str
    scene: str
    version: int
    day: str
    title: LocalizedText
    text: LocalizedText

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a notice; raises KeyError or TypeError when a field is missing."""
        return cls(
            code=wire["code"],
            scene=wire["scene"],
            version=wire["version"],
            day=wire["day"],
            title=read_text(wire["title"]),
            text=read_text(wire["text"]),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the notice as `of_wire` reads it."""
        return {
            "code": self.code,
            "scene": self.scene,
            "version": self.version,
            "day": self.day,
            "title": write_text(self.title),
            "text": write_text(self.text),
        }


@dataclass(frozen=True, slots=True)
class NoticesRead:
    """The present notices as last seen; the versions read here, and those still to be told."""

    present: tuple[PrivacyNotice, ...] | None = None
    read: Mapping[str, int] = field(default_factory=dict)
    untold: Mapping[str, int] = field(default_factory=dict)

    def unread(self, scene: str | None = None) -> tuple[PrivacyNotice, ...]:
        """Return those whose present version was not read here, of one scene or of all."""
        return tuple(
            notice
            for notice in self.present or ()
            if scene in {None, notice.scene} and self.read.get(notice.code) != notice.version
        )

    def with_read(self, notice: PrivacyNotice) -> "NoticesRead":
        """Return this with `notice` read, and still to be told."""
        now = {notice.code: notice.version}
        return replace(self, read={**self.read, **now}, untold={**self.untold, **now})

    def without(self, code: str) -> "NoticesRead":
        """Return this with a notice not read: who signed in was not shown it."""
        return replace(self, read={one: v for one, v in self.read.items() if one != code})

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError or TypeError for anything else."""
        present = tuple(map(PrivacyNotice.of_wire, wire["present"]))
        return cls(present, dict(wire["read"]), dict(wire["untold"]))

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "present": [notice.to_wire() for notice in self.present or ()],
            "read": dict(self.read),
            "untold": dict(self.untold),
        }
