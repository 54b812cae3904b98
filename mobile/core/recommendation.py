"""Recommendations 推荐 of venues as the phone keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class RecommendedVenue:
    """A venue and why it is recommended."""

    number: int
    name: LocalizedText
    why: LocalizedText

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        venue = wire["venue"]
        return cls(int(venue["number"]), read_text(venue["name"]), read_text(wire["why"]))

    def to_wire(self) -> dict[str, Any]:
        """Return it as `of_wire` reads it."""
        venue = {"number": self.number, "name": write_text(self.name)}
        return {"venue": venue, "why": write_text(self.why)}


@dataclass(frozen=True, slots=True)
class RecommendationsSeen:
    """How the switch stood at `seen_at`, what the list rests on, and the list."""

    personalised: bool
    basis: str
    venues: tuple[RecommendedVenue, ...]
    seen_at: datetime

    @classmethod
    def told(cls, wire: Mapping[str, Any], seen_at: datetime) -> Self:
        """Read an answer; raises KeyError, TypeError or ValueError for what is none."""
        venues = tuple(map(RecommendedVenue.of_wire, wire["nodes"]))
        return cls(bool(wire["personalised"]), str(wire["basis"]), venues, seen_at)

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls.told(wire, read_instant(wire["seenAt"]))

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "personalised": self.personalised,
            "basis": self.basis,
            "nodes": [one.to_wire() for one in self.venues],
            "seenAt": self.seen_at.isoformat(),
        }
