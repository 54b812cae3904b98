"""Each proof counts once: the memory of what the lanes of a venue have seen.

A proof older than the acceptance window is refused as stale before it gets here, so the memory
only has to be as long as that window and its size follows the scans of some seconds.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.ecode.layout import MAX_COUNTER

MEMORY = timedelta(seconds=30)
SAME_PRESENTATION = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Fresh:
    """Not seen before."""


@dataclass(frozen=True, slots=True)
class SameAgain:
    """The same code still before the same scanner: the first answer holds."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """Seen before, at `lane` and `seen_at`: a copy, or a code older than one already shown.

    `elsewhere` tells that the lane is another reader's.
    """

    lane: int
    seen_at: datetime
    elsewhere: bool = False


Sighting = Fresh | SameAgain | Replayed


@dataclass(frozen=True, slots=True)
class _Seen:
    counter: int
    lane: int
    at: datetime
    elsewhere: bool


class ReplayGuard:
    """Remembers the highest counter of each device for `MEMORY`."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[int, int], _Seen] = OrderedDict()

    def __len__(self) -> int:
        """Return how many devices are remembered."""
        return len(self._last)

    def look(
        self, card_index: int, device_serial: int, counter: int, lane: int, now: datetime
    ) -> Sighting:
        """Say what this presentation is, without remembering it."""
        self._forget(now)
        seen = self._last.get((card_index, device_serial))
        if seen is None or _newer(counter, seen.counter):
            return Fresh()
        same = counter == seen.counter and lane == seen.lane and not seen.elsewhere
        if same and now - seen.at <= SAME_PRESENTATION:
            return SameAgain()
        return Replayed(seen.lane, seen.at, seen.elsewhere)

    def remember(
        self,
        card_index: int,
        device_serial: int,
        counter: int,
        lane: int,
        now: datetime,
        *,
        elsewhere: bool = False,
    ) -> bool:
        """Remember a presentation that was answered here, or `elsewhere` by another reader.

        False where this code or a newer one of the phone is remembered already. Called after the
        answer is durable, so that an answer that failed to be recorded can be given again.
        """
        key = (card_index, device_serial)
        seen = self._last.get(key)
        if seen is not None and not _newer(counter, seen.counter):
            return False
        self._last[key] = _Seen(counter, lane, now, elsewhere)
        self._last.move_to_end(key)
        return True

    def used_here(self, card_index: int, device_serial: int, counter: int) -> bool:
        """Tell whether this very code was answered by a lane of this reader."""
        seen = self._last.get((card_index, device_serial))
        return seen is not None and seen.counter == counter and not seen.elsewhere

    def release(self, card_index: int, device_serial: int) -> None:
        """Forget a device whose presentation was taken back: its code may be shown once more."""
        self._last.pop((card_index, device_serial), None)

    def _forget(self, now: datetime) -> None:
        while self._last:
            key, seen = next(iter(self._last.items()))
            if abs(now - seen.at) <= MEMORY:
                return
            del self._last[key]


def _newer(counter: int, seen: int) -> bool:
    """Compare counters that wrap (serial number arithmetic, RFC 1982)."""
    return 0 < (counter - seen) % (MAX_COUNTER + 1) <= MAX_COUNTER // 2
