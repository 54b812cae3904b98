"""The account one is paid to 收款账户, as the phone sees it: never the whole number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant
from shared.localized_text import LocalizedText

BANKS = {
    "icbc": LocalizedText("中国工商银行", "ICBC"),
    "abc": LocalizedText("中国农业银行", "Agricultural Bank of China"),
    "boc": LocalizedText("中国银行", "Bank of China"),
    "ccb": LocalizedText("中国建设银行", "China Construction Bank"),
    "bocom": LocalizedText("交通银行", "Bank of Communications"),
    "psbc": LocalizedText("中国邮政储蓄银行", "Postal Savings Bank of China"),
    "rcb": LocalizedText("农村商业银行", "Rural commercial bank"),
}
"""Whose accounts stand on social security cards; an account elsewhere is named at an outlet."""
LEAST_DIGITS, MOST_DIGITS = 10, 30


@dataclass(frozen=True, slots=True)
class Payee:
    """An account; it counts from `starts_at`."""

    bank: str
    tail: str
    starts_at: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(str(wire["bank"]), str(wire["tail"]), read_instant(wire["startsAt"]))


@dataclass(frozen=True, slots=True)
class PayoutAccount:
    """The account payments go to, and the change that is held; both may be missing."""

    present: Payee | None
    held: Payee | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read it; raises KeyError, TypeError or ValueError for what is none."""
        present, held = wire["present"], wire["held"]
        return cls(
            Payee.of_wire(present) if present else None, Payee.of_wire(held) if held else None
        )

    def at(self, now: datetime) -> "PayoutAccount":
        """Return it as it stands now: what was held long enough counts."""
        ripe = self.held is not None and self.held.starts_at <= now
        return PayoutAccount(self.held, None) if ripe else self
