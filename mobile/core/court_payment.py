"""What a court costs, what was paid for it and what came back, as the phone keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from mobile.core.trouble import Trouble
from shared.localized_text import LocalizedText

MOST_KEPT = 50


@dataclass(frozen=True, slots=True)
class CourtReceipt:
    """A receipt; `after_fen` was the balance then."""

    number: str
    fen: int
    after_fen: int
    at: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        at = read_instant(wire["at"])
        return cls(str(wire["number"]), int(wire["fen"]), int(wire["afterFen"]), at)

    def to_wire(self) -> dict[str, Any]:
        """Return it as `of_wire` reads it."""
        at = self.at.isoformat()
        return {"number": self.number, "fen": self.fen, "afterFen": self.after_fen, "at": at}


@dataclass(frozen=True, slots=True)
class CourtPayment:
    """A court's price in fen, as told at `seen_at`; `why_not` says why it cannot be paid.

    `terms` are (minutes before the start, percent that comes back), the earliest first.
    """

    group: str
    name: LocalizedText
    terms: tuple[tuple[int, int], ...]
    place_fen: int
    quantity: int
    balance_fen: int
    paid: CourtReceipt | None
    given_back: CourtReceipt | None
    why_not: Trouble | None
    seen_at: datetime

    @property
    def total_fen(self) -> int:
        """What all places cost."""
        return self.paid.fen if self.paid else self.place_fen * self.quantity

    @property
    def can_be_paid(self) -> bool:
        """Tell whether it can be paid now, as far as is known."""
        return self.paid is None and self.why_not is None

    @property
    def missing_fen(self) -> int:
        """By how much the balance is too little; 0 where it is enough."""
        return 0 if self.paid else max(0, self.total_fen - self.balance_fen)

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any], seen_at: datetime) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        group = wire["group"]
        terms = ((int(one["minutesBefore"]), int(one["percent"])) for one in group["cancelTerms"])
        return cls(
            group=str(group["code"]),
            name=read_text(group["name"]),
            terms=tuple(sorted(terms, reverse=True)),
            place_fen=int(wire["placeFen"]),
            quantity=int(wire["quantity"]),
            balance_fen=int(wire["balanceFen"]),
            paid=_receipt(wire["paid"]),
            given_back=_receipt(wire["givenBack"]),
            why_not=Trouble.of_wire(wire["whyNot"]) if wire["whyNot"] else None,
            seen_at=seen_at,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return it as `of_wire` reads it, beside when it was seen."""
        why = self.why_not
        return {
            "group": {
                "code": self.group,
                "name": write_text(self.name),
                "cancelTerms": [
                    {"minutesBefore": minutes, "percent": percent}
                    for minutes, percent in self.terms
                ],
            },
            "placeFen": self.place_fen,
            "quantity": self.quantity,
            "balanceFen": self.balance_fen,
            "paid": self.paid.to_wire() if self.paid else None,
            "givenBack": self.given_back.to_wire() if self.given_back else None,
            "whyNot": why
            and {
                "code": why.code,
                "text": write_text(why.text),
                "nextStep": write_text(why.next_step),
            },
            "seenAt": self.seen_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class PaymentsSeen:
    """The payments that were looked at, by booking, those of last first."""

    payments: Mapping[str, CourtPayment]

    def with_payment(self, booking: str, payment: CourtPayment) -> "PaymentsSeen":
        """Return these with what was told of a booking now."""
        others = {one: seen for one, seen in self.payments.items() if one != booking}
        kept = list({booking: payment, **others}.items())[:MOST_KEPT]
        return PaymentsSeen(dict(kept))

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            {
                str(booking): CourtPayment.of_wire(one, read_instant(one["seenAt"]))
                for booking, one in wire["payments"].items()
            }
        )

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {"payments": {booking: one.to_wire() for booking, one in self.payments.items()}}


def _receipt(wire: Mapping[str, Any] | None) -> CourtReceipt | None:
    return CourtReceipt.of_wire(wire) if wire else None
