"""When a venue is open, as its staff change it; slots follow, and who booked what ends is told."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from backend.bookings import deeds
from backend.bookings import refusals as no
from backend.bookings.documents import SlotPlan
from backend.bookings.planning import EndingSlots, close_slots, slots_ending
from backend.bookings.rules import SlotState
from backend.bookings.venue_acts import once_at
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.venues.calendars import Calendars, calendar_version
from backend.venues.rules import VENUE_UNKNOWN, read_calendar
from shared.admission.opening import Closure, OpeningCalendar
from shared.clock import Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

LONGEST_CLOSURE = 366
"""Days of one closure; who closes for longer is a matter of the calendar itself."""
MOST_CLOSURES = 200
_LONGEST_WHY = 100


@dataclass(frozen=True, slots=True)
class WantedCalendar:
    """A calendar as staff want it, as it goes over the wire.

    `keeps`: the closures there are stay, in the place of its own. `based_on` is the version that
    they saw, None where they do not care; `ends_bookings` says that they know it ends some.
    """

    calendar: Mapping[str, Any]
    keeps: bool = False
    based_on: str | None = None
    ends_bookings: bool = False

    def read(self) -> OpeningCalendar | Refusal:
        """Return the calendar, or what is wrong with it."""
        calendar = read_calendar(self.calendar)
        if isinstance(calendar, Refusal):
            return calendar
        whys = (one.why for one in calendar.closures if one.why is not None)
        return next((wrong for wrong in map(_wrong, whys) if wrong is not None), calendar)

    def request(self) -> dict[str, str]:
        """Return what is asked, for a repeated key to be compared with."""
        return {
            "act": "change calendar",
            "calendar": json.dumps(self.calendar, sort_keys=True),
            "keeps": str(self.keeps),
            "based_on": self.based_on or "",
            "ends_bookings": str(self.ends_bookings),
        }


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """How many booked places a changed calendar ends, and what names it now."""

    places_ending: int
    version: str


class VenueHours:
    """Changes calendars and closes slots; each once, each with its audit row."""

    def __init__(self, calendars: Calendars, once: Once, clock: Clock) -> None:
        self._calendars = calendars
        self._once = once
        self._clock = clock

    async def change_calendar(
        self,
        caller: Caller | None,
        key: str,
        venue: int,
        wanted: WantedCalendar,
    ) -> CalendarChange | Refusal:
        """Give a venue another calendar; its slots follow, and who booked what ends is told.

        From the same write on nobody books a slot that ends; telling who did is the sweep's, and
        new slots are made within a planning round (`planning.SECONDS`).
        """
        calendar, now = wanted.read(), self._clock.now()

        async def act(session: Session, by: Caller) -> Answer | Refusal:
            if isinstance(calendar, Refusal):
                return calendar
            stands = await self._calendars.of_venue(venue, session)
            if stands is None:
                return VENUE_UNKNOWN
            if wanted.based_on not in (None, calendar_version(stands)):
                return no.CALENDAR_CHANGED
            given = replace(calendar, closures=stands.closures) if wanted.keeps else calendar
            if len(given.closures) > MOST_CLOSURES:
                return no.DAYS_TO_CLOSE
            ending = await slots_ending(venue, given, now, session)
            if ending.places and not wanted.ends_bookings:
                return no.ends_bookings("calendar_ends_bookings", ending.places)
            done = {"places": ending.places, "version": calendar_version(given)}
            return await self._change(by, venue, given, ending, session) or done

        done = await self._once_at(caller, key, venue, wanted.request(), act)
        if isinstance(done, Refusal):
            return done
        return CalendarChange(int(done["places"]), str(done["version"]))

    async def close_days(
        self,
        caller: Caller | None,
        key: str,
        venue: int,
        first: date,
        last: date,
        why: LocalizedText,
    ) -> int | Refusal:
        """Close a venue on local days from `first` to `last`; return on how many.

        They go into its calendar: the search, the slots and what the app shows follow it.
        """
        days, today = (last - first).days + 1, local_day(self._clock.now())
        if not 1 <= days <= LONGEST_CLOSURE or last < today:
            wrong: Refusal | None = no.DAYS_TO_CLOSE
        else:
            wrong = _wrong(why)

        async def act(session: Session, by: Caller) -> Answer | Refusal:
            if wrong is not None:
                return wrong
            calendar = await self._calendars.of_venue(venue, session)
            if calendar is None:
                return VENUE_UNKNOWN
            kept = [one for one in calendar.closures if one.last >= today]
            if len(kept) >= MOST_CLOSURES:
                return no.DAYS_TO_CLOSE
            closed = replace(calendar, closures=(*kept, Closure(first, last, why)))
            ending = await slots_ending(venue, closed, self._clock.now(), session)
            done = {"closed": days}
            return await self._change(by, venue, closed, ending, session) or done

        request = {"act": "close days", "first": str(first), "last": str(last)}
        return _closed(await self._once_at(caller, key, venue, request | _words(why), act))

    async def close_slots(
        self,
        caller: Caller | None,
        key: str,
        venue: int,
        first: datetime,
        last: datetime,
        why: LocalizedText,
    ) -> int | Refusal:
        """Close a venue's slots that begin from `first` until before `last`; all booked are told.

        Returns how many slots. Telling is the sweep's (`BookingSweeps.close`).
        """
        now = self._clock.now()
        wanted = {
            "venue": venue,
            "starts_at": {"$gte": max(first, now), "$lt": last},
            "state": SlotState.OPEN.value,
        }

        async def act(session: Session, by: Caller) -> Answer | Refusal:
            wrong = _wrong(why)
            closed = 0 if wrong else await close_slots(wanted, why, session)
            if not closed:
                return wrong or no.NOTHING_TO_CLOSE
            deed = deeds.of_staff(by, "bookings.closed", deeds.CLOSED, None, now)
            await audit.record(deed, session)
            return {"closed": closed}

        request = {"act": "close slots", "first": first.isoformat(), "last": last.isoformat()}
        return _closed(await self._once_at(caller, key, venue, request | _words(why), act))

    async def _once_at(
        self,
        caller: Caller | None,
        key: str,
        venue: int,
        request: dict[str, str],
        work: Callable[[Session, Caller], Awaitable[Answer | Refusal]],
    ) -> Answer | Refusal:
        return await once_at(self._once, caller, key, venue, request, self._clock.now(), work)

    async def _change(
        self,
        caller: Caller,
        venue: int,
        calendar: OpeningCalendar,
        ending: EndingSlots,
        session: Session,
    ) -> Refusal | None:
        if not await self._calendars.change(venue, calendar, session):
            return VENUE_UNKNOWN
        await SlotPlan.get_pymongo_collection().update_many(
            {"venue": venue},
            {"$set": {"planned_until": None}, "$inc": {"revision": 1}},
            session=session,
        )
        await ending.close(session)
        await audit.record(self._deed(caller), session)
        return None

    def _deed(self, caller: Caller) -> Deed:
        now = self._clock.now()
        return deeds.of_staff(caller, "venues.calendar_changed", deeds.CALENDAR, None, now)


def _closed(done: Answer | Refusal) -> int | Refusal:
    return done if isinstance(done, Refusal) else int(done["closed"])


def _wrong(why: LocalizedText) -> Refusal | None:
    """Return that a reason cannot be told to people as it is."""
    words = (why.zh, why.en)
    if not all(1 <= len(one) <= _LONGEST_WHY and one.isprintable() for one in words):
        return audit.REASON_FORM
    return audit.REASON_FORM if any(map(audit.holds_personal_number, words)) else None


def _words(why: LocalizedText) -> dict[str, str]:
    return {"zh": why.zh, "en": why.en}
