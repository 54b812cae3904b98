"""An act whose answer is not known yet, as the phone keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from mobile.core.card import read_instant

KEPT = timedelta(days=6)
"""For so long the server surely knows a key again; it keeps answers for a week."""


@dataclass(frozen=True, slots=True)
class PendingAct:
    """A wish that was sent under `key`: under it, it is done once, however often it is sent.

    `subject` names the mandate under which it was sent for another, if it was; `holder` the card,
    or without one who was signed in, whose wish it is: empty where an older app stored it.
    """

    operation: str
    wish: Mapping[str, Any]
    key: str
    since: datetime
    subject: str = ""
    holder: str = ""

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            wire["operation"],
            dict(wire["wish"]),
            str(wire["key"]),
            read_instant(wire["since"]),
            str(wire.get("subject", "")),
            str(wire.get("holder", "")),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "operation": self.operation,
            "wish": dict(self.wish),
            "key": self.key,
            "since": self.since.isoformat(),
            "subject": self.subject,
            "holder": self.holder,
        }

    def is_of(self, operation: str, wish: Mapping[str, Any], subject: str = "") -> bool:
        """Tell whether it is that act, for the same person."""
        same = self.operation == operation and self.subject == subject
        return same and self.wish == wish
