"""The entries this reader admitted, by holder: what a rule on earlier entries is asked with.

All lanes of the process are counted together; what other readers of the venue admitted is known to
the backend alone. A card and the code of the same person are two holders here.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

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
        self._day = date.min

    def note(self, record: ScanRecord) -> None:
        """Remember a recorded scan if it let its holder through, or forget what it annuls."""
        if record.annuls is not None:
            self._take_back(record.annuls)
            return
        holder = holder_of(record)
        if holder is None or record.persons == 0 or WITH in record.detail:
            return
        at = datetime.fromtimestamp(record.scanned_at / 1000, UTC)
        if local_day(at) != self._day:
            self._day = local_day(at)
            self._forget(at - REMEMBERED)
        self._holders[record.scan_id] = holder
        passages = self._by_holder.setdefault(holder, [])
        passages.append(_Passage(record.scan_id, at, record.direction))

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
