"""What the machine's service manager is told: ready, alive, ending (sd_notify of systemd).

Environment: ``NOTIFY_SOCKET`` and ``WATCHDOG_USEC``, as systemd sets them. Without them nothing is
told to anybody.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Iterable, Mapping
from threading import Lock

READY = "READY=1"
ENDING = "STOPPING=1"
_ALIVE = "WATCHDOG=1"
_USEC = 1_000_000
_log = logging.getLogger(__name__)


class ServiceManager:
    """Where to tell how this process is."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is of the abstract namespace.
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        told, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
        ours = pid in {"", str(os.getpid())}
        self.watchdog_seconds = int(told) / _USEC if ours and told.isdecimal() else None

    def tell(self, state: str) -> None:
        """Tell a state; a manager that does not listen is no reason to end."""
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending,
        ):
            sending.sendto(state.encode(), self._address)

    async def beat(self, *lanes: Lock) -> None:
        """Say that the process is alive, for as long as a lane could still be answered.

        Where one of `lanes`, the locks that every answer needs, is not free for the time of a
        beat, nothing is said, and the manager starts the process anew.
        """
        if self.watchdog_seconds is None:
            return
        pause = self.watchdog_seconds / 3
        while True:
            if await asyncio.to_thread(_all_free, lanes, pause):
                self.tell(_ALIVE)
            else:
                _log.error("the lanes have stood still for %.0f s", pause)
            await asyncio.sleep(pause)


def _all_free(locks: Iterable[Lock], seconds: float) -> bool:
    """Tell whether each lock could be had, each within so many seconds."""
    for lock in locks:
        if not lock.acquire(timeout=seconds):
            return False
        lock.release()
    return True
