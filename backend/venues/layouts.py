"""Areas, lanes and capacity of a venue, as they are stored."""

from dataclasses import dataclass

from backend.foundation.mongo import Session
from backend.venues.documents import Venue
from backend.venues.rules import AreaPlan, LanePlan


@dataclass(frozen=True, slots=True)
class VenueLayout:
    """What a venue consists of; `capacity` None: it has no bound of its own."""

    capacity: int | None
    areas: tuple[AreaPlan, ...]
    lanes: tuple[LanePlan, ...]


async def change_layout(number: int, layout: VenueLayout, session: Session) -> bool:
    """Give a venue another layout; tell whether there is such a venue."""
    fields = {
        "capacity": layout.capacity,
        "areas": [
            {"code": one.code, "name": {"zh": one.name.zh, "en": one.name.en},
             "capacity": one.capacity}
            for one in layout.areas
        ],
        "lanes": [
            {"number": one.number, "name": {"zh": one.name.zh, "en": one.name.en},
             "area": one.area}
            for one in layout.lanes
        ],
    }  # fmt: skip
    venues = Venue.get_pymongo_collection()
    done = await venues.update_one({"_id": number}, {"$set": fields}, session=session)
    return done.matched_count == 1


async def area_capacities(number: int, session: Session) -> dict[str, int] | None:
    """Return how many fit into each area of a venue, None where there is no such venue."""
    venues = Venue.get_pymongo_collection()
    row = await venues.find_one({"_id": number}, {"areas": 1}, session=session)
    return None if row is None else {one["code"]: one["capacity"] for one in row.get("areas", ())}
