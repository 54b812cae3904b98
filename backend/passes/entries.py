"""Entries on passes: counted once each as scans report them, and told to readers beforehand.

Each is one write on the pass itself, whatever the transaction around it does: as many as are
left are taken off, the rest is counted beside. So uses are never below zero, and nobody who came in
is forgotten.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from typing_extensions import override

from backend.cards.service import Cards
from backend.foundation.entitlements import (
    ALL_OF_IT,
    CardEntitlements,
    Entitlements,
    Entry,
    EntryCounter,
    EntryFlag,
    EntryTerms,
    Positions,
    Touched,
)
from backend.foundation.mongo import Session, UpdateOne
from backend.foundation.store_changes import StoreChanges, Watched
from backend.passes.documents import PassUse, StoredPass
from backend.passes.rules import PassState, counts, flags_of_entry
from backend.passes.views import facts_in, held_in
from shared.clock import Clock
from shared.identity.age import local_day
from shared.wire.offline_set import MOST_HELD

PREFIX = "pas_"
NOBODY = ""
_BESIDE = "passes"
HOLDERS_AT_ONCE = 500
"""Holders whose cards are looked up in one read."""
Row = Mapping[str, Any]


class PassEntries(EntryCounter):
    """Counts entries on passes (see `BulkEntryCounter`)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @override
    async def count(
        self, session: Session, reference: str, persons: int, at: datetime, scan_id: str
    ) -> frozenset[EntryFlag] | None:
        entry = Entry(reference, scan_id, persons, at)
        return (await self.count_all(session, [entry])).get(entry)

    async def count_all(
        self, session: Session, entries: Sequence[Entry]
    ) -> Mapping[Entry, frozenset[EntryFlag]]:
        """Count entries in their order, in four round trips at most however many they are."""
        ours = [one for one in entries if one.reference.startswith(PREFIX)]
        if not ours:
            return {}
        wanted = {"_id": {"$in": sorted({one.reference for one in ours})}}
        passes = StoredPass.get_pymongo_collection().find(wanted, session=session)
        known = {"_id": {"$in": sorted({_use_id(one) for one in ours})}}
        uses = PassUse.get_pymongo_collection().find(known, session=session)
        count = _Count(
            {row["_id"]: dict(row) async for row in passes},
            {row["_id"]: dict(row) async for row in uses},
            self._clock.now(),
        )
        told = {one: count.note(one) for one in ours}
        await count.write(session)
        return told

    async def terms(self, session: Session, references: Iterable[str]) -> Mapping[str, EntryTerms]:
        """Return for how many the passes among these are, and when (see `TermsTeller`)."""
        ours = [one for one in references if one.startswith(PREFIX)]
        if not ours:
            return {}
        wanted = {"_id": {"$in": ours}}
        found = StoredPass.get_pymongo_collection().find(wanted, session=session)
        return {row["_id"]: _terms(row) async for row in found}


def _terms(row: Row) -> EntryTerms:
    facts = facts_in(row)

    def good_at(at: datetime) -> bool:
        return facts.held.next_good_day(local_day(at)) == local_day(at)

    refunded = facts.state is PassState.REFUNDED
    return EntryTerms(facts.held.uses, good_at, facts.ended_at, refunded)


@dataclass(slots=True)
class _Count:
    """Passes and uses as they were read, and what becomes of them entry by entry.

    Whoever wrote one of these passes since undoes this transaction, which begins again; what is
    taken off is worked out where the pass is stored all the same.
    """

    passes: dict[str, dict[str, Any]]
    uses: dict[str, dict[str, Any]]
    now: datetime
    changes: list[UpdateOne] = field(default_factory=list)
    new: dict[str, dict[str, Any]] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)

    def note(self, entry: Entry) -> frozenset[EntryFlag]:
        """Count one entry, or take back what it counted; tell what is odd of it."""
        row = self.passes.get(entry.reference)
        if row is None:
            return frozenset({EntryFlag.ENTITLEMENT_UNKNOWN})
        use_id = _use_id(entry)
        use = self.new.get(use_id) or self.uses.get(use_id)
        if use is not None and (entry.persons or not use["persons"]):
            return frozenset(map(EntryFlag, use["flags"]))
        if use is not None:
            self._give_back(row, use["counted"], use["persons"] - use["counted"])
            use |= {"persons": 0, "counted": 0, "flags": []}
            self.undone |= {use_id} - self.new.keys()
            return frozenset()
        facts, persons = facts_in(row), entry.persons
        flags = flags_of_entry(facts, persons, entry.at) if persons else frozenset[EntryFlag]()
        counted = self._take(row, persons, beside=not counts(facts, entry.at)) if persons else 0
        self.new[use_id] = {
            "_id": use_id,
            "pass_id": entry.reference,
            # Whoever held it before is not told where its present holder was, nor they of them.
            "resident_id": row["resident_id"] if entry.at >= row["held_since"] else NOBODY,
            "persons": persons,
            "counted": counted,
            "flags": sorted(flags),
            "at": entry.at,
            "counted_at": self.now,
        }
        return flags

    async def write(self, session: Session) -> None:
        """Write what changed: passes, new uses and those that were taken back."""
        if self.changes:
            passes = StoredPass.get_pymongo_collection()
            await passes.bulk_write(self.changes, session=session)
        uses = PassUse.get_pymongo_collection()
        if self.new:
            await uses.insert_many(list(self.new.values()), session=session)
        if self.undone:
            nothing = {"$set": {"persons": 0, "counted": 0, "flags": []}}
            undone = {"_id": {"$in": sorted(self.undone)}}
            await uses.update_many(undone, nothing, session=session)

    def _take(self, row: dict[str, Any], persons: int, *, beside: bool) -> int:
        """Take as many as are left, and return how many; `beside`: it had ended by then."""
        left = row.get("left")
        counted = 0 if beside else persons if left is None else min(persons, left)
        self._note(row, counted, persons - counted)
        self.changes.append(UpdateOne({"_id": row["_id"]}, taking(persons, beside=beside)))
        return counted

    def _give_back(self, row: dict[str, Any], counted: int, over: int) -> None:
        self._note(row, -counted, -over)
        self.changes.append(UpdateOne({"_id": row["_id"]}, giving_back(counted, over)))

    @staticmethod
    def _note(row: dict[str, Any], counted: int, over: int) -> None:
        if row.get("left") is not None:
            row["left"] -= counted
        row["used"] += counted
        row["over"] += over


def giving_back(counted: int, over: int) -> list[dict[str, Any]]:
    """Return the write that undoes what a scan counted: its turnstile did not turn."""
    return [
        {
            "$set": {
                "left": {
                    "$cond": [
                        {"$eq": [{"$type": "$left"}, "missing"]},
                        "$$REMOVE",
                        {"$add": ["$left", counted]},
                    ]
                },
                "used": {"$subtract": ["$used", counted]},
                "over": {"$subtract": ["$over", over]},
            }
        }
    ]


def _use_id(entry: Entry) -> str:
    return f"{entry.scan_id}.{entry.reference}"


def taking(persons: int, *, beside: bool) -> list[dict[str, Any]]:
    """Return the write that takes as many as are left, worked out where the pass is stored."""
    most = 0 if beside else persons
    counted = {"$min": [most, {"$ifNull": ["$left", most]}]}
    return [
        {"$set": {"counted": counted}},
        {
            "$set": {
                "left": {
                    "$cond": [
                        {"$eq": [{"$type": "$left"}, "missing"]},
                        "$$REMOVE",
                        {"$subtract": ["$left", "$counted"]},
                    ]
                },
                "used": {"$add": ["$used", "$counted"]},
                "over": {"$add": ["$over", {"$subtract": [persons, "$counted"]}]},
            }
        },
        {"$unset": "counted"},
    ]


class PassEntitlements(Entitlements):
    """Tells readers of a venue which passes are good there."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._passes = StoreChanges(
            Watched(StoredPass.get_pymongo_collection, ("venues", "resident_id"))
        )

    async def positions(self) -> Positions:
        """Return where the store's log is (see `TouchTeller`)."""
        return (await self._passes.position(),)

    async def touched(self, venue: int, before: Positions, now: Positions) -> Touched:
        """Return whose passes changed (see `TouchTeller`)."""
        rows = self._passes.between(before[0], now[0])
        if rows is None:
            return ALL_OF_IT
        ours = [row for row in rows if venue in row.get("venues", (venue,))]
        return Touched(
            residents=frozenset(row["resident_id"] for row in ours if "resident_id" in row),
            references=frozenset(row["_id"] for row in rows),
        )

    @override
    async def of_venue(
        self,
        venue: int,
        from_: datetime,
        until: datetime,
        residents: Collection[str] | None = None,
    ) -> AsyncIterator[CardEntitlements]:
        """Yield holder by holder; reads as many rows as there are passes, some hundreds at once."""
        wanted = {
            "venues": venue,
            "state": PassState.ACTIVE.value,
            "resident_id": {"$gt": NOBODY} if residents is None else {"$in": list(residents)},
            "last": {"$gte": local_day(from_).isoformat()},
        }
        latest = local_day(until).isoformat()
        holders: dict[str, list[Row]] = {}
        async for row in StoredPass.get_pymongo_collection().find(wanted).sort("resident_id", 1):
            if row["first"] > latest or row.get("left") == 0:
                continue
            if row["resident_id"] not in holders and len(holders) == HOLDERS_AT_ONCE:
                for held in await self._of(holders):
                    yield held
                holders = {}
            holders.setdefault(row["resident_id"], []).append(row)
        for held in await self._of(holders):
            yield held

    @override
    def beside(
        self, venue: int, holder_field: str, from_: datetime, until: datetime
    ) -> Mapping[str, Any]:
        wanted = {
            "venues": venue,
            "state": PassState.ACTIVE.value,
            "first": {"$lte": local_day(until).isoformat()},
            "last": {"$gte": local_day(from_).isoformat()},
        }
        return {
            "$lookup": {
                "from": StoredPass.get_collection_name(),
                "localField": holder_field,
                "foreignField": "resident_id",
                "pipeline": [{"$match": wanted}, {"$limit": MOST_HELD}],
                "as": _BESIDE,
            }
        }

    @override
    async def held_in(self, venue: int, row: Row) -> CardEntitlements:
        return CardEntitlements(None, passes=tuple(map(held_in, row[_BESIDE])))

    async def _of(self, holders: Mapping[str, Sequence[Row]]) -> list[CardEntitlements]:
        indexes = await self._cards.indexes(list(holders))
        return [
            CardEntitlements(
                indexes.get(whose), passes=tuple(map(held_in, rows)), resident_id=whose
            )
            for whose, rows in holders.items()
        ]
