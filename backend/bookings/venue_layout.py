"""What a venue consists of, as its staff change it: its areas, its lanes, how many fit in."""

import json
from dataclasses import asdict, dataclass

from backend.bookings import deeds
from backend.bookings.documents import SlotPlan
from backend.bookings.venue_acts import once_at
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.venues.layouts import VenueLayout, change_layout
from backend.venues.rules import AREA_PLANNED, VENUE_UNKNOWN, layout_fault
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class LayoutChange:
    """How many areas and lanes a venue has now."""

    areas: int
    lanes: int


class VenueLayouts:
    """Changes layouts, each once and with its audit row; readers get it with the next manifest."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def change(
        self, caller: Caller | None, key: str, venue: int, layout: VenueLayout
    ) -> LayoutChange | Refusal:
        """Give a venue other areas, lanes and capacity; an area with planned slots stays."""
        now = self._clock.now()

        async def act(session: Session, by: Caller) -> Answer | Refusal:
            fault = layout_fault(layout.capacity, layout.areas, layout.lanes)
            if fault is not None:
                return fault
            plans = SlotPlan.get_pymongo_collection()
            planned = set(
                await plans.distinct(
                    "area", {"venue": venue, "ended": {"$ne": True}}, session=session
                )
            )
            if planned - {area.code for area in layout.areas}:
                return AREA_PLANNED
            if not await change_layout(venue, layout, session):
                return VENUE_UNKNOWN
            deed = deeds.of_staff(by, "venues.layout_changed", deeds.LAYOUT, None, now)
            await audit.record(deed, session)
            return {"areas": len(layout.areas), "lanes": len(layout.lanes)}

        wish = json.dumps(asdict(layout), sort_keys=True)
        request = {"act": "change layout", "layout": wish}
        done = await once_at(self._once, caller, key, venue, request, now, act)
        return done if isinstance(done, Refusal) else LayoutChange(done["areas"], done["lanes"])
