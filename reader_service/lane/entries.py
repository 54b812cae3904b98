"""The entries and exits at the venue, by holder: what a rule on earlier entries is asked with.

All lanes of the process are counted together, and those of the venue's other readers as far as they
are heard (`reader_service.peers`). A card and the code of the same person are two holders here.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from reader_service.passed import Passed, Way
from shared.identity.age import local_day
from shared.wire.scans import Direction, ScanRecord

REMEMBERED = timedelta(hours=24)
"""How far back an entry counts: the longest time lock, and every local day."""
WITH = "with"
"""In a record's detail: the scan in whose party these persons came, so that they are no entry of
the holder's own."""


@dataclass(frozen=True, slots=True)
class EarlierEntries:
    """How often a holder was admitted on the local day, when last, and whether they are inside.

    `inside` is by the record since midnight, by which everybody is out.
    """

    today: int = 0
    last: datetime | None = None
    inside: bool = False


@dataclass(frozen=True, slots=True)
class _Passage:
    scan_id: str
    at: datetime
    direction: Direction
    told_at: int  # unix milliseconds as the journal of its reader says


def holder_of(record: ScanRecord) -> str | None:
    """Return what names the holder of a scan, None where it tells none."""
    if record.card_digest is not None:
        return record.card_digest
    return None if record.card_index is None else f"{record.region}:{record.card_index}"


class Entries:
    """Remembers entries and exits for a day; one thread at a time."""

    def __init__(self) -> None:
        self._by_holder: dict[str, list[_Passage]] = {}
        self._holders: dict[str, str] = {}
        self._taken_back: dict[str, Passed] = {}
        self._day = date.min

    def note(self, record: ScanRecord) -> Passed | None:
        """Remember a recorded scan if it let its holder through, or forget what it annuls.

        Returns:
            What the venue's other readers are to know of it, None where it is nothing to them.
        """
        holder = holder_of(record)
        if holder is None or WITH in record.detail:
            return None
        if record.annuls is not None:
            passed = Passed(record.annuls, holder, Way.TAKEN_BACK, record.scanned_at, 0)
        elif record.persons == 0:
            return None
        else:
            way = Way.IN if record.direction is Direction.IN else Way.OUT
            passed = Passed(record.scan_id, holder, way, record.scanned_at, 0)
        self.take(passed, datetime.fromtimestamp(record.scanned_at / 1000, UTC))
        return passed

    def take(self, passed: Passed, at: datetime) -> None:
        """Remember a passage here or at another reader, once; `at` is when by this one's clock."""
        if local_day(at) > self._day:
            self._day = local_day(at)
            self._forget(at - REMEMBERED)
        if passed.way is Way.TAKEN_BACK:
            self._taken_back[passed.scan_id] = passed
            self._take_back(passed.scan_id)
        elif passed.scan_id not in self._holders and passed.scan_id not in self._taken_back:
            self._holders[passed.scan_id] = passed.holder
            direction = Direction.IN if passed.way is Way.IN else Direction.OUT
            found = _Passage(passed.scan_id, at, direction, passed.at)
            insort(self._by_holder.setdefault(passed.holder, []), found, key=lambda one: one.at)

    def passages(self) -> Iterator[tuple[Passed, datetime]]:
        """Return all that is remembered, with when it was by this reader's clock."""
        for holder, passages in self._by_holder.items():
            for one in passages:
                way = Way.IN if one.direction is Direction.IN else Way.OUT
                yield Passed(one.scan_id, holder, way, one.told_at, 0), one.at
        for taken in self._taken_back.values():
            yield taken, datetime.fromtimestamp(taken.at / 1000, UTC)

    def of(self, holder: str | None, now: datetime) -> EarlierEntries:
        """Return the entries of a holder as they count at `now`."""
        passages = self._by_holder.get(holder or "", [])
        entries = [one.at for one in passages if one.direction is Direction.IN]
        today = [one for one in passages if local_day(one.at) == local_day(now)]
        return EarlierEntries(
            sum(one.direction is Direction.IN for one in today),
            entries[-1] if entries else None,
            bool(today) and today[-1].direction is Direction.IN,
        )

    def _take_back(self, scan_id: str) -> None:
        holder = self._holders.pop(scan_id, "")
        left = [one for one in self._by_holder.pop(holder, []) if one.scan_id != scan_id]
        if left:
            self._by_holder[holder] = left

    def _forget(self, before: datetime) -> None:
        for holder, passages in list(self._by_holder.items()):
            left = [one for one in passages if one.at >= before]
            for gone in passages[: len(passages) - len(left)]:
                self._holders.pop(gone.scan_id, None)
            if left:
                self._by_holder[holder] = left
            else:
                del self._by_holder[holder]
        for scan_id, taken in list(self._taken_back.items()):
            if taken.at < before.timestamp() * 1000:
                del self._taken_back[scan_id]
