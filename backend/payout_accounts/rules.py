"""When a changed payout account counts, and what can be one; pure.

A change waits for 72 hours, of which the person and all who act for them are told: whoever took a
phone over cannot turn tomorrow's payment to themselves unseen (D22). Meanwhile payments go to the
account before; where there is none, they wait.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.foundation.refusals import Refusal
from backend.payout_accounts import refusals as no

HOLD = timedelta(hours=72)
MOST_BANK = 40
_NUMBER = re.compile(r"[0-9]{10,30}")
_SPACES = re.compile(r"[ -]")


@dataclass(frozen=True, slots=True)
class Payee:
    """An account at a bank, as its holder typed it."""

    bank: str
    number: str = field(repr=False)

    @property
    def tail(self) -> str:
        """The four digits by which its holder knows it."""
        return self.number[-4:]


@dataclass(frozen=True, slots=True)
class Version:
    """One account of a person, and from when it counts; a withdrawn one never does."""

    version_id: str
    starts_at: datetime
    withdrawn: bool = False


def payee_of(bank: str, number: str) -> Payee | Refusal:
    """Return an account as it was typed, or why it can be none."""
    name, digits = bank.strip(), _SPACES.sub("", number)
    fits = 1 <= len(name) <= MOST_BANK and name.isprintable() and not re.search(r"[0-9]{4}", name)
    return Payee(name, digits) if fits and _NUMBER.fullmatch(digits) else no.ACCOUNT_FORM


def in_force(versions: Iterable[Version], now: datetime) -> Version | None:
    """Return what payments go to now; None where they wait."""
    counting = [one for one in versions if not one.withdrawn and one.starts_at <= now]
    return max(counting, key=lambda one: one.starts_at, default=None)


def waiting(versions: Iterable[Version], now: datetime) -> Version | None:
    """Return the change that is held now."""
    return next((one for one in versions if not one.withdrawn and one.starts_at > now), None)
