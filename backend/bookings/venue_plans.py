"""How slots are made from opening hours, as a venue's staff change it.

Slots follow within a planning round (`planning.SECONDS`). From the write itself on nobody books a
slot that ends by it, and who booked one is told by the sweep.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from backend.bookings import deeds
from backend.bookings import refusals as no
from backend.bookings.documents import SlotPlan
from backend.bookings.planning import (
    EndingSlots,
    PlanFacts,
    fits,
    plan_of,
    plan_slots_ending,
    stored_plan,
)
from backend.bookings.venue_acts import once_at
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import Act, may_at
from backend.foundation.refusals import Refusal
from backend.venues.calendars import Calendars
from backend.venues.layouts import area_capacities
from backend.venues.rules import VENUE_UNKNOWN
from shared.clock import Clock

MOST_PLANS = 200
MOST_WINDOWS = 12
MOST_CANCEL_MINUTES = 31 * 24 * 60
_CODE = re.compile(r"[a-z0-9]{1,20}", re.ASCII)
_LONGEST_TITLE = 60
Row = Mapping[str, Any]
Work = Callable[[Session, Caller], Awaitable[Answer | Refusal]]


@dataclass(frozen=True, slots=True)
class WantedPlan:
    """A plan as staff want it.

    `based_on` is the revision that they saw, None where they do not care; `ends_bookings` says that
    they know it ends some.
    """

    plan: PlanFacts
    based_on: int | None = None
    ends_bookings: bool = False


@dataclass(frozen=True, slots=True)
class PlanChange:
    """How many booked places a changed plan ends, and its revision now."""

    places_ending: int
    revision: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as its venue's staff read it."""

    plan: PlanFacts
    revision: int
    ended: bool


class VenuePlans:
    """Reads and changes plans of slots, each change once and with its audit row."""

    def __init__(self, calendars: Calendars, once: Once, clock: Clock) -> None:
        self._calendars = calendars
        self._once = once
        self._clock = clock

    async def of_venue(self, caller: Caller | None, venue: int) -> list[PlanView] | Refusal:
        """Return a venue's plans by their codes, those that ended among them."""
        refused = may_at(caller, Act.VENUE_MANAGE, (venue,))
        if refused is not None:
            return refused
        found = SlotPlan.get_pymongo_collection().find({"venue": venue}).limit(MOST_PLANS)
        rows = sorted(await found.to_list(), key=lambda row: str(row["code"]))
        return [PlanView(plan_of(row), row["revision"], row.get("ended", False)) for row in rows]

    async def put(
        self, caller: Caller | None, key: str, wanted: WantedPlan
    ) -> PlanChange | Refusal:
        """Add a plan or change it; what is booked of slots that stay is left as it is."""

        async def act(session: Session, by: Caller) -> Answer | Refusal:
            row = await _row(wanted.plan.venue, wanted.plan.code, session)
            plan = _following(row, wanted.plan)
            refused = await self._refusal(row, plan, wanted, session)
            if refused is not None:
                return refused
            return await self._changed(by, row, plan, wanted, session)

        more = {"based_on": wanted.based_on, "ends": wanted.ends_bookings}
        request = {"act": "put slot plan"} | _told(asdict(wanted.plan) | more)
        return await self._once_at(caller, key, wanted.plan.venue, request, act)

    async def end(
        self,
        caller: Caller | None,
        key: str,
        venue: int,
        code: str,
        based_on: int | None = None,
        ends_bookings: bool = False,
    ) -> PlanChange | Refusal:
        """End a plan: no slots are made by it any more, and those ahead close."""

        async def act(session: Session, by: Caller) -> Answer | Refusal:
            row = await _row(venue, code, session)
            if row is None or row.get("ended", False):
                return no.PLAN_UNKNOWN
            if based_on not in (None, row["revision"]):
                return no.PLAN_CHANGED
            wanted = WantedPlan(plan_of(row), based_on, ends_bookings)
            return await self._changed(by, row, None, wanted, session)

        wish = {"code": code, "based_on": based_on, "ends": ends_bookings}
        return await self._once_at(caller, key, venue, {"act": "end slot plan"} | _told(wish), act)

    async def _refusal(
        self, row: Row | None, plan: PlanFacts, wanted: WantedPlan, session: Session
    ) -> Refusal | None:
        areas = await area_capacities(plan.venue, session)
        if areas is None:
            return VENUE_UNKNOWN
        if not _is_whole(plan) or plan.capacity > areas.get(plan.area, 0):
            return no.PLAN_FORM
        if wanted.based_on not in (None, row["revision"] if row else 0):
            return no.PLAN_CHANGED
        # What is booked of it says of what kind it is.
        return no.PLAN_KIND if row is not None and row["kind"] != plan.kind.value else None

    async def _changed(
        self,
        by: Caller,
        row: Row | None,
        plan: PlanFacts | None,
        wanted: WantedPlan,
        session: Session,
    ) -> Answer | Refusal:
        """Write a plan as it is to be, None where it ends, and close the slots that end by it."""
        now, asked = self._clock.now(), wanted.plan
        calendar = await self._calendars.of_venue(asked.venue, session)
        if calendar is None:
            return VENUE_UNKNOWN
        ending = EndingSlots((), 0)
        if row is not None:
            ending = await plan_slots_ending(asked.plan_id, plan, calendar, now, session)
        if ending.places and not wanted.ends_bookings:
            return no.ends_bookings("plan_ends_bookings", ending.places)
        fields = {"ended": True} if plan is None else {**stored_plan(plan), "ended": False}
        await SlotPlan.get_pymongo_collection().update_one(
            {"_id": asked.plan_id},
            {"$set": {**fields, "planned_until": None}, "$inc": {"revision": 1}},
            upsert=plan is not None,
            session=session,
        )
        await ending.close(session)
        deed = deeds.of_staff(by, "bookings.plan_changed", deeds.PLAN, None, now)
        await audit.record(deed, session)
        return {"places": ending.places, "revision": (row["revision"] if row else 0) + 1}

    async def _once_at(
        self, caller: Caller | None, key: str, venue: int, request: Mapping[str, str], act: Work
    ) -> PlanChange | Refusal:
        now = self._clock.now()
        done = await once_at(self._once, caller, key, venue, request, now, act)
        if isinstance(done, Refusal):
            return done
        return PlanChange(int(done["places"]), int(done["revision"]))


def _told(wish: Mapping[str, Any]) -> dict[str, str]:
    return {"plan": json.dumps(wish, sort_keys=True)}


def _following(row: Row | None, plan: PlanFacts) -> PlanFacts:
    """Return a plan with the generation of its slots: of another length they are other slots."""
    if row is None:
        return plan
    longer = row["length_minutes"] != plan.length_minutes
    return replace(plan, generation=row.get("generation", 0) + longer)


def _is_whole(plan: PlanFacts) -> bool:
    titles = (plan.title.zh, plan.title.en)
    return (
        fits(plan)
        and _CODE.fullmatch(plan.code) is not None
        and all(1 <= len(one.strip()) <= _LONGEST_TITLE and one.isprintable() for one in titles)
        and len(plan.windows) <= MOST_WINDOWS
        and 0 <= plan.cancel_minutes <= MOST_CANCEL_MINUTES
    )


async def _row(venue: int, code: str, session: Session) -> Row | None:
    if not _CODE.fullmatch(code):
        return None
    plans = SlotPlan.get_pymongo_collection()
    return await plans.find_one({"_id": f"{venue}.{code}"}, session=session)
