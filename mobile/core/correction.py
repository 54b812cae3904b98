"""A request 更正 that a field of one's record be put right, as its owner sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText

FIELDS = ("NAME", "BIRTH", "NUMBER")
STATES = ("SUBMITTED", "ACCEPTED", "DECLINED", "WITHDRAWN")


@dataclass(frozen=True, slots=True)
class Correction:
    """A request; a field or state that this app does not know is `OTHER`."""

    identifier: str
    which: str
    state: str
    submitted_at: datetime
    reason: LocalizedText | None

    @property
    def is_open(self) -> bool:
        """Tell whether it still waits for a decision."""
        return self.state == "SUBMITTED"

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a request; raises KeyError, TypeError or ValueError for what is none."""
        reason = wire["reason"]
        return cls(
            identifier=wire["id"],
            which=wire["field"] if wire["field"] in FIELDS else "OTHER",
            state=wire["state"] if wire["state"] in STATES else "OTHER",
            submitted_at=read_instant(wire["submittedAt"]),
            reason=read_text(reason) if reason else None,
        )
