"""What other authorities hold of a person 档案, as it was told; the phone keeps nothing of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText

KINDS: Mapping[str, tuple[str, str]] = {
    "health": ("HealthRecord", "MEDICAL_VIEW"),
    "student": ("StudentRecord", "STUDENT_VIEW"),
    "care": ("CarePlan", "BENEFIT_VIEW"),
}
"""Each kind's operation, and the scope that lets a delegate 代办人 look it up."""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One thing a record says, and when."""

    name: LocalizedText
    value: LocalizedText
    day: date | None


@dataclass(frozen=True, slots=True)
class RecordSection:
    """Lines under a heading."""

    title: LocalizedText
    lines: tuple[RecordLine, ...]


@dataclass(frozen=True, slots=True)
class OfficialRecord:
    """A record as its authority told it at `asked_at`; without sections it holds none."""

    source: LocalizedText
    asked_at: datetime
    sections: tuple[RecordSection, ...]

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a record; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            read_text(wire["source"]),
            read_instant(wire["askedAt"]),
            tuple(
                RecordSection(read_text(one["title"]), tuple(map(_line, one["lines"])))
                for one in wire["sections"]
            ),
        )


def _line(wire: Mapping[str, Any]) -> RecordLine:
    day = wire["day"]
    return RecordLine(
        read_text(wire["name"]),
        read_text(wire["value"]),
        None if day is None else date.fromisoformat(day),
    )
