"""What the venues' sets were made of, kept from one making to the next.

A set of some ten thousand bookings is read whole once in an hour; between, only what was touched is
read again. It is lost with the process and with the salt: then it is read whole.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.foundation.entitlements import CardEntitlements, Positions
from backend.manifests.card_records import CardRecords
from backend.manifests.rules import Changes
from shared.wire.offline_set import Holdings, RecordKey

MOST_KEPT = 60_000
"""Cards of all venues together; those of the venues asked longest ago go first."""


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a set is about; of another one it is read whole."""

    from_: datetime
    until: datetime


@dataclass(slots=True)
class KeptSet:
    """What one venue's set was made of, source by source, as of `positions` of the store's log.

    `epoch` is the stored set's that holds just these records, None where that is not known.
    """

    salt: bytes
    span: Span
    positions: Sequence[Positions]
    held: list[dict[str, CardEntitlements]]
    records: dict[int, CardRecords] = field(default_factory=dict)
    epoch: int | None = None
    _holders: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _owners: dict[str, str] = field(default_factory=dict)

    def put(self, source: int, one: CardEntitlements) -> None:
        """Note what somebody holds by a source; it had nothing of theirs."""
        self.held[source][one.resident_id] = one
        if one.card_index is not None:
            self._holders[one.card_index].add(one.resident_id)
        for reference in one.references():
            self._owners[reference] = one.resident_id

    def take(self, residents: Iterable[str]) -> None:
        """Take out what some hold, before it is noted as it is now."""
        for resident in residents:
            for held in self.held:
                one = held.pop(resident, None)
                if one is None:
                    continue
                if one.card_index is not None:
                    self._holders[one.card_index].discard(resident)
                for reference in one.references():
                    if self._owners.get(reference) == resident:
                        del self._owners[reference]

    def owners(self, references: Iterable[str]) -> set[str]:
        """Return who holds these, as far as anybody does."""
        return {self._owners[one] for one in references if one in self._owners}

    def among(self, residents: Iterable[str]) -> set[str]:
        """Return those of them who hold anything."""
        return {one for one in residents if any(one in held for held in self.held)}

    def cards_of(self, residents: Iterable[str]) -> set[int]:
        """Return the cards of some, by what is noted of them."""
        found = (held.get(one) for one in residents for held in self.held)
        return {one.card_index for one in found if one is not None and one.card_index is not None}

    def cards(self) -> list[int]:
        """Return all cards that something is held with."""
        return [card for card, holders in self._holders.items() if holders]

    def over(self, now: datetime) -> set[int]:
        """Return the cards that something no longer shows by itself."""
        return {
            index
            for index, one in self.records.items()
            if one.card.until is not None and one.card.until <= now
        }

    def holdings(self, card: int) -> Holdings:
        """Return what is held with a card, by all records of its holder together."""
        holders = sorted(self._holders.get(card, ()))
        found = [held[one] for held in self.held for one in holders if one in held]
        return Holdings(
            tuple(booking for one in found for booking in one.bookings),
            tuple(held for one in found for held in one.passes),
        )

    def renew(self, cards: Iterable[int], now: Mapping[int, CardRecords]) -> Changes:
        """Have the records of some cards be those of now, and return what that changes."""
        put: dict[RecordKey, bytes] = {}
        removed: set[bytes] = set()
        for index in cards:
            before, after = self.records.pop(index, None), now.get(index)
            known = set(before.keys) if before else set()
            removed |= {key.locator for key in known}
            if after is None:
                continue
            self.records[index] = after
            removed -= {key.locator for key in after.keys}
            same = before is not None and before.content == after.content
            put |= {key: after.content for key in after.keys if not (same and key in known)}
        return Changes(put, frozenset(removed))

    def wanted(self) -> dict[RecordKey, bytes]:
        """Return what the set is to hold."""
        return {key: one.content for one in self.records.values() for key in one.keys}

    def count(self) -> int:
        """Return how many records the set is to hold."""
        return sum(len(one.keys) for one in self.records.values())


class KeptSets:
    """The sets of the venues asked last."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._venues: OrderedDict[int, KeptSet] = OrderedDict()

    def take(self, venue: int, salt: bytes) -> KeptSet | None:
        """Take out what was kept under this salt; who brings it up to date keeps it again."""
        kept = self._venues.pop(venue, None)
        return kept if kept is not None and kept.salt == salt else None

    def keep(self, venue: int, kept: KeptSet) -> None:
        """Keep this, in the place of what was before."""
        self._venues[venue] = kept
        self._venues.move_to_end(venue)
        count = sum(len(one.records) for one in self._venues.values())
        while count > self._most:
            _, dropped = self._venues.popitem(last=False)
            count -= len(dropped.records)
