"""What the resident is asked to agree to, and the receipts of what they agreed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose that a separate consent 单独同意 is asked for, as explained now."""

    code: str
    version: int
    title: LocalizedText
    necessity: LocalizedText
    impact: LocalizedText
    fields: tuple[LocalizedText, ...]
    recipient: LocalizedText
    lasting_days: int
    consented: bool

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a purpose; raises KeyError or TypeError when a field is missing."""
        return cls(
            code=wire["code"],
            version=wire["version"],
            title=read_text(wire["title"]),
            necessity=read_text(wire["necessity"]),
            impact=read_text(wire["impact"]),
            fields=tuple(map(read_text, wire["fields"])),
            recipient=read_text(wire["recipient"]["name"]),
            lasting_days=wire["lastingDays"],
            consented=bool(wire["consented"]),
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """A consent as it was given; `withdrawn_at` None while it was not taken back."""

    identifier: str
    purpose: str
    title: LocalizedText
    given_at: datetime
    until: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a receipt; raises KeyError, TypeError or ValueError for what is none."""
        withdrawn = wire["withdrawnAt"]
        return cls(
            identifier=wire["id"],
            purpose=wire["purpose"],
            title=read_text(wire["title"]),
            given_at=read_instant(wire["givenAt"]),
            until=read_instant(wire["until"]),
            withdrawn_at=read_instant(withdrawn) if withdrawn else None,
        )
