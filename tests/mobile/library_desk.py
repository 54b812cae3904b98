"""The part of the card office that is a library network, for one reader.

Written from the contract alone; the key of a request is checked before any rule.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from shared.clock import LOCAL_ZONE, Clock
from tests.mobile.booking_desk import Wire, both


@dataclass
class LibraryDesk:
    """Tells an account, renews and cancels."""

    clock: Clock
    loans: list[Wire] = field(default_factory=list)
    holds: list[Wire] = field(default_factory=list)
    fines: list[Wire] = field(default_factory=list)
    blocked: Wire | None = None
    refuse: Wire | None = None
    keys: list[str] = field(default_factory=list)
    answers: dict[str, Wire] = field(default_factory=dict)

    def lend(self, name: str, days: int = 8) -> Wire:
        """Lend a book that is due in so many days."""
        today = self.clock.now().astimezone(LOCAL_ZONE).date()
        loan = {
            "id": f"loan_{len(self.loans)}",
            "name": name,
            "state": "OPEN",
            "lentIn": "GZ",
            "lastDay": (today + timedelta(days=days)).isoformat(),
            "renewals": 0,
        }
        self.loans.append(loan)
        return loan

    def hold(self, name: str, ahead: int = 2, **changes: Any) -> Wire:
        """Let the reader wait for a title."""
        hold = {
            "id": f"hold_{len(self.holds)}",
            "name": name,
            "pickup": "YD",
            "state": "WAITING",
            "ahead": ahead,
            "shelfUntil": None,
            **changes,
        }
        self.holds.append(hold)
        return hold

    def owe(self, loan: Wire, fen: int) -> None:
        """Let a loan cost something."""
        at = self.clock.now().isoformat()
        fine = {"id": f"fine_{len(self.fines)}", "loan": loan["id"], "kind": "OVERDUE"}
        self.fines.append({**fine, "fen": fen, "paidFen": 0, "at": at})

    def resolvers(self) -> dict[str, Callable[..., Any]]:
        """Return what answers the fields about the library."""
        return {
            "libraryAccount": lambda _info: self._account(),
            "libraries": lambda _info: [
                {"code": "GZ", "name": both("赣州市图书馆")},
                {"code": "YD", "name": both("于都县图书馆")},
            ],
            "libraryTerms": lambda _info: {"renewals": 1},
            "renewLibraryLoan": self._once(self._renew),
            "cancelLibraryHold": self._once(self._cancel),
        }

    def _account(self) -> Wire:
        return {
            "__typename": "LibraryAccount",
            "number": "GZ-1" if self.loans else None,
            "limit": 2,
            "owedFen": sum(one["fen"] for one in self.fines),
            "depositFen": 0,
            "blocked": self.blocked,
            "loans": self.loans,
            "holds": [one for one in self.holds if one["state"] != "CANCELLED"],
            "fines": self.fines,
            "history": [],
        }

    def _once(self, act: Callable[[Wire], Wire]) -> Callable[..., Wire]:
        def resolve(_info: object, **given: Any) -> Wire:
            key = given["input"]["idempotencyKey"]
            self.keys.append(key)
            if key not in self.answers:
                self.answers[key] = self.refuse or act(given["input"])
            return self.answers[key]

        return resolve

    def _renew(self, given: Wire) -> Wire:
        loan = next(one for one in self.loans if one["id"] == given["loan"])
        last = date.fromisoformat(loan["lastDay"]) + timedelta(days=30)
        loan.update(lastDay=last.isoformat(), renewals=loan["renewals"] + 1)
        return self._changed("LibraryLoanChanged", "loan", loan)

    def _cancel(self, given: Wire) -> Wire:
        hold = next(one for one in self.holds if one["id"] == given["hold"])
        hold["state"] = "CANCELLED"
        return self._changed("LibraryHoldChanged", "hold", hold)

    def _changed(self, typename: str, what: str, wire: Wire) -> Wire:
        # What the app does not ask for in its list is in the answer of an act all the same.
        more = {"barcode": "b", "title": "t", "placedAt": None, "endedAt": None, "why": None}
        more["lentAt"] = more["placedAt"] = self.clock.now().isoformat()
        now = self.clock.now().isoformat()
        return {"__typename": typename, what: {**more, **wire}, "serverTime": now}
