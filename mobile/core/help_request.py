"""Calls for help 求助 as the phone knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText

TOPICS = {"SHOW_CODE": "CARD_SHOW", "BOOK": "BOOK", "PASSES": "BOOK", "TALK": ""}
"""With what help can be asked for, and the scope the helper needs for it."""


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """A call for help as one side sees it."""

    identifier: str
    mandate: str
    other_name: str
    topic: str
    words: LocalizedText
    asked_at: datetime
    until: datetime
    answered_at: datetime | None
    withdrawn_at: datetime | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        answered, withdrawn = wire["answeredAt"], wire["withdrawnAt"]
        return cls(
            identifier=wire["id"],
            mandate=wire["mandate"],
            other_name=wire["otherName"] or "",
            topic=wire["topic"],
            words=read_text(wire["words"]),
            asked_at=read_instant(wire["askedAt"]),
            until=read_instant(wire["until"]),
            answered_at=read_instant(answered) if answered else None,
            withdrawn_at=read_instant(withdrawn) if withdrawn else None,
        )

    def stands(self, now: datetime) -> bool:
        """Tell whether it has neither been taken back nor expired."""
        return self.withdrawn_at is None and now < self.until
