"""Opening calendars of venues, and the times of being open that the search asks about."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from backend.foundation.kept_running import attempt, batches
from backend.foundation.mongo import Session, UpdateOne
from backend.venues.documents import Venue
from shared.admission.opening import OpeningCalendar
from shared.clock import Clock
from shared.identity.age import local_day

SPAN_DAYS = 14
_RENEWED_BEFORE = 7
_AT_ONCE = 500
_DAY = timedelta(days=1)
Row = Mapping[str, Any]


class Calendars:
    """Reads and changes calendars."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def of_venues(self, numbers: Iterable[int]) -> dict[int, OpeningCalendar]:
        """Return the calendars of venues that have one, in one read."""
        found = Venue.get_pymongo_collection().find(
            {"_id": {"$in": list(numbers)}}, {"calendar": 1}
        )
        return {
            row["_id"]: OpeningCalendar.of_wire(row["calendar"])
            async for row in found
            if row.get("calendar") is not None
        }

    async def of_venue(self, number: int, session: Session) -> OpeningCalendar | None:
        """Return a venue's calendar as it is within a transaction."""
        venues = Venue.get_pymongo_collection()
        row = await venues.find_one({"_id": number}, {"calendar": 1}, session=session)
        stored = row and row.get("calendar")
        return None if stored is None else OpeningCalendar.of_wire(stored)

    async def change(self, number: int, calendar: OpeningCalendar, session: Session) -> bool:
        """Give a venue another calendar; tell whether there is such a venue."""
        today = local_day(self._clock.now())
        done = await Venue.get_pymongo_collection().update_one(
            {"_id": number},
            {"$set": {"calendar": calendar.to_wire(), **spans_of(calendar, today)}},
            session=session,
        )
        return done.matched_count == 1

    async def renew_spans(self) -> int:
        """Bring up to date the times of venues that run out of them; return how many venues."""
        today = local_day(self._clock.now())
        due = {"spans_until": {"$lt": (today + _RENEWED_BEFORE * _DAY).isoformat()}}
        venues = Venue.get_pymongo_collection()
        found, done = venues.find(due, {"calendar": 1}, batch_size=_AT_ONCE), 0

        async def one(row: Mapping[str, Any]) -> UpdateOne:
            spans = spans_of(OpeningCalendar.of_wire(row["calendar"]), today)
            same = {"_id": row["_id"], "calendar": row["calendar"]}
            return UpdateOne(same, {"$set": spans})

        async for rows in batches(found, _AT_ONCE):
            changes = [change for row in rows if (change := await attempt(one, row)) is not None]
            if changes:
                await venues.bulk_write(changes, ordered=False)
            done += len(changes)
        return done


def calendar_version(calendar: OpeningCalendar) -> str:
    """Return what names a calendar as it stands, so that who changes it says what they saw."""
    text = json.dumps(calendar.to_wire(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def spans_of(calendar: OpeningCalendar, today: date) -> dict[str, Any]:
    """Return the times of being open from yesterday on, as a venue stores them."""
    days = [today + count * _DAY for count in range(-1, SPAN_DAYS)]
    return {
        "open_spans": [
            {"start": span.start, "end": span.end} for day in days for span in calendar.spans(day)
        ],
        "spans_until": days[-1].isoformat(),
    }


def open_at(now: datetime) -> dict[str, Any]:
    """Return the condition that a stored venue is open at an instant."""
    return {"open_spans": {"$elemMatch": {"start": {"$lte": now}, "end": {"$gt": now}}}}
