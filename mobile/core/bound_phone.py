"""A phone that may show the card's code, as its holder sees it in a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_instant


class PhoneState(StrEnum):
    """Whether the phone may speak for the card; a state this app does not know is `OTHER`."""

    BOUND = "BOUND"
    AWAITING_VERIFICATION = "AWAITING_VERIFICATION"
    UNBOUND = "UNBOUND"
    OTHER = "OTHER"

    @classmethod
    def of_wire(cls, value: str) -> "PhoneState":
        """Return the state of that name."""
        return cls(value) if value in cls.__members__ else cls.OTHER


@dataclass(frozen=True, slots=True)
class BoundPhone:
    """A phone by its `serial` on the card; `certified_until` is when its last certificate ends."""

    serial: int
    name: str
    state: PhoneState
    enrolled_at: datetime
    certified_until: datetime | None
    unbound_at: datetime | None
    is_this: bool

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a phone; raises KeyError, TypeError or ValueError for what is none."""
        certified, unbound = wire["certifiedUntil"], wire["unboundAt"]
        return cls(
            serial=wire["serial"],
            name=wire["name"],
            state=PhoneState.of_wire(wire["state"]),
            enrolled_at=read_instant(wire["enrolledAt"]),
            certified_until=read_instant(certified) if certified else None,
            unbound_at=read_instant(unbound) if unbound else None,
            is_this=bool(wire["isThis"]),
        )
