"""Who is expected at a venue: its bookings, for readers that decide without a network."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Any

from backend.bookings.documents import PlaceBooking, SlotPlan
from backend.bookings.rules import BookingState
from backend.cards.service import Cards
from backend.foundation.entitlements import ALL_OF_IT, CardEntitlements, Positions, Touched
from backend.foundation.store_changes import StoreChanges, Watched
from shared.admission.circumstances import HeldBooking
from shared.clock import LOCAL_ZONE
from shared.identity.age import local_day
from shared.wire.offline_set import MOST_HELD

_BATCH = 1_000
_LATEST = timedelta(days=1)
"""The most that a rule lets somebody come before or after their slot."""
_LATE = timedelta(hours=1)
_AREAS_REST_SECONDS = 2.0
_BESIDE = "bookings"
_LONGEST = timedelta(days=2)
"""No slot is longer than a day, and nobody comes later after it than another."""
_FIELDS = {
    "resident_id": 1,
    "plan": 1,
    "venue": 1,
    "starts_at": 1,
    "ends_at": 1,
    "quantity": 1,
    "entered": 1,
}


class ExpectedBookings:
    """Tells what is booked at a venue (see `Entitlements`)."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._areas: dict[int, tuple[float, dict[str, str]]] = {}
        self._plans = StoreChanges(Watched(SlotPlan.get_pymongo_collection, ("venue",)))
        self._bookings = StoreChanges(
            Watched(PlaceBooking.get_pymongo_collection, ("venue", "resident_id"))
        )

    async def positions(self) -> Positions:
        """Return where the store's log is (see `TouchTeller`)."""
        return await self._plans.position(), await self._bookings.position()

    async def touched(self, venue: int, before: Positions, now: Positions) -> Touched:
        """Return whose bookings changed; the area of a plan may be that of any (`TouchTeller`)."""
        plans = self._plans.between(before[0], now[0])
        rows = self._bookings.between(before[1], now[1])
        if rows is None or plans is None or any(row.get("venue") == venue for row in plans):
            return ALL_OF_IT
        ours = [row for row in rows if row.get("venue", venue) == venue]
        return Touched(
            residents=frozenset(row["resident_id"] for row in ours if "resident_id" in row),
            references=frozenset(row["_id"] for row in rows),
        )

    async def of_venue(
        self,
        venue: int,
        from_: datetime,
        until: datetime,
        residents: Collection[str] | None = None,
    ) -> AsyncIterator[CardEntitlements]:
        """Yield the confirmed bookings at `venue`, holder by holder (see `Entitlements`)."""
        areas = await _areas(venue)
        booked: dict[str, list[HeldBooking]] = {}
        starts_at = {"$lt": until + _LATEST}
        wanted: dict[str, Any] = {
            "venue": venue,
            "state": BookingState.CONFIRMED,
            "ends_at": {"$gt": from_ - _LATEST},
            "starts_at": starts_at,
        }
        if residents is not None:
            wanted["resident_id"] = {"$in": list(residents)}
            # Said once more for the index of what residents booked.
            starts_at["$gt"] = from_ - _LONGEST
        expected = PlaceBooking.get_pymongo_collection().find(wanted, _FIELDS, batch_size=_BATCH)
        async for row in expected:
            booked.setdefault(row["resident_id"], []).append(_held(row, areas))
        asked = list(booked)
        for start in range(0, len(asked), _BATCH):
            some = asked[start : start + _BATCH]
            indexes = await self._cards.indexes(some)
            for resident in some:
                held = tuple(booked[resident])
                yield CardEntitlements(indexes.get(resident), held, resident_id=resident)

    def beside(
        self, venue: int, holder_field: str, from_: datetime, until: datetime
    ) -> Mapping[str, Any]:
        """Put a resident's confirmed bookings at `venue` beside a row (see `Entitlements`)."""
        wanted = {
            "starts_at": {"$gt": from_ - _LONGEST, "$lt": until + _LATEST},
            "venue": venue,
            "state": BookingState.CONFIRMED,
            "ends_at": {"$gt": from_ - _LATEST},
        }
        return {
            "$lookup": {
                "from": PlaceBooking.get_collection_name(),
                "localField": holder_field,
                "foreignField": "resident_id",
                "pipeline": [{"$match": wanted}, {"$limit": MOST_HELD}, {"$project": _FIELDS}],
                "as": _BESIDE,
            }
        }

    async def held_in(self, venue: int, row: Mapping[str, Any]) -> CardEntitlements:
        """Return the bookings that were put beside a row (see `Entitlements`)."""
        rows = row[_BESIDE]
        areas = await self._areas_lately(venue) if rows else {}
        return CardEntitlements(None, bookings=tuple(_held(row, areas) for row in rows))

    async def _areas_lately(self, venue: int) -> dict[str, str]:
        """Return the areas of a venue's plans, read anew every other second."""
        now, kept = monotonic(), self._areas.get(venue)
        if kept is None or now - kept[0] > _AREAS_REST_SECONDS:
            kept = self._areas[venue] = now, await _areas(venue)
        return kept[1]

    async def of_today(self, venue: int, now: datetime, most: int) -> list[tuple[str, HeldBooking]]:
        """Return residents with their confirmed bookings that are not over and begin today."""
        areas = await _areas(venue)
        tomorrow = datetime.combine(local_day(now) + timedelta(days=1), time(), LOCAL_ZONE)
        found = (
            PlaceBooking.get_pymongo_collection()
            .find(
                {
                    "venue": venue,
                    "state": BookingState.CONFIRMED,
                    "ends_at": {"$gt": now - _LATE, "$lt": tomorrow + _LATEST},
                    "starts_at": {"$lt": tomorrow},
                },
                _FIELDS,
            )
            .sort([("starts_at", 1), ("_id", 1)])
            .limit(most)
        )
        return [(row["resident_id"], _held(row, areas)) async for row in found]


async def _areas(venue: int) -> dict[str, str]:
    plans = SlotPlan.get_pymongo_collection().find({"venue": venue}, {"area": 1})
    return {plan["_id"]: plan["area"] async for plan in plans}


def _held(row: dict[str, Any], areas: dict[str, str]) -> HeldBooking:
    return HeldBooking(
        booking_id=row["_id"],
        venue=row["venue"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        quantity=row["quantity"],
        entered=row["entered"],
        area=areas.get(row["plan"]),
    )
