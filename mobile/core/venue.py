"""Venues 场馆 as anybody may look them up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from mobile.core.card import read_instant, read_text, write_text
from shared.localized_text import LocalizedText

if TYPE_CHECKING:
    from shared.admission.rules import AdmissionRules

KINDS = frozenset({"LIBRARY", "MUSEUM", "SCENIC_AREA", "SPORTS", "HOSPITAL", "CANTEEN"})
WHEELCHAIR = "WHEELCHAIR"
ACCESSIBILITY = (
    WHEELCHAIR,
    "TOILET",
    "LIFT",
    "PARKING",
    "SIGN_LANGUAGE",
    "TACTILE",
    "WHEELCHAIR_LOAN",
    "HEARING_LOOP",
)
"""What this app has words for; more that a server names is left out."""


_DECIMALS = 3
"""Some hundred metres: enough to say what is near."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place on earth, in degrees."""

    latitude: float
    longitude: float

    def to_wire(self) -> dict[str, float]:
        """Return it no closer than the search needs."""
        return {
            "latitude": round(self.latitude, _DECIMALS),
            "longitude": round(self.longitude, _DECIMALS),
        }


@dataclass(frozen=True, slots=True)
class Opening:
    """One time of being open; nobody is let in from `last_entry` on."""

    start: datetime
    end: datetime
    last_entry: datetime


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue; `distance` in metres where what is near was asked for.

    `openings` and `rules` None where it came from a list, which does not tell them.
    """

    number: int
    name: LocalizedText
    kind: str
    address: LocalizedText | None
    distance: float | None
    accessibility: tuple[str, ...]
    needs_booking: bool
    open_now: bool
    next_opening: datetime | None
    openings: tuple[Opening, ...] | None = None
    accepts_all_regions: bool | None = None
    rules: "AdmissionRules | None" = None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a venue; raises KeyError, TypeError or ValueError for what is none."""
        opens, openings, distance = wire["nextOpening"], wire.get("openings"), wire.get("distance")
        told = frozenset(wire["accessibility"])
        return cls(
            number=wire["number"],
            name=read_text(wire["name"]),
            kind=wire["kind"] if wire["kind"] in KINDS else "",
            address=read_text(wire["address"]) if wire["address"] else None,
            distance=None if distance is None else float(distance),
            accessibility=tuple(fact for fact in ACCESSIBILITY if fact in told),
            needs_booking=wire["needsBooking"],
            open_now=wire["openNow"],
            next_opening=read_instant(opens) if opens else None,
            openings=None if openings is None else tuple(map(_opening, openings)),
            accepts_all_regions=wire.get("acceptsAllRegions"),
            rules=_read_rules(wire.get("admissionRules")),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return what a list tells of it, as `of_wire` reads it.

        Without its distance: from several one could tell where the phone was.
        """
        return {
            "number": self.number,
            "name": write_text(self.name),
            "kind": self.kind,
            "address": write_text(self.address) if self.address else None,
            "accessibility": list(self.accessibility),
            "needsBooking": self.needs_booking,
            "openNow": self.open_now,
            "nextOpening": self.next_opening.isoformat() if self.next_opening else None,
        }


def _opening(wire: Mapping[str, str]) -> Opening:
    return Opening(*(read_instant(wire[name]) for name in ("start", "end", "lastEntry")))


@dataclass(frozen=True, slots=True)
class VenueWish:
    """What is looked for; `near` is where the phone is."""

    text: str = ""
    near: Position | None = None
    open_now: bool = False
    wheelchair: bool = False

    def to_wire(self) -> dict[str, Any]:
        """Return it as the variables of the search."""
        near = self.near
        return {
            "text": self.text.strip() or None,
            "near": near.to_wire() if near else None,
            "openNow": self.open_now,
            "accessibility": [WHEELCHAIR] if self.wheelchair else None,
        }


@dataclass(frozen=True, slots=True)
class VenuePage:
    """A page of venues; `more` is where the next one begins, None at the end."""

    venues: tuple[Venue, ...]
    more: str | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a page; raises KeyError, TypeError or ValueError for what is none."""
        page = wire["pageInfo"]
        more = page["endCursor"] if page["hasNextPage"] else None
        return cls(tuple(map(Venue.of_wire, wire["nodes"])), more)


@dataclass(frozen=True, slots=True)
class VenuesSeen:
    """The venues found last, at `seen_at`."""

    venues: tuple[Venue, ...]
    seen_at: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(tuple(map(Venue.of_wire, wire["venues"])), read_instant(wire["seenAt"]))

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "venues": [venue.to_wire() for venue in self.venues],
            "seenAt": self.seen_at.isoformat(),
        }


def _read_rules(written: str | None) -> "AdmissionRules | None":
    """Return a venue's rules; what reads them is loaded with the first, not before the code."""
    if written is None:
        return None
    from mobile.core.entry import read_rules  # noqa: PLC0415

    return read_rules(written)
