"""Visits by venue and day, as numbers that tell of nobody, counted once and then fixed (L27).

Scans end after 180 days; these numbers stay. A day is counted when the readers' uploads of it are
in, and only what may be shown is stored: a number that changed later, or a question put a little
differently, would tell by subtraction what is hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.foundation.access import Caller
from backend.foundation.kept_running import rounds
from backend.foundation.mongo import DuplicateKeyError
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.readers.flow import UPLOADS_IN, Flow
from backend.sharing.documents import VisitDay
from backend.sharing.refusals import DAY_NOT_COUNTED
from backend.sharing.small_cells import Cell, shown
from shared.clock import Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

LOOK_SECONDS = 900.0
CATCH_UP = 14
"""So many days back a day that was missed is still counted."""


@dataclass(frozen=True, slots=True)
class VenueVisits:
    """How many entries a venue had on a day."""

    venue: int
    name: LocalizedText
    entered: int


@dataclass(frozen=True, slots=True)
class DayOfVisits:
    """A day; `others` are the venues not named together, None where that would tell too much."""

    day: date
    venues: Sequence[VenueVisits]
    others: int | None
    total: int | None


class VisitStatistics:
    """Counts days and tells them to department officers and auditors."""

    def __init__(self, flow: Flow, clock: Clock) -> None:
        self._flow = flow
        self._clock = clock

    async def of_day(self, caller: Caller | None, day: date) -> DayOfVisits | Refusal:
        """Return the numbers of a local day."""
        denied = may(caller, Act.STATISTICS_READ)
        if denied is not None:
            return denied
        row = await VisitDay.get_pymongo_collection().find_one({"_id": day.isoformat()})
        if row is None:
            return DAY_NOT_COUNTED
        venues = [
            VenueVisits(one["venue"], LocalizedText(**one["name"]), one["entered"])
            for one in row["venues"]
        ]
        return DayOfVisits(day, venues, row["others"], row["total"])

    async def count(self) -> int:
        """Count the days whose uploads are in and that nobody has counted; return how many."""
        last = local_day(self._clock.now() - UPLOADS_IN) - timedelta(days=1)
        days = [last - timedelta(days=back) for back in range(CATCH_UP)]
        names = [day.isoformat() for day in days]
        known = VisitDay.get_pymongo_collection().find({"_id": {"$in": names}}, {"_id": 1})
        counted = {row["_id"] async for row in known}
        return sum([await self._count(day) for day in days if day.isoformat() not in counted])

    async def keep_counted(self) -> None:
        """Count each day until cancelled; a failure is logged and tried again."""
        await rounds(self.count, LOOK_SECONDS)

    async def _count(self, day: date) -> bool:
        visited = {str(one.venue): one for one in await self._flow.visitors(day)}
        told = shown({name: Cell(one.entered, one.people) for name, one in visited.items()})
        venues = [
            {
                "venue": visited[name].venue,
                "name": _words(visited[name].name),
                "entered": entered,
            }
            for name, entered in sorted(told.cells.items(), key=lambda one: int(one[0]))
        ]
        row = {"_id": day.isoformat(), "venues": venues, "others": told.others}
        try:
            await VisitDay.get_pymongo_collection().insert_one(
                {**row, "total": told.total, "counted_at": self._clock.now()}
            )
        except DuplicateKeyError:
            return False  # another server was first
        return True


def _words(name: LocalizedText) -> Mapping[str, str]:
    return {"zh": name.zh, "en": name.en}
