"""Visits that wait for a rating 好差评, and the grades one may give."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText

GRADES = (
    "VERY_SATISFIED",
    "SATISFIED",
    "FAIRLY_SATISFIED",
    "DISSATISFIED",
    "VERY_DISSATISFIED",
)
"""As the server names them, the best first."""


@dataclass(frozen=True, slots=True)
class RatableVisit:
    """A visit that may be rated; its identifier is the one it has among one's visits."""

    identifier: str
    venue: LocalizedText
    at: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(str(wire["visit"]), read_text(wire["venueName"]), read_instant(wire["at"]))
