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
    at: datetime
    lane: int
    entered: int
    left: int


class Occupancy:
    """Counts who is inside; one thread at a time."""

    def __init__(self, booked: Booked) -> None:
        self._booked = booked
        self._own: dict[str, _Moved] = {}
        self._known: VenueFlow | None = None
        self._day = date.min

    @property
    def known_at(self) -> datetime | None:
        """When the backend's count that is in use was asked for."""
        return self._known.asked_at if self._known else None

    def note(self, record: ScanRecord) -> None:
        """Count a recorded scan, or take back what it annuls."""
        if record.annuls is not None:
            self._take_back(record)
        if record.persons == 0:
            return
        at = datetime.fromtimestamp(record.scanned_at / 1000, UTC)
        self._begin(local_day(at))
        goes_in = record.direction is Direction.IN
        persons = record.persons
        self._own[record.scan_id] = _Moved(
            at, record.lane, persons if goes_in else 0, 0 if goes_in else persons
        )

    def learn(self, flow: VenueFlow) -> None:
        """Take the backend's count into use; what it has booked of ours by then is in it."""
        self._known = flow
        ids = list(self._own)
        for start in range(0, len(ids), _AT_ONCE):
            booked = self._booked(ids[start : start + _AT_ONCE])
            for scan_id, at in booked.items():
                if at <= flow.asked_at:
                    del self._own[scan_id]

    def areas(self, lane_areas: Mapping[int, str | None], now: datetime) -> list[AreaFlow]:
        """Return what is known of each area today; None is the venue without its areas."""
        counts: dict[str | None, tuple[int, int]] = dict.fromkeys(lane_areas.values(), (0, 0))
        today = local_day(now)
        known = self._known
        if known is not None and local_day(known.asked_at) == today:
            counts |= {one.area: (one.entered, one.left) for one in known.areas}
        for moved in self._own.values():
            if local_day(moved.at) == today:
                area = lane_areas.get(moved.lane)
                entered, left = counts.get(area, (0, 0))
                counts[area] = (entered + moved.entered, left + moved.left)
        return [AreaFlow(area, *both) for area, both in sorted(counts.items(), key=_first_whole)]

    def _take_back(self, annulment: ScanRecord) -> None:
        """Forget a passage of ours; one that the backend counts is taken off its count."""
        moved = self._own.pop(annulment.annuls or "", None)
        if moved is None and annulment.party:
            at = datetime.fromtimestamp(annulment.scanned_at / 1000, UTC)
            goes_in, persons = annulment.direction is Direction.IN, annulment.party
            self._own[annulment.scan_id] = _Moved(
                at, annulment.lane, -persons if goes_in else 0, 0 if goes_in else -persons
            )

    def _begin(self, day: date) -> None:
        if day > self._day:
            self._day = day
            self._own = {name: one for name, one in self._own.items() if local_day(one.at) >= day}


def _first_whole(item: tuple[str | None, tuple[int, int]]) -> str:
    return item[0] or ""
