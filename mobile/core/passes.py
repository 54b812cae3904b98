"""Passes 通票 and what can be taken, as their holder reads them and as the phone keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from shared.admission.circumstances import DayRange
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

KINDS = frozenset({"SINGLE", "USES", "PERIOD", "BUNDLE"})
DAYS_AHEAD = 90
"""For how many days from today a ticket of one day can be had."""


class PassState(StrEnum):
    """A pass's life; a state this app does not know is `OTHER`."""

    NOT_YET = "NOT_YET"
    VALID = "VALID"
    USED_UP = "USED_UP"
    EXPIRED = "EXPIRED"
    REFUNDED = "REFUNDED"
    REVOKED = "REVOKED"
    OTHER = "OTHER"

    @classmethod
    def of_wire(cls, value: str) -> "PassState":
        """Return the state of that name."""
        return cls(value) if value in cls.__members__ else cls.OTHER


USABLE = frozenset({PassState.VALID, PassState.NOT_YET})


@dataclass(frozen=True, slots=True)
class Place:
    """A venue by its name."""

    number: int
    name: LocalizedText

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read it; raises KeyError or TypeError when a field is missing."""
        return cls(wire["number"], read_text(wire["name"]))

    def to_wire(self) -> dict[str, Any]:
        """Return it as `of_wire` reads it."""
        return {"number": self.number, "name": write_text(self.name)}


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass; `left` and `uses` None without limit, `offered_until` while it is handed on."""

    identifier: str
    kind: str
    name: LocalizedText
    state: PassState
    places: tuple[Place, ...]
    days: DayRange
    blackouts: tuple[DayRange, ...]
    uses: int | None
    left: int | None
    used: int
    over: int
    personal: bool
    quantity: int
    paid_fen: int
    refund_until: date | None
    offered_until: datetime | None
    product: str = ""

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a pass; raises KeyError, TypeError or ValueError for what is none.

        A list that an older app kept does not know what product it is.
        """
        refund, offered = wire["refundUntil"], wire["offeredUntil"]
        return cls(
            identifier=wire["id"],
            kind=_kind(wire),
            name=read_text(wire["name"]),
            state=PassState.of_wire(wire["state"]),
            places=tuple(map(Place.of_wire, wire["goodAt"])),
            days=read_days(wire["days"]),
            blackouts=tuple(map(read_days, wire["blackouts"])),
            uses=wire["uses"],
            left=wire["left"],
            used=wire["used"],
            over=wire["over"],
            personal=wire["personal"],
            quantity=wire["quantity"],
            paid_fen=wire["paidFen"],
            refund_until=date.fromisoformat(refund) if refund else None,
            offered_until=read_instant(offered) if offered else None,
            product=wire.get("product", ""),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the pass as `of_wire` reads it."""
        return {
            "id": self.identifier,
            "product": self.product,
            "kind": self.kind,
            "name": write_text(self.name),
            "state": self.state.value,
            "goodAt": [place.to_wire() for place in self.places],
            "days": self.days.to_wire(),
            "blackouts": [days.to_wire() for days in self.blackouts],
            "uses": self.uses,
            "left": self.left,
            "used": self.used,
            "over": self.over,
            "personal": self.personal,
            "quantity": self.quantity,
            "paidFen": self.paid_fen,
            "refundUntil": self.refund_until.isoformat() if self.refund_until else None,
            "offeredUntil": self.offered_until.isoformat() if self.offered_until else None,
        }

    def state_at(self, now: datetime) -> PassState:
        """Return the state, minding what time has made of it since it was read."""
        if self.state not in USABLE:
            return self.state
        today = local_day(now)
        if today < self.days.first:
            return PassState.NOT_YET
        return PassState.VALID if self.days.covers(today) else PassState.EXPIRED

    def is_usable(self, now: datetime) -> bool:
        """Tell whether its holder has still something of it."""
        return self.state_at(now) in USABLE

    def rests_on(self, day: date) -> DayRange | None:
        """Return the black-out days that `day` is one of, None where it is good."""
        return next((days for days in self.blackouts if days.covers(day)), None)

    def is_offered(self, now: datetime) -> bool:
        """Tell whether it is being handed on."""
        return self.offered_until is not None and now < self.offered_until

    def can_be_refunded(self, now: datetime) -> bool:
        """Tell whether it can be given back in the app: unused, in time, and nothing was paid."""
        in_time = self.refund_until is not None and local_day(now) <= self.refund_until
        return self.is_usable(now) and in_time and not (self.used or self.over or self.paid_fen)

    def can_be_handed_on(self, now: datetime) -> bool:
        """Tell whether somebody else can have it."""
        return self.is_usable(now) and not self.personal


@dataclass(frozen=True, slots=True)
class PassesSeen:
    """The passes as the server told them at `seen_at`."""

    passes: tuple[Pass, ...]
    seen_at: datetime

    def with_pass(self, held: Pass) -> "PassesSeen":
        """Return these with `held` as it is now."""
        others = (one for one in self.passes if one.identifier != held.identifier)
        return PassesSeen((held, *others), self.seen_at)

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(tuple(map(Pass.of_wire, wire["passes"])), read_instant(wire["seenAt"]))

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "passes": [one.to_wire() for one in self.passes],
            "seenAt": self.seen_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class PassProduct:
    """Something that is given out today; `daily` is good on one day that its taker chooses."""

    code: str
    kind: str
    name: LocalizedText
    places: tuple[Place, ...]
    uses: int | None
    valid_days: int | None
    season: DayRange | None
    blackouts: tuple[DayRange, ...]
    daily: bool
    per_holder: int
    refund_days: int | None
    personal: bool

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a product; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            code=wire["code"],
            kind=_kind(wire),
            name=read_text(wire["name"]),
            places=tuple(map(Place.of_wire, wire["goodAt"])),
            uses=wire["uses"],
            valid_days=wire["validDays"],
            season=read_days(wire["season"]) if wire["season"] else None,
            blackouts=tuple(map(read_days, wire["blackouts"])),
            daily=wire["daily"],
            per_holder=wire["perHolder"],
            refund_days=wire["refundDays"],
            personal=wire["personal"],
        )

    @property
    def most(self) -> int:
        """How many one person can take at once."""
        return 1 if self.personal else self.per_holder

    def good_days(self, today: date) -> tuple[date, ...]:
        """Return the days that a ticket of one day can be had for."""
        days = (today + timedelta(days=count) for count in range(DAYS_AHEAD + 1))
        return tuple(
            day
            for day in days
            if (self.season is None or self.season.covers(day))
            and not any(closed.covers(day) for closed in self.blackouts)
        )


@dataclass(frozen=True, slots=True)
class PassWish:
    """What is wanted of a product."""

    product: str
    quantity: int = 1
    day: date | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return it as an operation takes it."""
        day = self.day.isoformat() if self.day else None
        return {"product": self.product, "quantity": self.quantity, "day": day}


@dataclass(frozen=True, slots=True)
class PriceLine:
    """The base, or what a rule takes off (below 0)."""

    words: LocalizedText
    fen: int


@dataclass(frozen=True, slots=True)
class PassQuote:
    """What a wish costs the holder now, line by line, as the server reckoned it."""

    lines: tuple[PriceLine, ...]
    total_fen: int

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a quote; raises KeyError or TypeError when a field is missing."""
        lines = tuple(
            PriceLine(read_text(line["words"]), int(line["fen"])) for line in wire["lines"]
        )
        return cls(lines, int(wire["totalFen"]))


@dataclass(frozen=True, slots=True)
class Offered:
    """A pass that is being handed on: whoever sends `invitation` gets it."""

    held: Pass
    invitation: str


def read_days(wire: Mapping[str, Any]) -> DayRange:
    """Read local days; raises KeyError, TypeError or ValueError for what is none."""
    last = wire.get("last")
    return DayRange(date.fromisoformat(wire["first"]), date.fromisoformat(last) if last else None)


def _kind(wire: Mapping[str, Any]) -> str:
    return str(wire["kind"]) if wire["kind"] in KINDS else ""
