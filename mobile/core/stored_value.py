"""Stored value 储值 of groups of venues, as its holder reads it and as the phone keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from shared.localized_text import LocalizedText

INCOMING = frozenset({"TOP_UP", "GIVE_BACK"})
OUTGOING = frozenset({"SPEND", "REFUND"})
_OPEN, _CLOSED = "OPEN", "CLOSED"


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """What is stored with a group of venues, in fen; a closed group takes nothing any more."""

    group: str
    name: LocalizedText
    is_open: bool
    balance_fen: int
    topped_up_fen: int
    spent_fen: int
    refunded_fen: int

    @property
    def is_usable(self) -> bool:
        """Tell whether its holder has still something of it."""
        return self.is_open or self.balance_fen > 0

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read an account; raises KeyError, TypeError or ValueError for what is none."""
        group = wire["group"]
        return cls(
            group=str(group["code"]),
            name=read_text(group["name"]),
            is_open=group["state"] == _OPEN,
            balance_fen=int(wire["balanceFen"]),
            topped_up_fen=int(wire["toppedUpFen"]),
            spent_fen=int(wire["spentFen"]),
            refunded_fen=int(wire["refundedFen"]),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the account as `of_wire` reads it."""
        return {
            "group": {
                "code": self.group,
                "name": write_text(self.name),
                "state": _OPEN if self.is_open else _CLOSED,
            },
            "balanceFen": self.balance_fen,
            "toppedUpFen": self.topped_up_fen,
            "spentFen": self.spent_fen,
            "refundedFen": self.refunded_fen,
        }


@dataclass(frozen=True, slots=True)
class Movement:
    """A row of the ledger: `after_fen` was the balance then, `booking` what it was paid for."""

    kind: str
    fen: int
    after_fen: int
    at: datetime
    booking: str

    @property
    def signed_fen(self) -> int:
        """How the balance changed."""
        return -self.fen if self.kind in OUTGOING else self.fen

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a row; raises KeyError, TypeError or ValueError for what is none."""
        kind = str(wire["kind"])
        if kind not in INCOMING | OUTGOING:
            raise ValueError(f"{kind!r} says not whether money came or went")
        at = read_instant(wire["at"])
        booking = wire["booking"] or ""
        return cls(kind, int(wire["fen"]), int(wire["afterFen"]), at, str(booking))

    def to_wire(self) -> dict[str, Any]:
        """Return the row as `of_wire` reads it."""
        return {
            "kind": self.kind,
            "fen": self.fen,
            "afterFen": self.after_fen,
            "at": self.at.isoformat(),
            "booking": self.booking or None,
        }


@dataclass(frozen=True, slots=True)
class StoredValueSeen:
    """The accounts as the server told them at `seen_at`; `movements` by group, newest first."""

    accounts: tuple[StoredAccount, ...]
    movements: Mapping[str, tuple[Movement, ...]]
    seen_at: datetime

    def account(self, group: str) -> StoredAccount | None:
        """Return what is stored with a group."""
        return next((one for one in self.accounts if one.group == group), None)

    def with_account(self, account: StoredAccount) -> "StoredValueSeen":
        """Return these with `account` as it is now."""
        known = (account if one.group == account.group else one for one in self.accounts)
        return replace(self, accounts=tuple(known))

    def with_movements(self, group: str, rows: tuple[Movement, ...]) -> "StoredValueSeen":
        """Return these with the newest rows of a group."""
        return replace(self, movements={**self.movements, group: rows})

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            tuple(map(StoredAccount.of_wire, wire["accounts"])),
            {
                str(group): tuple(map(Movement.of_wire, rows))
                for group, rows in wire["movements"].items()
            },
            read_instant(wire["seenAt"]),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "accounts": [one.to_wire() for one in self.accounts],
            "movements": {
                group: [one.to_wire() for one in rows] for group, rows in self.movements.items()
            },
            "seenAt": self.seen_at.isoformat(),
        }
