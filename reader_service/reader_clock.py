"""The reader's own clock: how far it is off, learnt from the backend and from visitors' phones.

The backend's time is compared at each exchange and carried on by the monotonic clock, so that a
wall clock that jumps moves nothing. Between exchanges, and where there never was one, the phones of
many visitors tell: each genuine code says what time its phone had. A copied code can only be too
old, so of each phone the freshest counts, and of all phones the median. What the crowd may correct
is bounded: by how far a quartz drifts since the backend was heard, or by `CROWD_BOUND` alone.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from shared.clock import Clock

BACKEND_BOUND = 300.0
"""Seconds that the backend's word alone corrects; more only where the phones say the same."""
CROWD_BOUND = 120.0
QUORUM = 15
"""Different phones, without which the crowd is not asked."""
IGNORED = 3.0
"""Seconds not worth a correction: a code lives longer, and phones differ by as much."""
_USUAL_AGE = 2.5
"""A code is shown for five seconds before the next one."""
_AGREE = 10.0
_MOST_PHONES = 101
_REMEMBERED = 3600.0
_DRIFT = 1e-4
_EXACT = 1.5
_EVIDENCE_EVERY = 1.0

Phone = tuple[int, int]


class TimeSource(StrEnum):
    """By whom this reader's clock is judged."""

    BACKEND = "backend"
    PHONES = "phones"


@dataclass(frozen=True, slots=True)
class ClockError:
    """By how many seconds the machine's clock is ahead, by whom, and how much is corrected.

    `corrected` is 0 where the error is too small to matter or too large to be believed.
    """

    ahead: float
    source: TimeSource
    corrected: float


class ReaderClock:
    """The machine's clock as corrected (see `Clock`); from any thread."""

    def __init__(self, machine: Clock) -> None:
        self._machine = machine
        self._lock = threading.Lock()
        self._anchor: tuple[float, float] | None = None  # seconds since 1970 at a monotonic time
        self._claimed: tuple[float, float] | None = None
        self._phones: OrderedDict[Phone, tuple[float, float]] = OrderedDict()
        self._evidence_due = 0.0

    def now(self) -> datetime:
        """Return the machine's time, less its error as far as that is believed."""
        error, raw = self.error(), self._machine.now()
        return raw if error is None else raw - timedelta(seconds=error.corrected)

    def monotonic(self) -> float:
        """Return the machine's monotonic clock."""
        return self._machine.monotonic()

    def hear_backend(self, there: datetime) -> float:
        """Take what the backend says the time is; return by how much the machine is ahead."""
        raw, moment = self._machine.now(), self._machine.monotonic()
        with self._lock:
            self._claimed = (there.timestamp(), moment)
            self._settle(raw)
        return (raw - there).total_seconds()

    def wants_evidence(self) -> bool:
        """Tell whether to check a code that is out of time for being genuine: now and then."""
        moment = self._machine.monotonic()
        with self._lock:
            if moment < self._evidence_due:
                return False
            self._evidence_due = moment + _EVIDENCE_EVERY
            return True

    def hear_phone(self, phone: Phone, issued_at: int) -> None:
        """Take the time of a genuine code; a phone counts once, by its freshest."""
        moment = self._machine.monotonic()
        ahead = issued_at - moment
        with self._lock:
            earlier = self._phones.pop(phone, None)
            if earlier is not None and moment - earlier[1] < _REMEMBERED:
                ahead = max(ahead, earlier[0])
            self._phones[phone] = (ahead, moment)
            if len(self._phones) > _MOST_PHONES:
                self._phones.popitem(last=False)
            self._settle(self._machine.now())

    def error(self) -> ClockError | None:
        """Return how far the machine's clock is off; None where nobody could tell."""
        raw, moment = self._machine.now().timestamp(), self._machine.monotonic()
        with self._lock:
            crowd = self._crowd(moment)
            if self._anchor is not None:
                ahead = raw - self._carried(self._anchor, crowd, moment)
                return ClockError(ahead, TimeSource.BACKEND, _worth(ahead))
            if crowd is not None:
                ahead = raw - crowd
                believed = ahead if abs(ahead) <= CROWD_BOUND else 0.0
                return ClockError(ahead, TimeSource.PHONES, _worth(believed))
            if self._claimed is not None:
                there, at = self._claimed
                return ClockError(raw - there - (moment - at), TimeSource.BACKEND, 0.0)
        return None

    def uncorrected(self) -> float:
        """Return by how many seconds it is still ahead after its correction, as far as is known."""
        error = self.error()
        rest = error.ahead - error.corrected if error else 0.0
        return rest if abs(rest) > IGNORED else 0.0

    def _settle(self, raw: datetime) -> None:
        """Believe the backend's last word where it is near, or where the phones bear it out."""
        if self._claimed is None:
            return
        (there, at), moment = self._claimed, self._machine.monotonic()
        told, crowd = there + (moment - at), self._crowd(moment)
        before = self._anchor and self._carried(self._anchor, None, moment)
        near = abs((raw.timestamp() if before is None else before) - told) <= BACKEND_BOUND
        if near or (crowd is not None and abs(crowd - told) <= _AGREE):
            self._anchor = self._claimed

    def _carried(self, anchor: tuple[float, float], crowd: float | None, moment: float) -> float:
        """Return the time by the backend's, mended by the crowd as far as a quartz may drift."""
        there, at = anchor
        told, slack = there + (moment - at), _EXACT + _DRIFT * (moment - at)
        if crowd is None or abs(crowd - told) <= IGNORED:
            return told
        return min(max(crowd, told - slack), told + slack)

    def _crowd(self, moment: float) -> float | None:
        lately = [ahead for ahead, at in self._phones.values() if moment - at < _REMEMBERED]
        if len(lately) < QUORUM:
            return None
        return median(lately) + moment + _USUAL_AGE


def _worth(seconds: float) -> float:
    return seconds if abs(seconds) > IGNORED else 0.0
