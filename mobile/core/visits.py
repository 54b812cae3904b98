"""Where the card was shown, as its holder reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from shared.localized_text import LocalizedText

ADMITTED = frozenset({"ADMIT", "ADMITTED", "LOOK"})


@dataclass(frozen=True, slots=True)
class Visit:
    """One scan at a lane; `reason` is there when it was refused."""

    identifier: str
    at: datetime
    venue: LocalizedText
    lane: LocalizedText
    medium: str
    verdict: str
    reason: LocalizedText | None

    @property
    def admitted(self) -> bool:
        """Tell whether the gate opened."""
        return self.verdict in ADMITTED

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a visit; raises KeyError, TypeError or ValueError for what is not one."""
        reason = wire.get("reason")
        return cls(
            identifier=wire["id"],
            at=read_instant(wire["at"]),
            venue=read_text(wire["venueName"]),
            lane=read_text(wire["laneName"]),
            medium=str(wire["medium"]),
            verdict=wire["verdict"],
            reason=read_text(reason) if reason else None,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the visit as `of_wire` reads it."""
        return {
            "id": self.identifier,
            "at": self.at.isoformat(),
            "venueName": write_text(self.venue),
            "laneName": write_text(self.lane),
            "medium": self.medium,
            "verdict": self.verdict,
            "reason": write_text(self.reason) if self.reason else None,
        }
