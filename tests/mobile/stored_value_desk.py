"""The part of the card office that keeps stored value, for one resident.

Written from the contract alone; the key of a request is checked before any rule.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.clock import Clock
from tests.mobile.booking_desk import Wire, both, refused

_SIGNS = {"TOP_UP": 1, "SPEND": -1, "GIVE_BACK": 1, "REFUND": -1}
_SUMS = {
    "TOP_UP": ("toppedUpFen", 1),
    "SPEND": ("spentFen", 1),
    "GIVE_BACK": ("spentFen", -1),
    "REFUND": ("refundedFen", 1),
}


@dataclass
class StoredValueDesk:
    """Tells accounts with their movements, and refunds."""

    clock: Clock
    accounts: dict[str, Wire] = field(default_factory=dict)
    entries: dict[str, list[Wire]] = field(default_factory=dict)
    refuse: Wire | None = None
    courts: dict[str, Wire] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    answers: dict[str, Wire] = field(default_factory=dict)

    def open(self, code: str, name: str) -> None:
        """Open an account with a group of venues."""
        group = {"code": code, "name": both(name), "venues": [1], "prices": [], "cancelTerms": []}
        sums = dict.fromkeys(("balanceFen", "toppedUpFen", "spentFen", "refundedFen"), 0)
        self.accounts[code] = {"group": {**group, "state": "OPEN"}, **sums}
        self.entries[code] = []

    def post(self, code: str, kind: str, fen: int) -> None:
        """Write a row, and what it changes."""
        account = self.accounts[code]
        account["balanceFen"] += _SIGNS[kind] * fen
        named, sign = _SUMS[kind]
        account[named] += sign * fen
        row = {"kind": kind, "fen": fen, "afterFen": account["balanceFen"]}
        at = self.clock.now().isoformat()
        self.entries[code].insert(0, {**row, "at": at, "venue": None, "booking": None})

    def resolvers(self) -> dict[str, Callable[..., Any]]:
        """Return what answers the fields about stored value."""
        return {
            "storedValue": lambda _info: {
                "__typename": "StoredValueList",
                "accounts": list(self.accounts.values()),
            },
            "storedValueEntries": lambda _info, group, first: {
                "__typename": "StoredValueEntryList",
                "entries": self.entries[group][:first],
            },
            "refundStoredValue": self._refund,
            "courtPayment": lambda _info, booking: self._court(booking),
            "payBooking": self._pay,
        }

    def _refund(self, _info: object, **given: Any) -> Wire:
        wish = given["input"]
        self.keys.append(wish["idempotencyKey"])
        if wish["idempotencyKey"] not in self.answers:
            self.answers[wish["idempotencyKey"]] = self.refuse or self._paid_out(wish["group"])
        return self.answers[wish["idempotencyKey"]]

    def _paid_out(self, code: str) -> Wire:
        self.post(code, "REFUND", self.accounts[code]["balanceFen"])
        now = self.clock.now().isoformat()
        account = dict(self.accounts[code])
        return {"__typename": "StoredValueChanged", "account": account, "serverTime": now}

    def price(self, booking: str, code: str, fen: int, quantity: int) -> None:
        """Say what a booking costs."""
        fixed = {"group": code, "placeFen": fen, "quantity": quantity}
        self.courts[booking] = {**fixed, "paid": None, "givenBack": None}

    def give_back(self, booking: str) -> None:
        """Pay a court back whose venue called it off."""
        court = self.courts[booking]
        court["givenBack"] = self._posted(court, "GIVE_BACK", booking)

    def _posted(self, court: Wire, kind: str, booking: str) -> Wire:
        fen = court["placeFen"] * court["quantity"]
        self.post(court["group"], kind, fen)
        row = self.entries[court["group"]][0]
        row["booking"] = booking
        return {"number": f"sve_{kind}", "fen": fen, "afterFen": row["afterFen"], "at": row["at"]}

    def _court(self, booking: str) -> Wire:
        court = self.courts[booking]
        account = self.accounts[court["group"]]
        short = account["balanceFen"] < court["placeFen"] * court["quantity"]
        why = refused("stored_value_too_little", "余额不足。", "请到柜台充值。")
        return {
            "__typename": "CourtPayment",
            **court,
            "group": {
                **account["group"],
                "cancelTerms": [{"minutesBefore": 1440, "percent": 100}],
            },
            "balanceFen": account["balanceFen"],
            "whyNot": why if short and court["paid"] is None else None,
        }

    def _pay(self, _info: object, **given: Any) -> Wire:
        wish = given["input"]
        self.keys.append(wish["idempotencyKey"])
        if wish["idempotencyKey"] not in self.answers:
            court = self.courts[wish["booking"]]
            assert court["paid"] is None, "paid twice"
            court["paid"] = self._posted(court, "SPEND", wish["booking"])
            account = dict(self.accounts[wish["group"]])
            now = self.clock.now().isoformat()
            self.answers[wish["idempotencyKey"]] = {
                "__typename": "StoredValueChanged",
                "account": account,
                "serverTime": now,
            }
        return self.answers[wish["idempotencyKey"]]
