"""记录一生: what the resident did with the card, as the server tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText

CATEGORIES = ("VISIT", "BOOKING", "PASS")


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One thing that was done; `title` says where or what, `detail` how it was."""

    identifier: str
    at: datetime
    category: str
    title: LocalizedText
    detail: LocalizedText

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a row; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            identifier=wire["id"],
            at=read_instant(wire["at"]),
            category=wire["category"],
            title=read_text(wire["title"]),
            detail=read_text(wire["detail"]),
        )


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some rows, newest first; `more` is where the next page begins, None at the end."""

    rows: tuple[TimelineRow, ...]
    more: str | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a page; raises KeyError, TypeError or ValueError for what is none."""
        info = wire["pageInfo"]
        return cls(
            tuple(map(TimelineRow.of_wire, wire["nodes"])),
            info["endCursor"] if info["hasNextPage"] else None,
        )
