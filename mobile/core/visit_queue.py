"""A place in the queue of a hospital's department 排队号, as its holder sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_instant


class QueueState(StrEnum):
    """What became of a place; a state this app does not know is `OTHER`."""

    WAITING = "WAITING"  # 候诊中
    CALLED = "CALLED"  # 已叫号
    MISSED = "MISSED"  # 过号
    SEEN = "SEEN"  # 已就诊
    LEFT = "LEFT"  # 已离队
    OTHER = "OTHER"

    @classmethod
    def of_wire(cls, value: str) -> "QueueState":
        """Return the state of that name."""
        return cls(value) if value in cls.__members__ else cls.OTHER


GOES_ON = frozenset({QueueState.WAITING, QueueState.CALLED, QueueState.MISSED})
"""In these it may change any moment."""


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """A number and how many are called before it, as the server told it at `seen_at`.

    `desk` is where it was called to, `late` that they came after their slot or missed a call.
    """

    number: int
    state: QueueState
    ahead: int | None
    desk: str
    late: bool
    seen_at: datetime | None = None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a place; raises KeyError, TypeError or ValueError for what is none."""
        seen = wire.get("seenAt")
        return cls(
            number=wire["number"],
            state=QueueState.of_wire(wire["state"]),
            ahead=wire["ahead"],
            desk=wire["desk"] or "",
            late=wire["late"],
            seen_at=read_instant(seen) if seen else None,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the place as `of_wire` reads it."""
        return {
            "number": self.number,
            "state": self.state.value,
            "ahead": self.ahead,
            "desk": self.desk,
            "late": self.late,
            "seenAt": self.seen_at.isoformat() if self.seen_at else None,
        }
