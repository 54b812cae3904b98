"""Conditions on what the holder holds: a booking of this place now, a pass that is good here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from shared.admission.circumstances import Circumstances, HeldBooking, HeldPass
from shared.admission.condition import Case, Failure, Held, Leaf
from shared.admission.holder_conditions import local_midnight
from shared.admission.precedence import nearest
from shared.admission.wire_form import (
    InvalidRules,
    member_of,
    read_list,
    read_number,
    read_optional,
    read_text,
)
from shared.ecode.moment import moment_of
from shared.ecode.reasons import Reason

_DAY_MINUTES = 24 * 60


class LateFrom(StrEnum):
    """From where a slot's late minutes count."""

    START = "start"  # an examination: 15 minutes after it began nobody enters
    END = "end"  # a museum: the whole slot, and some minutes


def _minutes(value: Any, what: str) -> int:
    return read_number(value, what, most=_DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class BookingHeld(Leaf):
    """The holder has a booking of this venue, and of `area` where it is set, and it is its time.

    Entry begins `early_minutes` before the slot and ends `late_minutes` after its `late_from`.

    Raises:
        InvalidRules: these minutes leave no time to enter.
    """

    kind: ClassVar[str] = "booking"
    FORM: ClassVar = {
        "area": lambda value, what: read_optional(value, what, read_text),
        "early_minutes": _minutes,
        "late_minutes": _minutes,
        "late_from": member_of(LateFrom),
    }

    area: str | None = None
    early_minutes: int = 0
    late_minutes: int = 0
    late_from: LateFrom = LateFrom.END

    def __post_init__(self) -> None:
        if self.late_from is LateFrom.START and self.early_minutes + self.late_minutes == 0:
            raise InvalidRules("booking leaves no time to enter")

    def check(self, case: Case) -> Held | Failure:
        """Hold by the booking that ends first; else refuse by the one nearest to holding."""
        here = [held for held in case.around.bookings if self._is_here(held, case.around)]
        failures = [(held, self._failure(held, case.around.now)) for held in here]
        good = [held for held, failure in failures if failure is None]
        if good:
            booking = min(good, key=lambda held: (held.ends_at, held.booking_id))
            return Held(bookings=(booking,), admits=_of_party(case.around, booking.left))
        found = [failure for _, failure in failures if failure is not None]
        return nearest(found) if found else Failure(self, Reason.BOOKING_NEEDED, {})

    def window(self, booking: HeldBooking) -> tuple[datetime, datetime]:
        """Return when entry on a booking begins, and the first instant at which it is over."""
        late_from = booking.starts_at if self.late_from is LateFrom.START else booking.ends_at
        return (
            booking.starts_at - timedelta(minutes=self.early_minutes),
            late_from + timedelta(minutes=self.late_minutes),
        )

    def _is_here(self, booking: HeldBooking, around: Circumstances) -> bool:
        return booking.venue == around.venue and (self.area is None or booking.area == self.area)

    def _failure(self, booking: HeldBooking, now: datetime) -> Failure | None:
        opens, ends = self.window(booking)
        if now >= ends:
            return Failure(self, Reason.BOOKING_TOO_LATE, {"ended": moment_of(ends)})
        if booking.left == 0:
            counts = {"entered": booking.entered, "quantity": booking.quantity}
            return Failure(self, Reason.ALREADY_USED, counts)
        if now < opens:
            times = {"begins": moment_of(booking.starts_at), "opens": moment_of(opens)}
            return Failure(self, Reason.BOOKING_TOO_EARLY, times, opens)
        return None


@dataclass(frozen=True, slots=True)
class PassHeld(Leaf):
    """The holder has a pass that is good here today; `products` None takes any product."""

    kind: ClassVar[str] = "pass"
    FORM: ClassVar = {
        "products": lambda values, what: read_optional(
            values, what, lambda found, of: frozenset(read_list(found, of, read_text))
        )
    }

    products: frozenset[str] | None = None

    def check(self, case: Case) -> Held | Failure:
        """Hold by the pass that costs least to use; else refuse by the one nearest to holding."""
        taken = [
            held
            for held in case.around.passes
            if self.products is None or held.product in self.products
        ]
        failures = [(held, self._failure(held, case)) for held in taken]
        good = [held for held, failure in failures if failure is None]
        if good:
            held = min(good, key=_cost)
            return Held(passes=(held,), admits=_of_party(case.around, held.left))
        found = [failure for _, failure in failures if failure is not None]
        return nearest(found) if found else Failure(self, Reason.PASS_NEEDED, {})

    def _failure(self, held: HeldPass, case: Case) -> Failure | None:
        if held.venues is not None and case.around.venue not in held.venues:
            return Failure(self, Reason.PASS_OTHER_VENUE, {})
        if held.personal and case.evidence.represented:
            return Failure(self, Reason.PASS_PERSONAL, {})
        if held.left == 0:
            return Failure(self, Reason.PASS_USED_UP, {"uses": held.uses or 0, "used": held.used})
        good_day = held.next_good_day(case.day)
        if good_day is None:
            last = held.days.last or case.day
            return Failure(self, Reason.PASS_EXPIRED, {"date": last.isoformat()})
        if good_day == case.day:
            return None
        begins = local_midnight(good_day)
        reason = Reason.PASS_NOT_YET if case.day < held.days.first else Reason.PASS_BLACKOUT
        return Failure(self, reason, {"when": moment_of(begins)}, begins)


def _cost(held: HeldPass) -> tuple[bool, bool, int, str]:
    """Order passes: without limit before counted ones, then what ends first."""
    last = held.days.last
    return held.uses is not None, last is None, last.toordinal() if last else 0, held.pass_id


def _of_party(around: Circumstances, left: int | None) -> int | None:
    return None if left is None or left >= around.party else left
