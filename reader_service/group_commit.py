"""One durable write for all lanes that wait at a moment: whoever comes first writes for them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reader_service.journal_file import JournalFull
from shared.wire.scans import ScanRecord


@dataclass(slots=True)
class _Waiting:
    """Scans that a lane waits for."""

    scans: tuple[ScanRecord, ...]
    done: bool = False
    error: JournalFull | None = None
    woken: threading.Event = field(default_factory=threading.Event)


class GroupCommit:
    """Brings scans of many threads to `write`, as many at once as came while it was at work.

    `write` makes all it is given durable, or raises `JournalFull` and nothing is; `lock` is held
    around it.
    """

    def __init__(self, write: Callable[[Sequence[ScanRecord]], None], lock: threading.Lock) -> None:
        self._write = write
        self._lock = lock
        self._queue_lock = threading.Lock()
        self._queue: list[_Waiting] = []
        self._led = False

    def append(self, scans: tuple[ScanRecord, ...]) -> None:
        """Return when these are durable, all of them.

        Raises:
            JournalFull: none of them is.
        """
        mine = _Waiting(scans)
        with self._queue_lock:
            self._queue.append(mine)
            leads, self._led = not self._led, True
        if not leads:
            mine.woken.wait()
        if not mine.done:
            self._lead()
        if mine.error is not None:
            raise mine.error

    def _lead(self) -> None:
        """Write for all that wait, wake them, and leave those that came meanwhile to one of them.

        Nobody waits for the lock to hear that they are done: another write may hold it by then.
        """
        waiting: list[_Waiting] = []
        try:
            with self._lock:
                with self._queue_lock:
                    waiting, self._queue = self._queue, []
                self._commit(waiting)
        finally:
            for one in waiting:
                if not one.done:
                    one.done, one.error = True, JournalFull()
                one.woken.set()
            with self._queue_lock:
                self._led = bool(self._queue)
                if self._queue:
                    self._queue[0].woken.set()

    def _commit(self, waiting: list[_Waiting]) -> None:
        """Write what all waiting lanes brought in one write; where that fails, each alone."""
        groups = [waiting]
        while groups:
            group = groups.pop()
            try:
                self._write([scan for one in group for scan in one.scans])
            except JournalFull as error:
                if len(group) > 1:
                    groups += [[one] for one in reversed(group)]
                    continue
                group[0].error = error
            for one in group:
                one.done = True
