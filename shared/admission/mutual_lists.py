"""Mutual recognition lists 互认清单: what two regions recognise, each on its own list (S129).

A side lists the versions of each item that it approves. What both list alike is in force; what one
side changed waits for the other 待双方确认, and the version before stands until then. What a side
takes off its list is recognised no more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from shared.admission.circumstances import DayRange
from shared.admission.evidence import AgeRange, Evidence
from shared.admission.scene import Scene
from shared.admission.wire_form import (
    InvalidRules,
    read_list,
    read_number,
    read_object,
    read_optional,
    read_text,
)
from shared.ecode.layout import MAX_REGION

MOST_ITEMS = 200
"""Versions on the list of one side."""
MOST_VERSION = 10_000


@dataclass(frozen=True, slots=True)
class ListedItem:
    """A version of an item: the scenes it is for, None for every one; for whom; and its days."""

    code: str
    version: int
    days: DayRange
    scenes: frozenset[Scene] | None = None
    ages: AgeRange | None = None

    def speaks_of(self, evidence: Evidence, scene: Scene) -> bool:
        """Tell whether it is for this kind of holder and this scene."""
        if self.scenes is not None and scene not in self.scenes:
            return False
        return self.ages is None or bool(evidence.ages and evidence.ages.within(self.ages))

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        scenes = None if self.scenes is None else sorted(self.scenes)
        return {
            "code": self.code,
            "version": self.version,
            "days": self.days.to_wire(),
            "scenes": None if scenes is None else [scene.to_wire() for scene in scenes],
            "ages": None if self.ages is None else self.ages.to_wire(),
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "item") -> "ListedItem":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        item = read_object(values, what, ("code", "version", "days", "scenes", "ages"))
        scenes = read_optional(
            item["scenes"], what, lambda found, of: read_list(found, of, Scene.of_wire)
        )
        return cls(
            read_text(item["code"], what),
            read_number(item["version"], what, least=1, most=MOST_VERSION),
            DayRange.of_wire(item["days"], what),
            None if scenes is None else frozenset(scenes),
            read_optional(item["ages"], what, AgeRange.of_wire),
        )


@dataclass(frozen=True, slots=True)
class SideList:
    """What one region approves.

    Raises:
        InvalidRules: a version of an item stands on it twice, or it is longer than a list may be.
    """

    region: int
    items: tuple[ListedItem, ...] = ()

    def __post_init__(self) -> None:
        if len(self.items) > MOST_ITEMS:
            raise InvalidRules("a list of one side is too long")
        if len({(one.code, one.version) for one in self.items}) != len(self.items):
            raise InvalidRules("a version of an item is listed twice")

    def relisted(self, current: Iterable[ListedItem]) -> "SideList":
        """Return the list after its region says what it approves now.

        An item that it names no more is withdrawn. Of one that it names, the versions before stay
        listed: until the other side lists the new one, the last that both list is in force.

        Raises:
            InvalidRules: a version is older than one that is listed, or the same with other words.
        """
        kept: list[ListedItem] = []
        for item in current:
            before = [one for one in self.items if one.code == item.code]
            if any(
                one.version > item.version or (one.version == item.version and one != item)
                for one in before
            ):
                raise InvalidRules("what is changed needs a new version")
            kept += [*(one for one in before if one.version < item.version), item]
        return SideList(self.region, tuple(kept))

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"region": self.region, "items": [item.to_wire() for item in self.items]}

    @classmethod
    def of_wire(cls, values: Any, what: str = "side") -> "SideList":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        side = read_object(values, what, ("region", "items"))
        return cls(
            read_number(side["region"], what, most=MAX_REGION),
            read_list(side["items"], what, ListedItem.of_wire),
        )


@dataclass(frozen=True, slots=True)
class MutualList:
    """The lists of two sides; without sides nothing is listed, so nothing recognised.

    Raises:
        InvalidRules: it is of one side or of more than two, or both are one region.
    """

    sides: tuple[SideList, ...] = ()

    def __post_init__(self) -> None:
        if (self.sides and len({side.region for side in self.sides}) != 2) or len(self.sides) > 2:
            raise InvalidRules("a mutual list is of two sides")

    @property
    def regions(self) -> frozenset[int]:
        """The two sides."""
        return frozenset(side.region for side in self.sides)

    def in_force(self) -> tuple[ListedItem, ...]:
        """Return the items that both sides list alike, each version on its own days.

        Those of a version end where the next one of the same item begins.
        """
        agreed: dict[str, list[ListedItem]] = {}
        for item in self._by_both():
            agreed.setdefault(item.code, []).append(item)
        return tuple(found for code in sorted(agreed) for found in _one_after_another(agreed[code]))

    def pending(self) -> tuple[tuple[int, ListedItem], ...]:
        """Return what only one side lists, with that side's region: it waits for the other.

        A version below one that both list is history and waits for nobody.
        """
        both = self._by_both()
        newest = {code: max(_versions(both, code)) for code in {item.code for item in both}}
        return tuple(
            (side.region, item)
            for side in self.sides
            for item in side.items
            if item not in both and item.version > newest.get(item.code, 0)
        )

    def _by_both(self) -> frozenset[ListedItem]:
        listed = [frozenset(side.items) for side in self.sides]
        return listed[0] & listed[1] if listed else frozenset()

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"sides": [side.to_wire() for side in self.sides]}

    @classmethod
    def of_wire(cls, values: Any, what: str = "listed") -> "MutualList":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        return cls(
            read_list(read_object(values, what, ("sides",))["sides"], what, SideList.of_wire)
        )


def overlap(one: DayRange, other: DayRange) -> DayRange | None:
    """Return the days that lie in both, None where there are none."""
    first = max(one.first, other.first)
    ends = [days.last for days in (one, other) if days.last is not None]
    last = min(ends, default=None)
    return None if last is not None and last < first else DayRange(first, last)


def _versions(items: Iterable[ListedItem], code: str) -> Iterator[int]:
    return (item.version for item in items if item.code == code)


def _one_after_another(items: Iterable[ListedItem]) -> Iterator[ListedItem]:
    """Yield the versions of one item with the days that are left of each by the later ones."""
    begins: date | None = None
    for item in sorted(items, key=lambda one: one.version, reverse=True):
        if begins is not None and begins <= item.days.first:
            continue
        before = None if begins is None else begins - timedelta(days=1)
        ends = [day for day in (before, item.days.last) if day is not None]
        yield replace(item, days=DayRange(item.days.first, min(ends, default=None)))
        begins = item.days.first
