"""Slots that are there when their plan changes: those that stay take its new figures.

What is booked keeps its terms, which stand in the booking. Who waits for a slot that grew is
offered the new places before anybody else can take them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.bookings.documents import Slot
from backend.bookings.freeing import give_back
from backend.bookings.rules import SlotState
from backend.figures import BookingFigures
from backend.foundation.audit import in_one_write
from backend.foundation.mongo import Session

_MINUTE = 60_000


async def align(slot_ids: Sequence[str], row: Any, figures: BookingFigures, now: datetime) -> None:
    """Give slots that stay the figures of their plan, as it is stored.

    A slot keeps as many places as are booked where the plan has fewer.
    """
    slots, change = Slot.get_pymongo_collection(), _aligned(row)
    wanted = {"_id": {"$in": list(slot_ids)}, "state": SlotState.OPEN.value}
    await slots.update_many({**wanted, "waiting": 0}, change)
    waited = slots.find({**wanted, "waiting": {"$gt": 0}}, {"_id": 1})
    for one in [slot["_id"] async for slot in waited]:

        async def act(session: Session, slot_id: str = one) -> None:
            still = {"_id": slot_id, "state": SlotState.OPEN.value}
            await slots.update_one(still, change, session=session)
            await give_back(slot_id, [], figures, now, session)

        await in_one_write(act)


def _aligned(row: Any) -> list[dict[str, Any]]:
    """Return the change as a pipeline: what is taken decides with the write, not before it."""
    capacity = {"$max": [row["capacity"], "$taken"]}
    starts = "$starts_at"
    return [
        {
            "$set": {
                "area": row["area"],
                "capacity": capacity,
                "free": {"$subtract": [capacity, "$taken"]},
                "limit": row["limit"],
                "closes_at": {"$subtract": [starts, row["closes_minutes"] * _MINUTE]},
                "cancel_by": {"$subtract": [starts, row["cancel_minutes"] * _MINUTE]},
            }
        }
    ]
