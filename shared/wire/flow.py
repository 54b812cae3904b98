"""How many came, went and are inside a venue today, as the backend tells its readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.localized_text import LocalizedText

_MOST = 10_000_000
_MOST_ROWS = 10_000


class InvalidFlow(ValueError):
    """Counts that came over the wire are not understood."""


@dataclass(frozen=True, slots=True)
class AreaFlow:
    """Who came into an area today and who left it; `area` None is the venue without its areas."""

    area: str | None
    entered: int
    left: int

    @property
    def inside(self) -> int:
        """How many are inside; nobody leaves twice."""
        return max(0, self.entered - self.left)


@dataclass(frozen=True, slots=True)
class HourFlow:
    """What passed all lanes within the hour that begins at `hour` (0 to 23, local)."""

    hour: int
    entered: int
    left: int
    refused: int


@dataclass(frozen=True, slots=True)
class LaneFlow:
    """What passed one lane since midnight, whichever reader it belongs to."""

    lane: int
    name: LocalizedText
    entered: int
    left: int
    refused: int


@dataclass(frozen=True, slots=True)
class VenueFlow:
    """A venue's counts since midnight; `asked_at` is when they were asked for, by who asked."""

    areas: tuple[AreaFlow, ...]
    hours: tuple[HourFlow, ...]
    asked_at: datetime
    lanes: tuple[LaneFlow, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """Return the counts as JSON values; when they were asked for is not among them."""
        return {
            "areas": [
                {"area": one.area, "entered": one.entered, "left": one.left} for one in self.areas
            ],
            "hours": [
                {"hour": h.hour, "entered": h.entered, "left": h.left, "refused": h.refused}
                for h in self.hours
            ],
            "lanes": [
                {
                    "lane": one.lane,
                    "name": {"zh": one.name.zh, "en": one.name.en},
                    "entered": one.entered,
                    "left": one.left,
                    "refused": one.refused,
                }
                for one in self.lanes
            ],
        }

    @classmethod
    def of_wire(cls, values: Any, asked_at: datetime) -> "VenueFlow":
        """Read what `to_wire` wrote; a backend of before told no lanes.

        Raises:
            InvalidFlow: it is not understood.
        """
        if not isinstance(values, Mapping):
            raise InvalidFlow
        areas = [
            AreaFlow(_name(row.get("area")), _count(row, "entered"), _count(row, "left"))
            for row in _rows(values, "areas")
        ]
        hours = [
            HourFlow(
                _count(row, "hour", 23),
                _count(row, "entered"),
                _count(row, "left"),
                _count(row, "refused"),
            )
            for row in _rows(values, "hours")
        ]
        lanes = [_lane(row) for row in (_rows(values, "lanes") if "lanes" in values else [])]
        return cls(tuple(areas), tuple(hours), asked_at, tuple(lanes))


def _rows(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = values.get(name)
    if not isinstance(rows, list) or len(rows) > _MOST_ROWS:
        raise InvalidFlow
    if not all(isinstance(row, Mapping) for row in rows):
        raise InvalidFlow
    return rows


def _lane(row: Mapping[str, Any]) -> LaneFlow:
    name = row.get("name")
    if not isinstance(name, Mapping):
        raise InvalidFlow
    zh, en = _name(name.get("zh")), _name(name.get("en"))
    if zh is None or en is None:
        raise InvalidFlow
    counts = (_count(row, one) for one in ("entered", "left", "refused"))
    return LaneFlow(_count(row, "lane"), LocalizedText(zh, en), *counts)


def _count(row: Mapping[str, Any], name: str, most: int = _MOST) -> int:
    value = row.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise InvalidFlow
    return value


def _name(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and 1 <= len(value) <= 64):
        raise InvalidFlow
    return value
