"""Asking the backend before a lane admits 联网核验: where the rules say so, and while it is quick.

The lane's own rule decides as it would without a network; the backend adds what it alone knows. It
may refuse whom the lane would admit, and admit whom the lane refuses only because its own list
knows no booking or pass of theirs. While the line is slow or dead nobody waits for it.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from shared.admission.answer import Answer
from shared.admission.evidence import Evidence
from shared.clock import Clock
from shared.ecode.reasons import Reason
from shared.wire.admission_check import AdmissionAnswer, AdmissionCheck
from shared.wire.scans import ScanRecord

WAIT_SECONDS = 1.0
"""So long a visitor waits for the backend at most."""
QUICK_SECONDS = 0.4
PROBE_SECONDS = 5.0
_HISTORY = 5
_TOO_MANY_SLOW = 2
_QUICK_IN_A_ROW = 3
_MAY_BE_ADMITTED = frozenset({Reason.BOOKING_NEEDED, Reason.PASS_NEEDED})
"""Refusals for what this reader may not have heard of yet."""

Told = Callable[[AdmissionAnswer | None], None]


class Line(Protocol):
    """The way to the backend."""

    def ask(self, asked: AdmissionCheck, told: Told) -> None:
        """Ask, and tell once what was heard, None where nothing was; never waits."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What the backend said about the scan that will have this id."""

    check_id: str
    answer: AdmissionAnswer


class LineQuality:
    """Whether to wait for the backend, by how long its last answers took.

    Of the last five two that were late or never came end the waiting; only three quick ones in a
    row begin it again, so that a line at the limit does not make lanes go back and forth.
    """

    def __init__(self) -> None:
        self._late: deque[bool] = deque(maxlen=_HISTORY)
        self._quick = 0
        self.waits = True

    def note(self, seconds: float | None) -> None:
        """Take how long an answer took, None where none came in time."""
        late = seconds is None or seconds > WAIT_SECONDS
        self._late.append(late)
        self._quick = self._quick + 1 if seconds is not None and seconds <= QUICK_SECONDS else 0
        if self.waits and sum(self._late) >= _TOO_MANY_SLOW:
            self.waits, self._quick = False, 0
        elif not self.waits and self._quick >= _QUICK_IN_A_ROW:
            self.waits = True
            self._late.clear()


class OnlineChecks:
    """Asks for all lanes of the process; may be used from any thread."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._lock = threading.Lock()
        self._quality = LineQuality()
        self._probed_at = -PROBE_SECONDS

    @property
    def waits(self) -> bool:
        """Tell whether visitors are kept until the backend answered."""
        return self._quality.waits

    def ask(
        self,
        answer: Answer,
        record: ScanRecord,
        evidence: Evidence | None,
        *,
        enquiry: bool = False,
    ) -> Heard | None:
        """Return what the backend says of a decision, None where it is not asked or not in time.

        An `enquiry` lets nobody in: the backend keeps no place for it.

        While the line is bad, an occasional visitor's question only finds out how it is by now.
        """
        if evidence is None or not is_askable(answer):
            return None
        asked = AdmissionCheck(
            record.scan_id,
            record.lane,
            evidence,
            record.party,
            record.card_index,
            record.device_serial,
            record.card_digest,
            enquiry,
        )
        waiting, began = self._begins(), self._clock.monotonic()
        if waiting is None:
            return None
        heard: list[AdmissionAnswer | None] = []
        came, noted = threading.Event(), threading.Lock()

        def told(found: AdmissionAnswer | None) -> None:
            took = None if found is None else self._clock.monotonic() - began
            if noted.acquire(blocking=False):
                self._note(took)
                heard.append(found)
            came.set()

        self._line.ask(asked, told)
        if not waiting:
            return None
        came.wait(WAIT_SECONDS)
        if noted.acquire(blocking=False):  # it comes too late from now on
            self._note(None)
            return None
        found = heard[0] if heard else None
        return None if found is None else Heard(asked.check_id, found)

    def _begins(self) -> bool | None:
        """Tell whether to ask and wait, only to ask, or (None) not to ask."""
        now = self._clock.monotonic()
        with self._lock:
            if self._quality.waits:
                return True
            if now - self._probed_at < PROBE_SECONDS:
                return None
            self._probed_at = now
            return False

    def _note(self, seconds: float | None) -> None:
        with self._lock:
            self._quality.note(seconds)


def is_askable(answer: Answer) -> bool:
    """Tell whether the backend may know better than a lane's own decision."""
    return answer.verdict.opens or answer.reason in _MAY_BE_ADMITTED


def joined(answer: Answer, record: ScanRecord, heard: Heard) -> tuple[Answer, ScanRecord]:
    """Return a lane's own decision together with what the backend said."""
    record, there = replace(record, scan_id=heard.check_id), heard.answer
    here, opens = answer.verdict.opens, there.answer.verdict.opens
    if not here and not (opens and answer.reason in _MAY_BE_ADMITTED):
        return answer, record
    few = here and opens and record.persons <= there.admits
    said = answer if few else there.answer
    admits = min(record.persons or there.admits, there.admits)
    told = replace(
        record,
        verdict=said.verdict,
        reason=said.reason,
        detail={**record.detail, **said.detail},
        admits=admits if opens else None,
        counted_on=there.counted_on,
    )
    return said, told
