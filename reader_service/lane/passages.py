"""Takes back entries that nobody walked through: the turnstile was opened and did not turn."""

import hashlib
import threading
from collections.abc import Callable

from reader_service.devices.gate import Gate, WatchedGate

BY_GATE = "gate"
"""Who takes such an entry back, where a staff number would stand."""


class Passages:
    """Watches one lane's gate after each opening; does nothing where the gate cannot tell.

    While people stand close behind one another it cannot know who of them did not pass: an entry is
    taken back only if nobody at all went through in its time.
    """

    def __init__(self, gate: Gate, take_back: Callable[[str, str], object]) -> None:
        """Prepare; `take_back` is given an act's key and the entry's scan id."""
        self._gate = gate if isinstance(gate, WatchedGate) else None
        self._take_back = take_back
        self._timers: set[threading.Timer] = set()

    def mark(self) -> int:
        """Return where an opening begins; asked before it."""
        return self._gate.mark() if self._gate else 0

    def watch(self, scan_id: str, mark: int) -> None:
        """Look, once the person has had their time, whether somebody passed."""
        gate = self._gate
        if gate is None:
            return

        def look() -> None:
            self._timers.discard(timer)
            if gate.turned_since(mark) is False:
                self._take_back(act_key(scan_id), scan_id)

        timer = threading.Timer(gate.passage_seconds, look)
        timer.daemon = True
        self._timers.add(timer)
        timer.start()

    def close(self) -> None:
        """Watch no longer; the entries stand."""
        for timer in tuple(self._timers):
            timer.cancel()


def act_key(scan_id: str) -> str:
    """Return the key under which an entry is taken back: one for each, so that it is done once."""
    return hashlib.sha256(f"did not turn {scan_id}".encode()).hexdigest()[:32]
