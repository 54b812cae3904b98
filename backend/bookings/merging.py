"""What bookings say against two records becoming one: places are one record's, and stay so."""

from backend.bookings.documents import PlaceBooking
from backend.bookings.rules import BookingState
from backend.foundation.refusals import refusal
from backend.residents.merge_obstacles import LeftBehind
from backend.residents.merging import MergeObstacle
from shared.clock import Clock

_AHEAD = sorted(
    (BookingState.WAITING, BookingState.OFFERED, BookingState.HELD, BookingState.CONFIRMED)
)
BOOKINGS_AHEAD = refusal(
    "merge_bookings_ahead",
    (
        "要并入的记录名下还有未到期的预约或候补。",
        "The record to be merged has bookings ahead, or waits for places.",
    ),
    ("请由本人使用或取消后再合并。", "Have the person use or cancel them first."),
)


def no_bookings_ahead(clock: Clock) -> MergeObstacle:
    """Return what lets no merge leave a booking behind that is not over."""
    return LeftBehind(
        PlaceBooking.get_pymongo_collection,
        lambda merged, now: {
            "resident_id": merged,
            "ends_at": {"$gt": now},
            "state": {"$in": _AHEAD},
        },
        BOOKINGS_AHEAD,
        clock,
    )
