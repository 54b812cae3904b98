"""Entries on passes: counted once each as scans report them, and told to readers beforehand.

Counting is one write on the pass itself, whatever the transaction around it does: as many as are
left are taken off, the rest is counted beside. So uses are never below zero, and nobody who came in
is forgotten.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from typing_extensions import override

from backend.cards.service import Cards
from backend.foundation.entitlements import (
    ALL_OF_IT,
    CardEntitlements,
    Entitlements,
    EntryCounter,
    EntryFlag,
    EntryTerms,
    Positions,
    Touched,
)
from backend.foundation.mongo import ReturnDocument, Session
from backend.foundation.store_changes import StoreChanges, Watched
from backend.passes.documents import PassUse, StoredPass
from backend.passes.rules import PassState, counts, flags_of_entry
from backend.passes.views import facts_in, held_in, read
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
    """Counts entries on passes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @override
    async def count(
        self, session: Session, reference: str, persons: int, at: datetime, scan_id: str
    ) -> frozenset[EntryFlag] | None:
        if not reference.startswith(PREFIX):
            return None
        row = await read(reference, session)
        if row is None:
            return frozenset({EntryFlag.ENTITLEMENT_UNKNOWN})
        use_id = f"{scan_id}.{reference}"
        known = await PassUse.get_pymongo_collection().find_one({"_id": use_id}, session=session)
        if known is not None and (persons or not known["persons"]):
            return frozenset(map(EntryFlag, known["flags"]))
        if known is not None:
            await _take_back(known, session)
            return frozenset()
        facts = facts_in(row)
        flags, counted = flags_of_entry(facts, persons, at), 0
        if persons:
            counted = await take(row, persons, session, beside=not counts(facts, at))
        use = {
            "_id": use_id,
            "pass_id": reference,
            # Whoever held it before is not told where its present holder was, nor they of them.
            "resident_id": row["resident_id"] if at >= row["held_since"] else NOBODY,
            "persons": persons,
            "counted": counted,
            "flags": sorted(flags) if persons else [],
            "at": at,
            "counted_at": self._clock.now(),
        }
        await PassUse.get_pymongo_collection().insert_one(use, session=session)
        return flags if persons else frozenset()

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


async def take(row: Row, persons: int, session: Session, *, beside: bool = False) -> int:
    """Take `persons` off what is left of a pass and return how many were; the rest is `over`.

    `beside` takes none: the pass had ended when they came in.
    """
    before = await StoredPass.get_pymongo_collection().find_one_and_update(
        {"_id": row["_id"]},
        taking(persons, beside=beside),
        {"left": 1},
        return_document=ReturnDocument.BEFORE,
        session=session,
    )
    if beside:
        return 0
    left = before.get("left") if before else 0  # a pass is never deleted
    return persons if left is None else min(persons, left)


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


async def _take_back(known: Row, session: Session) -> None:
    """Undo what a scan counted: its turnstile did not turn."""
    counted, over = known["counted"], known["persons"] - known["counted"]
    back: list[Row] = [
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
    await StoredPass.get_pymongo_collection().update_one(
        {"_id": known["pass_id"]}, back, session=session
    )
    await PassUse.get_pymongo_collection().update_one(
        {"_id": known["_id"]},
        {"$set": {"persons": 0, "counted": 0, "flags": []}},
        session=session,
    )


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
