"""What an entry is counted on: the two questions that readers' areas ask of bookings and passes.

They stand this low because those who ask and those who answer are areas beside or above one
another. An entitlement is named by its reference: the id of a booking or of a pass.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from backend.foundation.mongo import Session
from backend.foundation.store_changes import Position
from shared.admission.circumstances import HeldBooking, HeldPass


class EntryFlag(StrEnum):
    """What was odd about an entry that is counted all the same: it has happened."""

    ENTITLEMENT_UNKNOWN = "entitlement_unknown"  # no booking or pass of that reference
    OVER_USED = "over_used"  # more came in than it was for
    ENDED_BEFORE = "ended_before"  # cancelled or revoked before they came in
    REFUNDED = "refunded"  # given back as unused, before or after they came in
    OUT_OF_DATE = "out_of_date"  # on a day it was not good for
    ENDED_AFTER = "ended_after"  # cancelled after they came in, before that was known


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
class Entry:
    """One scan's entry of `persons` on the entitlement `reference`; nobody: it is taken back."""

    reference: str
    scan_id: str
    persons: int
    at: datetime


@dataclass(frozen=True, slots=True)
class EntryTerms:
    """For how many persons an entitlement was, None without limit, when, and since when no more.

    `refunded` tells that it was given back as unused.
    """

    persons: int | None
    good_at: Callable[[datetime], bool]
    ended_at: datetime | None = None
    refunded: bool = False


@runtime_checkable
class BulkEntryCounter(Protocol):
    """A counter that takes a whole batch in a few round trips."""

    async def count_all(
        self, session: Session, entries: Sequence[Entry]
    ) -> Mapping[Entry, frozenset[EntryFlag]]:
        """Count entries as `count` does; those of another kind are not in the answer.

        `OVER_USED` tells that more than it was for came in by now, whoever was too many.
        """
        ...


@runtime_checkable
class TermsTeller(Protocol):
    """A counter that tells the terms by which the conflict report judges all entries together."""

    async def terms(self, session: Session, references: Iterable[str]) -> Mapping[str, EntryTerms]:
        """Return the terms of those entitlements that are of this kind and known."""
        ...


def odd_entries(
    entries: Iterable[Entry], terms: EntryTerms | None
) -> dict[str, frozenset[EntryFlag]]:
    """Tell by scan id what is odd of all the entries on one entitlement.

    They are taken in the order in which they happened, not in which they were reported: whoever
    came in when it was used up came in too many, whichever gate reported first.
    """
    odd: dict[str, frozenset[EntryFlag]] = {}
    inside = 0
    for entry in sorted(entries, key=lambda one: (one.at, one.scan_id)):
        if not entry.persons:
            continue
        inside += entry.persons
        odd[entry.scan_id] = (
            frozenset({EntryFlag.ENTITLEMENT_UNKNOWN})
            if terms is None
            else frozenset(_odd(entry.at, inside, terms))
        )
    return odd


def _odd(at: datetime, inside: int, terms: EntryTerms) -> Iterable[EntryFlag]:
    if terms.persons is not None and inside > terms.persons:
        yield EntryFlag.OVER_USED
    if terms.refunded:
        yield EntryFlag.REFUNDED
    elif terms.ended_at is not None:
        yield EntryFlag.ENDED_BEFORE if terms.ended_at <= at else EntryFlag.ENDED_AFTER
    if not terms.good_at(at):
        yield EntryFlag.OUT_OF_DATE


@dataclass(frozen=True, slots=True)
class CardEntitlements:
    """What somebody has at a venue; `card_index` is None while no card of theirs is valid."""

    card_index: int | None
    bookings: tuple[HeldBooking, ...] = ()
    passes: tuple[HeldPass, ...] = ()
    resident_id: str = ""

    def references(self) -> Iterable[str]:
        """Return the ids of all of it."""
        yield from (one.booking_id for one in self.bookings)
        yield from (one.pass_id for one in self.passes)


@dataclass(frozen=True, slots=True)
class Touched:
    """What of a venue's offline set may not be as it was: all of it, or what these hold.

    `references` name bookings or passes that may have had another holder before.
    """

    all_of_it: bool = False
    residents: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()
    cards: frozenset[int] = frozenset()


ALL_OF_IT = Touched(all_of_it=True)
Positions = tuple[Position, ...]


class TouchTeller(Protocol):
    """Tells what changed since a set was made, of all that somebody derived it from."""

    async def positions(self) -> Positions:
        """Return where the store's log is now: everything acknowledged lies before that."""
        ...

    async def touched(self, venue: int, before: Positions, now: Positions) -> Touched:
        """Return what was touched at `venue` between two positions, rather too much than less."""
        ...


class Entitlements(Protocol):
    """Tells what is held at a venue, for a reader that decides without a network."""

    def of_venue(
        self,
        venue: int,
        from_: datetime,
        until: datetime,
        residents: Collection[str] | None = None,
    ) -> AsyncIterator[CardEntitlements]:
        """Yield holder by holder what is good at `venue` at some time from `from_` to `until`.

        With `residents`, only what these hold, at the cost of their rows.
        """
        ...

    def beside(
        self, venue: int, holder_field: str, from_: datetime, until: datetime
    ) -> Mapping[str, Any]:
        """Return the stage of an aggregation that puts beside a row what its holder has.

        That is what the resident in `holder_field` has at `venue` at some time from `from_` to
        `until`. It costs a few rows of theirs, whatever the venue's size.
        """
        ...

    async def held_in(self, venue: int, row: Mapping[str, Any]) -> CardEntitlements:
        """Return what `beside` put into a row; `card_index` is None."""
        ...


class WatchedEntitlements(Entitlements, TouchTeller, Protocol):
    """Entitlements that tell what of them changed."""
