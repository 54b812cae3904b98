"""What closing the account 注销账户 erases and what the law keeps, and a closing under way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """What is not erased, by which law, and until when."""

    what: LocalizedText
    legal_basis: LocalizedText
    until: LocalizedText

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a record; raises KeyError or TypeError when a field is missing."""
        return cls(read_text(wire["what"]), read_text(wire["legalBasis"]), read_text(wire["until"]))


@dataclass(frozen=True, slots=True)
class ClosingRequest:
    """A closing in its cooling-off time 冷静期; it is carried out at `effective_at`."""

    requested_at: datetime
    effective_at: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a request; raises KeyError, TypeError or ValueError for what is none."""
        return cls(read_instant(wire["requestedAt"]), read_instant(wire["effectiveAt"]))


@dataclass(frozen=True, slots=True)
class ClosingTerms:
    """What a closing would do now; `request` is the one under way, if there is one."""

    erased: tuple[LocalizedText, ...]
    kept: tuple[KeptRecord, ...]
    cooling_off_days: int
    request: ClosingRequest | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the terms; raises KeyError, TypeError or ValueError for what is none."""
        request = wire["request"]
        return cls(
            tuple(map(read_text, wire["erased"])),
            tuple(map(KeptRecord.of_wire, wire["kept"])),
            wire["coolingOffDays"],
            ClosingRequest.of_wire(request) if request else None,
        )
