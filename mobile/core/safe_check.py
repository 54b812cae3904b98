"""每日报平安 as the phone knows it: by which minute of the local day, and whom to tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant

HOURS = (8, 9, 10, 12, 18, 20)
"""What is offered; the city takes any minute between six and twenty-two."""
MOST_CONTACTS = 3
CONTACT_SCOPE = "NOTICE_COPY"
"""What a mandate must allow so that its delegate is told."""


@dataclass(frozen=True, slots=True)
class SafeContact:
    """Whom to tell, by the mandate; `heard`: they get notices still."""

    mandate: str
    name: str
    heard: bool


@dataclass(frozen=True, slots=True)
class SafeCheck:
    """How it stands; `missed_at` since when nothing was heard."""

    minute: int
    contacts: tuple[SafeContact, ...]
    due_at: datetime
    checked_at: datetime | None
    missed_at: datetime | None

    @property
    def hour(self) -> str:
        """Return 10:00."""
        return f"{self.minute // 60}:{self.minute % 60:02}"

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            int(wire["minute"]),
            tuple(
                SafeContact(str(one["mandate"]), str(one["maskedName"] or ""), bool(one["heard"]))
                for one in wire["contacts"]
            ),
            read_instant(wire["dueAt"]),
            _instant(wire["checkedAt"]),
            _instant(wire["missedAt"]),
        )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)
