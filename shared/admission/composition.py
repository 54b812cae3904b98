"""Conditions of conditions, and how any condition is read from the wire."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.admission.circumstances import HeldBooking, HeldPass
from shared.admission.condition import HELD, Case, Condition, Failure, Held, Leaf, Remark
from shared.admission.entitlement_conditions import BookingHeld, PassHeld
from shared.admission.holder_conditions import (
    AgeWithin,
    CategoryHeld,
    ConcessionHeld,
    GenuineCard,
    InPerson,
    RegionAccepted,
    RepresentativeChecked,
    TreatedAsLocal,
)
from shared.admission.paper import PaperShown
from shared.admission.precedence import hardest_first, nearest
from shared.admission.time_conditions import (
    DaysWithin,
    EntriesToday,
    NotFull,
    NotInside,
    Open,
    SinceLastEntry,
)
from shared.admission.wire_form import InvalidRules, read_list, read_object

_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of `conditions` holds."""

    kind: ClassVar[str] = "all_of"

    conditions: tuple[Condition, ...]

    def check(self, case: Case) -> Held | Failure:
        """Refuse by the failure that is hardest to mend."""
        held, failures = check_all(self.conditions, case)
        return failures[0] if failures else held

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"kind": self.kind, "conditions": [part.to_wire() for part in self.conditions]}


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of `conditions` holds.

    Raises:
        InvalidRules: there are none, and nobody would ever be admitted.
    """

    kind: ClassVar[str] = "any_of"

    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if not self.conditions:
            raise InvalidRules("any_of has no alternatives")

    def check(self, case: Case) -> Held | Failure:
        """Hold by what costs the holder least; else refuse by the failure nearest to holding."""
        answers = [part.check(case) for part in self.conditions]
        held = [answer for answer in answers if isinstance(answer, Held)]
        if held:
            return min(held, key=lambda found: _cost(found, case))
        return nearest(answer for answer in answers if isinstance(answer, Failure))

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"kind": self.kind, "conditions": [part.to_wire() for part in self.conditions]}


def check_all(conditions: Iterable[Condition], case: Case) -> tuple[Held, tuple[Failure, ...]]:
    """Ask every condition, whatever the others say; failures come with the one to tell first."""
    held, failures = [], []
    for condition in conditions:
        answer = condition.check(case)
        if isinstance(answer, Failure):
            failures.append(answer)
        elif answer is not HELD:
            held.append(answer)
    return _together(held) if held else HELD, hardest_first(failures)


def _together(held: Iterable[Held]) -> Held:
    """Join what several conditions hold by, in an order that does not hang on theirs."""
    remarks: set[Remark] = set()
    bookings: dict[str, HeldBooking] = {}
    passes: dict[str, HeldPass] = {}
    admits: list[int] = []
    for found in held:
        remarks.update(found.remarks)
        bookings.update((booking.booking_id, booking) for booking in found.bookings)
        passes.update((counted.pass_id, counted) for counted in found.passes)
        if found.admits is not None:
            admits.append(found.admits)
    return Held(
        tuple(sorted(remarks, key=lambda remark: (remark.reason or "~", remark.headline.en))),
        tuple(bookings[name] for name in sorted(bookings)),
        tuple(passes[name] for name in sorted(passes)),
        min(admits, default=None),
    )


def _cost(held: Held, case: Case) -> tuple[Any, ...]:
    """Order ways in: for the whole party, without paying, without a pass, a booking, a look."""
    left_out = 0 if held.admits is None else case.around.party - held.admits
    pays = case.priced and not held.bookings and not held.passes
    counted = sum(found.uses is not None for found in held.passes)
    names = [found.pass_id for found in held.passes] + [one.booking_id for one in held.bookings]
    remarks = [remark.headline.en for remark in held.remarks]
    return (
        left_out,
        pays,
        counted,
        len(held.passes),
        len(held.bookings),
        len(remarks),
        names,
        remarks,
    )


_LEAVES: tuple[type[Leaf], ...] = (
    AgeWithin,
    BookingHeld,
    CategoryHeld,
    ConcessionHeld,
    DaysWithin,
    EntriesToday,
    GenuineCard,
    InPerson,
    NotFull,
    NotInside,
    Open,
    PaperShown,
    PassHeld,
    RegionAccepted,
    RepresentativeChecked,
    SinceLastEntry,
    TreatedAsLocal,
)
_READ_LEAF: Mapping[str, Callable[[Any], Any]] = {leaf.kind: leaf.of_wire for leaf in _LEAVES}
_READ_COMPOSED: Mapping[str, Callable[[tuple[Condition, ...]], Condition]] = {
    AllOf.kind: AllOf,
    AnyOf.kind: AnyOf,
}
KINDS = frozenset({*_READ_LEAF, *_READ_COMPOSED})
"""Every kind of condition this program knows."""


def read_condition(values: Any, what: str = "condition", depth: int = 0) -> Condition:
    """Read a condition as its `to_wire` wrote it.

    Raises:
        InvalidRules: its kind is unknown, a part is not understood, or it is nested too deeply.
    """
    kind = values.get("kind") if isinstance(values, Mapping) else None
    if isinstance(kind, str) and kind in _READ_LEAF:
        condition: Condition = _READ_LEAF[kind](values)
        return condition
    if not isinstance(kind, str) or kind not in _READ_COMPOSED:
        raise InvalidRules(f"{what} is of a kind this program does not know")
    if depth >= _DEEPEST:
        raise InvalidRules(f"{what} is nested too deeply")
    parts = read_object(values, kind, ("kind", "conditions"))["conditions"]
    read = read_list(parts, kind, lambda part, of: read_condition(part, of, depth + 1))
    return _READ_COMPOSED[kind](read)


def read_conditions(values: Any, what: str) -> tuple[Condition, ...]:
    """Read a list of conditions."""
    return read_list(values, what, read_condition)
