"""When one may enter on a booking: pure; the venue's rules say how early and how late."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.admission.circumstances import HeldBooking
from shared.admission.composition import AllOf, AnyOf
from shared.admission.condition import Condition
from shared.admission.entitlement_conditions import BookingHeld

Times = tuple[datetime, datetime]


def entry_times(booking: HeldBooking, conditions: Iterable[Condition]) -> Times:
    """Return when entry begins, and the first instant at which it is over.

    Where a venue asks for no booking at its gate, that is the slot itself; where it has several
    ways in by one, from the first to begin to the last to end.
    """
    windows = [
        asked.window(booking)
        for asked in _asked(conditions)
        if asked.area is None or asked.area == booking.area
    ]
    if not windows:
        return booking.starts_at, booking.ends_at
    return min(opens for opens, _ in windows), max(ends for _, ends in windows)


def _asked(conditions: Iterable[Condition]) -> Iterator[BookingHeld]:
    for condition in conditions:
        if isinstance(condition, BookingHeld):
            yield condition
        elif isinstance(condition, AllOf | AnyOf):
            yield from _asked(condition.conditions)
