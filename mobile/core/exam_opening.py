"""Examinations to register for 报名, as a candidate reads them and as the phone keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from mobile.core.passes import PriceLine
from mobile.core.trouble import Trouble
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class ExamVenue:
    """Where an examination is held, as far as one needs to find it."""

    name: LocalizedText
    address: LocalizedText | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        address = wire["address"]
        return cls(read_text(wire["name"]), read_text(address) if address else None)

    def to_wire(self) -> dict[str, Any]:
        """Return it as `of_wire` reads it."""
        address = write_text(self.address) if self.address else None
        return {"name": write_text(self.name), "address": address}


class Registered(StrEnum):
    """How one's registration stands; a state this app does not know is `OTHER`."""

    REGISTERED = "REGISTERED"
    WITHDRAWN = "WITHDRAWN"
    SEATED = "SEATED"
    OTHER = "OTHER"

    @classmethod
    def of_wire(cls, value: str) -> "Registered":
        """Return the state of that name."""
        return cls(value) if value in cls.__members__ else cls.OTHER


@dataclass(frozen=True, slots=True)
class ExamOpening:
    """A session that one can register for, or did.

    `lines` are the fee: as it was quoted where one is registered, else as it would be now.
    `refused` says why one cannot register, None where one can.
    """

    session: str
    name: LocalizedText
    venue: ExamVenue | None
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    left: int
    youngest: int
    oldest: int | None
    categories: tuple[LocalizedText, ...]
    lines: tuple[PriceLine, ...]
    registered: Registered | None
    refused: Trouble | None

    @property
    def stands(self) -> bool:
        """Whether one is registered and waits for a seat."""
        return self.registered is Registered.REGISTERED

    @property
    def total_fen(self) -> int:
        """What is to be paid."""
        return sum(line.fen for line in self.lines)

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        own, refused, venue = wire["registration"], wire["refused"], wire["venue"]
        registered = Registered.of_wire(own["state"]) if own else None
        quoted = own if own and registered is not Registered.WITHDRAWN else wire
        oldest = wire["oldest"]
        return cls(
            session=str(wire["session"]),
            name=read_text(wire["name"]),
            venue=ExamVenue.of_wire(venue) if venue else None,
            starts_at=read_instant(wire["startsAt"]),
            ends_at=read_instant(wire["endsAt"]),
            opens_at=read_instant(wire["opensAt"]),
            closes_at=read_instant(wire["closesAt"]),
            left=int(wire["left"]),
            youngest=int(wire["youngest"]),
            oldest=None if oldest is None else int(oldest),
            categories=tuple(map(read_text, wire["categories"])),
            lines=tuple(
                PriceLine(read_text(line["words"]), int(line["fen"])) for line in quoted["lines"]
            ),
            registered=registered,
            refused=Trouble.of_wire(refused) if refused else None,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return it as `of_wire` reads it."""
        lines = [{"words": write_text(line.words), "fen": line.fen} for line in self.lines]
        own = {"state": self.registered.value, "lines": lines} if self.registered else None
        refused = self.refused and {
            "code": self.refused.code,
            "text": write_text(self.refused.text),
            "nextStep": write_text(self.refused.next_step),
        }
        return {
            "session": self.session,
            "name": write_text(self.name),
            "venue": self.venue.to_wire() if self.venue else None,
            "startsAt": self.starts_at.isoformat(),
            "endsAt": self.ends_at.isoformat(),
            "opensAt": self.opens_at.isoformat(),
            "closesAt": self.closes_at.isoformat(),
            "left": self.left,
            "youngest": self.youngest,
            "oldest": self.oldest,
            "categories": list(map(write_text, self.categories)),
            "lines": lines,
            "registration": own,
            "refused": refused,
        }
