"""How many are inside and how many came through, counted from the scans whenever it is asked.

Nothing is kept that could be wrong: a late upload or an annulment is in the next answer. What is
asked costs as much as the venue's own day, read from one index alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from backend.foundation.access import Caller
from backend.foundation.permissions import Act, may_at
from backend.foundation.refusals import Refusal
from backend.readers.documents import Scan
from backend.readers.rules import CLOCK_LEAD, VENUE_UNKNOWN
from backend.venues.service import Venues
from shared.admission.answer import Verdict
from shared.clock import LOCAL_ZONE, Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from shared.wire.flow import AreaFlow, HourFlow, VenueFlow

_DAY = timedelta(days=1)
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


class Flow:
    """Counts who comes and goes."""

    def __init__(self, venues: Venues, clock: Clock) -> None:
        self._venues = venues
        self._clock = clock

    async def inside(self, venue_number: int) -> Sequence[AreaCount] | Refusal:
        """Return the counts of a venue's areas since midnight, by which everybody is out."""
        venue = await self._venues.facts(venue_number)
        if venue is None:
            return VENUE_UNKNOWN
        now = self._clock.now()
        until = now + CLOCK_LEAD
        lanes = await _grouped(venue_number, _midnight(local_day(now)), until, "$lane")
        sums: dict[str | None, tuple[int, int]] = {}
        for row in lanes:
            area = venue.lane_areas.get(row["_id"])
            entered, left = sums.get(area, (0, 0))
            sums[area] = (entered + row["entered"], left + row["left"])
        ordered = sorted(sums.items(), key=lambda one: one[0] or "")
        return [AreaCount(area, *counts) for area, counts in ordered]

    async def seen_by(self, caller: Caller | None, venue_number: int) -> VenueFlow | Refusal:
        """Return today's counts to somebody who works at the venue."""
        return may_at(caller, Act.FLOW_READ, (venue_number,)) or await self.of_today(venue_number)

    async def of_today(self, venue_number: int) -> VenueFlow | Refusal:
        """Return what a reader is told: each area's counts, and the hours of all lanes together."""
        now = self._clock.now()
        areas = await self.inside(venue_number)
        if isinstance(areas, Refusal):
            return areas
        hours: dict[int, tuple[int, int, int]] = {}
        for one in await self.by_hour(venue_number, local_day(now)):
            hour = one.hour.astimezone(LOCAL_ZONE).hour
            entered, left, refused = hours.get(hour, (0, 0, 0))
            hours[hour] = (entered + one.entered, left + one.left, refused + one.refused)
        return VenueFlow(
            tuple(AreaFlow(one.area, one.entered, one.left) for one in areas),
            tuple(HourFlow(hour, *counts) for hour, counts in sorted(hours.items())),
            now,
        )

    async def by_hour(self, venue_number: int, day: date) -> Sequence[LaneHour]:
        """Return what passed each lane in each hour of a local day, in order."""
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
