"""The entries this reader admitted, by holder: what a rule on earlier entries is asked with.

All lanes of the process are counted together; what other readers of the venue admitted is known to
the backend alone. A card and the code of the same person are two holders here.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.identity.age import local_day
from shared.wire.scans import ScanRecord

REMEMBERED = timedelta(hours=24)
"""How far back an entry counts: the longest time lock, and every local day."""


@dataclass(frozen=True, slots=True)
class EarlierEntries:
    """How often a holder was admitted on the local day, and when last."""

    today: int = 0
    last: datetime | None = None


def holder_of(record: ScanRecord) -> str | None:
    """Return what names the holder of a scan, None where it tells none."""
    if record.card_digest is not None:
        return record.card_digest
    return None if record.card_index is None else f"{record.region}:{record.card_index}"


class Entries:
    """Remembers entries for a day; one thread at a time."""

    def __init__(self) -> None:
        self._by_holder: dict[str, EarlierEntries] = {}
        self._day = date.min

    def note(self, record: ScanRecord) -> None:
        """Remember a recorded scan if it let its holder in."""
        holder = holder_of(record)
        if holder is None or not record.verdict.opens:
            return
        at = datetime.fromtimestamp(record.scanned_at / 1000, UTC)
        if local_day(at) != self._day:
            self._day = local_day(at)
            self._forget(at - REMEMBERED)
        self._by_holder[holder] = EarlierEntries(self.of(holder, at).today + 1, at)

    def of(self, holder: str | None, now: datetime) -> EarlierEntries:
        """Return the entries of a holder as they count at `now`."""
        found = self._by_holder.get(holder or "")
        if found is None or found.last is None:
            return EarlierEntries()
        same_day = local_day(found.last) == local_day(now)
        return found if same_day else EarlierEntries(0, found.last)

    def _forget(self, before: datetime) -> None:
        self._by_holder = {
            holder: found
            for holder, found in self._by_holder.items()
            if found.last is not None and found.last >= before
        }
