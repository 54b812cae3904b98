"""What this reader says of itself with each round: the heartbeat that officers see (S111, S114)."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from reader_service.journal import Journal, JournalFull
from reader_service.snapshot import Kind, Snapshot
from shared.ecode.reasons import Reason

JOURNAL_UNSENT = "journal_unsent"


@dataclass(frozen=True)
class Vitals:
    """Where a heartbeat's parts are known."""

    journal: Journal
    snapshot: Snapshot
    folder: Path
    faults: Callable[[], Iterable[Reason]] = field(default=tuple)
    emergency: Callable[[], bool] = field(default=bool)

    @property
    def wipe_ordered(self) -> str | None:
        """The order to erase all this reader holds, as its signed standing tells it."""
        standing = self.snapshot.lists.standing
        return None if standing is None else standing.wipe

    @property
    def wipe_due(self) -> str | None:
        """The order, once nothing is left to hand over; a journal that cannot be read is kept."""
        return self.wipe_ordered if self.unsent() == 0 else None

    def unsent(self) -> int | None:
        """Return how many records have no receipt; None where the journal cannot be read."""
        try:
            return self.journal.count_unsent()
        except JournalFull:
            return None

    def told(self, version: str, clock_ahead: float | None, now: datetime) -> dict[str, Any]:
        """Return a heartbeat as JSON values; it names nobody."""
        held, unsent = self.snapshot.held, self.unsent()
        dates = [held[kind].confirmed_at for kind in Kind if kind in held]
        refused = self.wipe_ordered is not None and unsent != 0
        return {
            "version": version,
            "clock_ahead_ms": None if clock_ahead is None else round(clock_ahead * 1000),
            "lists_age_s": (now - min(dates)) // timedelta(seconds=1) if dates else None,
            "disk_free_mib": _free_mib(self.folder),
            "unsent": unsent,
            "faults": sorted({reason.value for reason in self.faults()})[:16],
            "emergency": self.emergency(),
            "wipe_refused": JOURNAL_UNSENT if refused else None,
        }


def _free_mib(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free // 2**20
    except OSError:
        return None
