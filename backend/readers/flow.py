"""How many are inside and how many came through, counted from the scans.

Nothing is kept that could be wrong: a late upload or an annulment is in the next count. A count
reads the venue's own day, from one index alone, one at a time whoever asks; for people who look at
it, it rests so many times as long as it took. What is told says when it was counted.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from backend.foundation.access import Caller
from backend.foundation.permissions import Act, may_at
from backend.foundation.refusals import Refusal
from backend.readers.documents import Scan
from backend.readers.rules import CLOCK_LEAD, VENUE_UNKNOWN, lane_without_name
from backend.venues.service import VenueFacts, Venues
from shared.admission.answer import Verdict
from shared.clock import LOCAL_ZONE, Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from shared.wire.flow import AreaFlow, HourFlow, LaneFlow, VenueFlow

_DAY = timedelta(days=1)
_REST = 20
"""A count rests so many times as long as it took."""
_MOST_REST_SECONDS = 5.0
UPLOADS_IN = timedelta(days=3)
"""After a day's end so long uploads of it are waited for before it counts as whole."""


@dataclass(frozen=True, slots=True)
class AreaCount:
    """Who came into an area today and who left it; `area` None is the venue without its areas."""

    area: str | None
    entered: int
    left: int

    @property
    def inside(self) -> int:
        """How many are inside; nobody leaves twice."""
        return max(0, self.entered - self.left)


@dataclass(frozen=True, slots=True)
class LaneHour:
    """What passed one lane within the hour that begins at `hour`."""

    hour: datetime
    lane: int
    entered: int
    left: int
    refused: int


@dataclass(frozen=True, slots=True)
class VenueDay:
    """A venue's day: entries, and how many different people of ours are known to be behind them."""

    venue: int
    name: LocalizedText
    entered: int
    people: int


@dataclass(frozen=True, slots=True)
class _Counted:
    """A venue's day as it was counted `at` an instant; began and rests by the monotonic clock."""

    day: date
    at: datetime
    began: float
    rests_until: float
    lanes: Sequence[LaneHour]

    def serves(self, asked: float, *, rested: bool) -> bool:
        """Tell whether who asked then may be told this."""
        return self.began > asked or (rested and asked < self.rests_until)


class Flow:
    """Counts who comes and goes."""

    def __init__(self, venues: Venues, clock: Clock) -> None:
        self._venues = venues
        self._clock = clock
        self._counting: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._counted: dict[int, _Counted] = {}

    async def inside(self, venue_number: int) -> Sequence[AreaCount] | Refusal:
        """Return the counts of a venue's areas since midnight, by which everybody is out."""
        venue = await self._venues.facts(venue_number)
        if venue is None:
            return VENUE_UNKNOWN
        return _by_area(venue, await self._of_lanes(venue_number, local_day(self._clock.now())))

    async def seen_by(self, caller: Caller | None, venue_number: int) -> VenueFlow | Refusal:
        """Return today's counts to somebody who works at the venue."""
        return may_at(caller, Act.FLOW_READ, (venue_number,)) or await self.of_today(
            venue_number, rested=True
        )

    async def of_today(self, venue_number: int, *, rested: bool = False) -> VenueFlow | Refusal:
        """Return what a reader is told: the counts of each area, each lane and each hour.

        Those who ask at once share a count that began after they asked: a reader adds to it what it
        uploaded since. `rested`: one that is still good for people to look at will do.
        """
        asked = self._clock.monotonic()
        venue = await self._venues.facts(venue_number)
        if venue is None:
            return VENUE_UNKNOWN
        async with self._counting[venue_number]:
            known = self._counted.get(venue_number)
            today = local_day(self._clock.now())
            if known is None or known.day != today or not known.serves(asked, rested=rested):
                known = await self._count(venue_number, today)
                self._counted[venue_number] = known
        areas = tuple(
            AreaFlow(one.area, one.entered, one.left) for one in _by_area(venue, known.lanes)
        )
        lanes = _by_lane(venue, known.lanes)
        return VenueFlow(areas, _by_hour(known.lanes), known.at, lanes)

    async def _count(self, venue_number: int, day: date) -> _Counted:
        at, began = self._clock.now(), self._clock.monotonic()
        lanes = await self._of_lanes(venue_number, day)
        ended = self._clock.monotonic()
        rest = min(_MOST_REST_SECONDS, _REST * (ended - began))
        return _Counted(day, at, began, ended + rest, lanes)

    async def by_hour(self, venue_number: int, day: date) -> Sequence[LaneHour]:
        """Return what passed each lane in each hour of a local day, in order."""
        return await self._of_lanes(venue_number, day)

    async def _of_lanes(self, venue_number: int, day: date) -> Sequence[LaneHour]:
        hour = {"date": "$scanned_at", "unit": "hour", "timezone": LOCAL_ZONE.key}
        name = {"hour": {"$dateTrunc": hour}, "lane": "$lane"}
        begins = _midnight(day)
        rows = await _grouped(venue_number, begins, begins + _DAY, name)
        hours = [
            LaneHour(
                row["_id"]["hour"], row["_id"]["lane"], row["entered"], row["left"], row["refused"]
            )
            for row in rows
        ]
        return sorted(hours, key=lambda one: (one.hour, one.lane))

    async def visitors(self, day: date) -> Sequence[VenueDay]:
        """Return the venues that people entered on a local day, of the uploads in by now.

        It reads every scan received since, once a day and beside all else.
        """
        begins = _midnight(day)
        received = {"$gte": begins - CLOCK_LEAD, "$lt": begins + _DAY + UPLOADS_IN}
        within = {"$gte": begins, "$lt": begins + _DAY}
        by_person = {"venue": "$venue_number", "visitor": "$visitor"}
        known = {"$cond": [{"$ifNull": ["$_id.visitor", False]}, 1, 0]}
        found = await Scan.get_pymongo_collection().aggregate(
            [
                {"$match": {"received_at": received, "scanned_at": within, "entered": {"$gt": 0}}},
                {
                    "$group": {
                        "_id": by_person,
                        "name": {"$first": "$venue_name"},
                        "entered": {"$sum": "$entered"},
                    }
                },
                {
                    "$group": {
                        "_id": "$_id.venue",
                        "name": {"$first": "$name"},
                        "entered": {"$sum": "$entered"},
                        "people": {"$sum": known},
                    }
                },
            ],
            allowDiskUse=True,
        )
        return [
            VenueDay(row["_id"], LocalizedText(**row["name"]), row["entered"], row["people"])
            async for row in found
        ]


def _by_area(venue: VenueFacts, lanes: Sequence[LaneHour]) -> list[AreaCount]:
    sums: dict[str | None, tuple[int, int]] = {}
    for one in lanes:
        area = venue.lane_areas.get(one.lane)
        entered, left = sums.get(area, (0, 0))
        sums[area] = (entered + one.entered, left + one.left)
    ordered = sorted(sums.items(), key=lambda one: one[0] or "")
    return [AreaCount(area, *counts) for area, counts in ordered]


def _by_lane(venue: VenueFacts, lanes: Sequence[LaneHour]) -> tuple[LaneFlow, ...]:
    sums: dict[int, tuple[int, int, int]] = {}
    for one in lanes:
        entered, left, refused = sums.get(one.lane, (0, 0, 0))
        sums[one.lane] = (entered + one.entered, left + one.left, refused + one.refused)
    return tuple(
        LaneFlow(lane, venue.lanes.get(lane) or lane_without_name(lane), *counts)
        for lane, counts in sorted(sums.items())
    )


def _by_hour(lanes: Sequence[LaneHour]) -> tuple[HourFlow, ...]:
    hours: dict[int, tuple[int, int, int]] = {}
    for one in lanes:
        hour = one.hour.astimezone(LOCAL_ZONE).hour
        entered, left, refused = hours.get(hour, (0, 0, 0))
        hours[hour] = (entered + one.entered, left + one.left, refused + one.refused)
    return tuple(HourFlow(hour, *counts) for hour, counts in sorted(hours.items()))


async def _grouped(
    venue_number: int, since: datetime, before: datetime, name: Any
) -> list[Mapping[str, Any]]:
    refused = {"$cond": [{"$eq": ["$verdict", Verdict.REFUSE.value]}, 1, 0]}
    found = await Scan.get_pymongo_collection().aggregate(
        [
            {"$match": {"venue_number": venue_number,
                        "scanned_at": {"$gte": since, "$lt": before}}},
            {
                "$group": {
                    "_id": name,
                    "entered": {"$sum": "$entered"},
                    "left": {"$sum": "$left"},
                    "refused": {"$sum": refused},
                }
            },
        ],
        hint="flow",
    )  # fmt: skip
    return [row async for row in found]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE)
