"""What an entry is counted on: the two questions that readers' areas ask of bookings and passes.

They stand this low because those who ask and those who answer are areas beside or above one
another. An entitlement is named by its reference: the id of a booking or of a pass.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from backend.foundation.mongo import Session
from shared.admission.circumstances import HeldBooking, HeldPass


class EntryFlag(StrEnum):
    """What was odd about an entry that is counted all the same: it has happened."""

    ENTITLEMENT_UNKNOWN = "entitlement_unknown"  # no booking or pass of that reference
    OVER_USED = "over_used"  # more came in than it was for
    ENDED_BEFORE = "ended_before"  # cancelled or revoked before they came in
    REFUNDED = "refunded"  # given back as unused, before or after they came in
    OUT_OF_DATE = "out_of_date"  # on a day it was not good for


class EntryCounter(Protocol):
    """Counts entries that lanes reported; one for each kind of entitlement."""

    async def count(
        self, session: Session, reference: str, persons: int, at: datetime, scan_id: str
    ) -> frozenset[EntryFlag] | None:
        """Count an entry of `persons` in the transaction of `session`, and tell what is odd of it.

        Once per `scan_id`: repeated, nothing is counted and the flags are those of the first time.
        What is left never falls below zero; what goes beyond is recorded and flagged.

        Args:
            session: the transaction in which the scan is booked.
            reference: what the lane's decision counted the entry on.
            persons: how many came in; 0 takes back what the scan counted (annulled).
            at: when they came in, as the lane reported it.
            scan_id: which scan.

        Returns:
            None where the reference is not of this counter's kind.
        """
        ...


@dataclass(frozen=True, slots=True)
class CardEntitlements:
    """What the holder of one card has at a venue."""

    card_index: int
    bookings: tuple[HeldBooking, ...] = ()
    passes: tuple[HeldPass, ...] = ()


class Entitlements(Protocol):
    """Tells what is held at a venue, for a reader that decides without a network."""

    def of_venue(
        self, venue: int, from_: datetime, until: datetime
    ) -> AsyncIterator[CardEntitlements]:
        """Yield card by card what is good at `venue` at some time from `from_` to `until`."""
        ...
