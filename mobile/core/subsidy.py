"""Subsidies 惠民补贴 as their recipient reads them, and as the phone keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from shared.localized_text import LocalizedText


class SubsidyState(StrEnum):
    """How a payment stands; a state this app does not know is `OTHER`."""

    APPROVED = "APPROVED"
    SENT = "SENT"
    PAID = "PAID"
    FAILED = "FAILED"
    RETURNED = "RETURNED"
    OTHER = "OTHER"

    @classmethod
    def of_wire(cls, value: str) -> "SubsidyState":
        """Return the state of that name."""
        return cls(value) if value in cls.__members__ else cls.OTHER


UNPAID = frozenset({SubsidyState.FAILED, SubsidyState.RETURNED})


@dataclass(frozen=True, slots=True)
class LatestSubsidy:
    """What the start screen tells of the newest payment."""

    policy: LocalizedText
    period: LocalizedText
    amount_fen: int
    state: SubsidyState

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            read_text(wire["policy"]),
            read_text(wire["period"]),
            int(wire["amountFen"]),
            SubsidyState.of_wire(wire["state"]),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return it as `of_wire` reads it."""
        return {
            "policy": write_text(self.policy),
            "period": write_text(self.period),
            "amountFen": self.amount_fen,
            "state": self.state.value,
        }


@dataclass(frozen=True, slots=True)
class Subsidy:
    """A payment; `tail` are the last digits of the account it went to.

    `reason` and `what_to_do` where it did not arrive; `correct_account`: naming another account to
    be paid to is what helps.
    """

    identifier: str
    latest: LatestSubsidy
    payer: LocalizedText
    bank: LocalizedText
    tail: str
    changed_at: datetime
    reason: LocalizedText | None
    what_to_do: LocalizedText | None
    correct_account: bool

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a payment; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            identifier=str(wire["id"]),
            latest=LatestSubsidy.of_wire(wire),
            payer=read_text(wire["payer"]),
            bank=read_text(wire["bank"]),
            tail=str(wire["tail"]),
            changed_at=read_instant(wire["changedAt"]),
            reason=_text(wire["reason"]),
            what_to_do=_text(wire["whatToDo"]),
            correct_account=bool(wire["correctAccount"]),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the payment as `of_wire` reads it."""
        return {
            "id": self.identifier,
            **self.latest.to_wire(),
            "payer": write_text(self.payer),
            "bank": write_text(self.bank),
            "tail": self.tail,
            "changedAt": self.changed_at.isoformat(),
            "reason": write_text(self.reason) if self.reason else None,
            "whatToDo": write_text(self.what_to_do) if self.what_to_do else None,
            "correctAccount": self.correct_account,
        }


@dataclass(frozen=True, slots=True)
class SubsidiesSeen:
    """The newest payments as the server told them at `seen_at`; `following` is where older go on.

    `following` is empty where there are none.
    """

    payments: tuple[Subsidy, ...]
    following: str
    seen_at: datetime

    @classmethod
    def of_page(cls, wire: Mapping[str, Any], seen_at: datetime) -> Self:
        """Read a page of the server's; raises KeyError, TypeError or ValueError for none."""
        info = wire["pageInfo"]
        following = str(info["endCursor"] or "") if info["hasNextPage"] else ""
        return cls(tuple(map(Subsidy.of_wire, wire["nodes"])), following, seen_at)

    def with_page(self, page: "SubsidiesSeen") -> "SubsidiesSeen":
        """Return these and the older ones of the next page, as old as these."""
        known = {one.identifier for one in self.payments}
        older = tuple(one for one in page.payments if one.identifier not in known)
        return SubsidiesSeen((*self.payments, *older), page.following, self.seen_at)

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        payments = tuple(map(Subsidy.of_wire, wire["payments"]))
        return cls(payments, str(wire["following"]), read_instant(wire["seenAt"]))

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "payments": [one.to_wire() for one in self.payments],
            "following": self.following,
            "seenAt": self.seen_at.isoformat(),
        }


def _text(wire: Mapping[str, str] | None) -> LocalizedText | None:
    return None if wire is None else read_text(wire)
