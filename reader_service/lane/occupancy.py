"""How many are inside each area: the backend's last count, and what this reader let through since.

By midnight everybody is out. Without the backend this reader knows its own lanes alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from shared.identity.age import local_day
from shared.wire.flow import AreaFlow, VenueFlow
from shared.wire.scans import Direction, ScanRecord

_AT_ONCE = 500

Booked = Callable[[Sequence[str]], Mapping[str, datetime]]
"""Tells when the backend booked scans, by this reader's clock; those it did not are left out."""


@dataclass(frozen=True, slots=True)
class _Moved:
    lane: int
    entered: int
    left: int


class Occupancy:
    """Counts who is inside; one thread at a time. What it costs to ask grows with lanes alone."""

    def __init__(self, booked: Booked) -> None:
        self._booked = booked
        self._own: dict[str, _Moved] = {}
        self._sums: dict[int, tuple[int, int]] = {}
        self._known: VenueFlow | None = None
        self._day = date.min

    @property
    def known_at(self) -> datetime | None:
        """When the backend's count that is in use was asked for."""
        return self._known.asked_at if self._known else None

    def note(self, record: ScanRecord) -> None:
        """Count a recorded scan, or take back what it annuls."""
        at = datetime.fromtimestamp(record.scanned_at / 1000, UTC)
        if record.annuls is not None:
            taken = self._own.pop(record.annuls, None)
            if taken is not None:
                self._add(taken, -1)
            else:  # The backend counts it already, and not yet that it is taken back.
                self._keep(record, at, -record.party)
        elif record.persons:
            self._keep(record, at, record.persons)

    def learn(self, flow: VenueFlow) -> None:
        """Take the backend's count into use; what it has booked of ours by then is in it."""
        self._known = flow
        ids = list(self._own)
        for start in range(0, len(ids), _AT_ONCE):
            booked = self._booked(ids[start : start + _AT_ONCE])
            for scan_id, at in booked.items():
                if at <= flow.asked_at:
                    self._add(self._own.pop(scan_id), -1)

    def areas(self, lane_areas: Mapping[int, str | None], now: datetime) -> list[AreaFlow]:
        """Return what is known of each area today; None is the venue without its areas."""
        counts: dict[str | None, tuple[int, int]] = dict.fromkeys(lane_areas.values(), (0, 0))
        today, known = local_day(now), self._known
        if known is not None and local_day(known.asked_at) == today:
            counts |= {one.area: (one.entered, one.left) for one in known.areas}
        if self._day == today:
            for lane, (more, fewer) in self._sums.items():
                area = lane_areas.get(lane)
                entered, left = counts.get(area, (0, 0))
                counts[area] = (entered + more, left + fewer)
        return [AreaFlow(area, *both) for area, both in sorted(counts.items(), key=_first_whole)]

    def _keep(self, record: ScanRecord, at: datetime, persons: int) -> None:
        day = local_day(at)
        if day > self._day:
            self._day, self._own, self._sums = day, {}, {}
        if day == self._day:
            goes_in = record.direction is Direction.IN
            moved = _Moved(record.lane, persons if goes_in else 0, 0 if goes_in else persons)
            self._own[record.scan_id] = moved
            self._add(moved, 1)

    def _add(self, moved: _Moved, sign: int) -> None:
        entered, left = self._sums.get(moved.lane, (0, 0))
        self._sums[moved.lane] = (entered + sign * moved.entered, left + sign * moved.left)


def _first_whole(item: tuple[str | None, tuple[int, int]]) -> str:
    return item[0] or ""
