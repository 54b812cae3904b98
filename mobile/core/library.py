"""What somebody has of the libraries 我的借阅, as they read it and as the phone keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from mobile.core.trouble import Trouble
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

DUE_SOON_DAYS = 3


class HoldState(StrEnum):
    """A hold's life; a state this app does not know is `OTHER`."""

    WAITING = "WAITING"
    ASSIGNED = "ASSIGNED"
    READY = "READY"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    OTHER = "OTHER"

    @classmethod
    def of_wire(cls, value: str) -> "HoldState":
        """Return the state of that name."""
        return cls(value) if value in cls.__members__ else cls.OTHER


OPEN_HOLDS = frozenset({HoldState.WAITING, HoldState.ASSIGNED, HoldState.READY, HoldState.OTHER})
LOAN_OPEN = "OPEN"


@dataclass(frozen=True, slots=True)
class Loan:
    """A book that is out; it may be returned on its last day. `lent_in` is a library's code."""

    identifier: str
    name: str
    lent_in: str
    last_day: date
    renewals: int
    is_open: bool = True

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a loan; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            identifier=str(wire["id"]),
            name=str(wire["name"]),
            lent_in=str(wire["lentIn"]),
            last_day=date.fromisoformat(wire["lastDay"]),
            renewals=int(wire["renewals"]),
            is_open=wire["state"] == LOAN_OPEN,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the loan as `of_wire` reads it."""
        return {
            "id": self.identifier,
            "name": self.name,
            "lentIn": self.lent_in,
            "lastDay": self.last_day.isoformat(),
            "renewals": self.renewals,
            "state": LOAN_OPEN if self.is_open else "RETURNED",
        }

    def days_left(self, now: datetime) -> int:
        """Return how many days after today are left; below zero it is overdue."""
        return (self.last_day - local_day(now)).days


@dataclass(frozen=True, slots=True)
class Hold:
    """A title somebody waits for: `ahead` so many before them, kept for them `shelf_until`."""

    identifier: str
    name: str
    pickup: str
    state: HoldState
    ahead: int
    shelf_until: datetime | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a hold; raises KeyError, TypeError or ValueError for what is none."""
        until = wire["shelfUntil"]
        return cls(
            identifier=str(wire["id"]),
            name=str(wire["name"]),
            pickup=str(wire["pickup"]),
            state=HoldState.of_wire(wire["state"]),
            ahead=int(wire["ahead"]),
            shelf_until=read_instant(until) if until else None,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the hold as `of_wire` reads it."""
        return {
            "id": self.identifier,
            "name": self.name,
            "pickup": self.pickup,
            "state": self.state.value,
            "ahead": self.ahead,
            "shelfUntil": self.shelf_until.isoformat() if self.shelf_until else None,
        }


@dataclass(frozen=True, slots=True)
class Fine:
    """What is owed for a loan: the book's name, or "" where the phone does not know it."""

    identifier: str
    name: str
    kind: str
    fen: int
    paid_fen: int

    @property
    def owed_fen(self) -> int:
        """What is left to pay."""
        return self.fen - self.paid_fen

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any], names: Mapping[str, str]) -> Self:
        """Read a fine by the names of loans; raises KeyError, TypeError or ValueError."""
        name = wire["name"] if "name" in wire else names.get(str(wire["loan"]), "")
        return cls(str(wire["id"]), name, str(wire["kind"]), int(wire["fen"]), int(wire["paidFen"]))

    def to_wire(self) -> dict[str, Any]:
        """Return the fine as `of_wire` reads it."""
        return {
            "id": self.identifier,
            "name": self.name,
            "kind": self.kind,
            "fen": self.fen,
            "paidFen": self.paid_fen,
        }


@dataclass(frozen=True, slots=True)
class ShelfSeen:
    """A reader's account as the server told it at `seen_at`; no number before the first loan.

    `blocked` says why nothing is lent, `libraries` names them by their codes, `may_renew` is how
    often a loan can be renewed.
    """

    number: str
    limit: int
    owed_fen: int
    deposit_fen: int
    blocked: Trouble | None
    loans: tuple[Loan, ...]
    holds: tuple[Hold, ...]
    fines: tuple[Fine, ...]
    libraries: Mapping[str, LocalizedText]
    may_renew: int
    seen_at: datetime

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing out, waited for or owed."""
        return not (self.loans or self.holds or self.fines)

    @property
    def first_due(self) -> Loan | None:
        """The loan that is to be returned first."""
        return min(self.loans, key=lambda one: one.last_day, default=None)

    def with_loan(self, loan: Loan) -> "ShelfSeen":
        """Return this with `loan` as it is now."""
        loans = tuple(loan if one.identifier == loan.identifier else one for one in self.loans)
        return replace(self, loans=tuple(one for one in loans if one.is_open))

    def with_hold(self, hold: Hold) -> "ShelfSeen":
        """Return this with `hold` as it is now."""
        holds = tuple(hold if one.identifier == hold.identifier else one for one in self.holds)
        return replace(self, holds=tuple(one for one in holds if one.state in OPEN_HOLDS))

    @classmethod
    def of_answer(cls, wire: Mapping[str, Any], answer: Mapping[str, Any], now: datetime) -> Self:
        """Read the account `wire` of a whole `answer`; raises KeyError, TypeError, ValueError."""
        return cls.of_wire(
            {
                **wire,
                "libraries": answer["libraries"],
                "mayRenew": answer["libraryTerms"]["renewals"],
                "seenAt": now.isoformat(),
            }
        )

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        books = (*wire["loans"], *wire.get("history", ()))
        names = {str(one["id"]): str(one["name"]) for one in books}
        return cls(
            number=wire["number"] or "",
            limit=int(wire["limit"]),
            owed_fen=int(wire["owedFen"]),
            deposit_fen=int(wire["depositFen"]),
            blocked=Trouble.of_wire(wire["blocked"]) if wire["blocked"] else None,
            loans=tuple(map(Loan.of_wire, wire["loans"])),
            holds=tuple(map(Hold.of_wire, wire["holds"])),
            fines=tuple(Fine.of_wire(one, names) for one in wire["fines"]),
            libraries={str(one["code"]): read_text(one["name"]) for one in wire["libraries"]},
            may_renew=int(wire["mayRenew"]),
            seen_at=read_instant(wire["seenAt"]),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        why = self.blocked
        return {
            "number": self.number,
            "limit": self.limit,
            "owedFen": self.owed_fen,
            "depositFen": self.deposit_fen,
            "blocked": {
                "code": why.code,
                "text": write_text(why.text),
                "nextStep": write_text(why.next_step),
            }
            if why
            else None,
            "loans": [one.to_wire() for one in self.loans],
            "holds": [one.to_wire() for one in self.holds],
            "fines": [one.to_wire() for one in self.fines],
            "libraries": [
                {"code": code, "name": write_text(name)} for code, name in self.libraries.items()
            ],
            "mayRenew": self.may_renew,
            "seenAt": self.seen_at.isoformat(),
        }
