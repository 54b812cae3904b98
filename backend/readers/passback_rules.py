"""Which entries a venue's anti-passback 反潜回 would not have let in, had every gate known of all.

Gates that were cut off from each other each admit; here their scans are together again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from shared.admission.composition import AllOf
from shared.admission.condition import Condition
from shared.admission.time_conditions import NotInside, Passback, SinceLastEntry
from shared.identity.age import local_day


@dataclass(frozen=True, slots=True)
class PassbackRule:
    """What a venue refuses: who is inside, or whoever came in less than `minutes` ago."""

    inside: bool = False
    minutes: int = 0

    @classmethod
    def of(cls, conditions: Iterable[Condition]) -> "PassbackRule | None":
        """Return what conditions ask of everybody, None where they refuse no second entry.

        Soft anti-passback refuses nobody: its entries are no conflict.
        """
        every = list(_every(conditions))
        inside = any(isinstance(one, NotInside) and one.passback is Passback.HARD for one in every)
        minutes = max((one.minutes for one in every if isinstance(one, SinceLastEntry)), default=0)
        return cls(inside, minutes) if inside or minutes else None


@dataclass(frozen=True, slots=True)
class HolderDay:
    """Somebody's local day at a venue: what anti-passback looks at."""

    venue: int
    day: date
    visitor: str

    @property
    def name(self) -> str:
        """Return its name as a conflict's subject."""
        return f"{self.venue} {self.day.isoformat()} {self.visitor}"

    @classmethod
    def of_name(cls, name: str) -> "HolderDay":
        """Read what `name` made."""
        venue, day, visitor = name.split(" ", 2)
        return cls(int(venue), date.fromisoformat(day), visitor)

    @classmethod
    def of_scan(cls, scan: Any) -> "HolderDay | None":
        """Return what a stored scan belongs to, None where nobody knows whose it is.

        Whom staff let in by hand they looked at: that is no conflict.
        """
        by_hand = "override_reason" in scan and "left" not in scan
        if "visitor" not in scan or by_hand:
            return None
        return cls(scan["venue_number"], local_day(scan["scanned_at"]), scan["visitor"])


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody went in or out at a reader."""

    scan_id: str
    terminal_id: str
    at: datetime
    out: bool


def not_together(passages: Sequence[Passage], rule: PassbackRule | None) -> Collection[str]:
    """Return the entries that do not go together: one that was let in, and the one before it.

    Entries at one reader go together whatever they are: it knew of both, and let in the rest of a
    party, or what its rule was then.

    Args:
        passages: of one holder on one day, in the order in which they happened.
        rule: of the venue, None where it refuses no second entry.
    """
    found, before, inside = set[str](), None, False
    for one in passages if rule is not None else ():
        if one.out:
            inside = False
            continue
        if before is not None and rule is not None and before.terminal_id != one.terminal_id:
            soon = one.at - before.at < timedelta(minutes=rule.minutes)
            if soon or (rule.inside and inside):
                found |= {before.scan_id, one.scan_id}
        before, inside = one, True
    return found


def _every(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Return the conditions that hold for everybody, whatever they are put together of."""
    for one in conditions:
        if isinstance(one, AllOf):
            yield from _every(one.conditions)
        else:
            yield one
