"""Electronic licences 电子证照 as they were told, and what desks ask to see of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText

ASKED, GRANTED, EXPIRED, VALID = "ASKED", "GRANTED", "EXPIRED", "VALID"
STATES = frozenset({ASKED, GRANTED, EXPIRED, "REFUSED", "WITHDRAWN", "USED"})
STATUSES = frozenset({VALID, "NOT_YET", EXPIRED, "REVOKED"})


@dataclass(frozen=True, slots=True)
class Licence:
    """One of the holder's own; the phone keeps nothing of it."""

    name: LocalizedText
    issuer: LocalizedText
    status: str
    valid_from: date
    valid_until: date | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        until = wire["validUntil"]
        return cls(
            read_text(wire["name"]),
            read_text(wire["issuer"]),
            _one_of(STATUSES, wire["status"]),
            date.fromisoformat(wire["validFrom"]),
            None if until is None else date.fromisoformat(until),
        )


@dataclass(frozen=True, slots=True)
class OwnLicences:
    """What the registry said at `asked_at`."""

    asked_at: datetime
    licences: tuple[Licence, ...]

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read them; raises KeyError, TypeError or ValueError for what is none."""
        return cls(read_instant(wire["askedAt"]), tuple(map(Licence.of_wire, wire["licences"])))


@dataclass(frozen=True, slots=True)
class LicenceRequest:
    """A desk's request; all its `licences` are granted, or none.

    `until` ends the time to decide, and of what was granted once it was.
    """

    identifier: str
    desk: LocalizedText
    licences: tuple[LocalizedText, ...]
    purpose: str
    state: str
    asked_at: datetime
    until: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            str(wire["id"]),
            read_text(wire["desk"]),
            tuple(map(read_text, wire["licences"])),
            str(wire["purpose"]),
            _one_of(STATES, wire["state"]),
            read_instant(wire["askedAt"]),
            read_instant(wire["until"]),
        )

    def standing(self, now: datetime) -> str:
        """Return how it stands at a moment: what is open ends by the clock."""
        return EXPIRED if self.state in {ASKED, GRANTED} and now >= self.until else self.state


def _one_of(known: frozenset[str], value: str) -> str:
    if value not in known:
        raise ValueError(value)
    return value
