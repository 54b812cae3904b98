"""Taking turns at one thing in this process, where transactions on it would disturb each other.

The store's own conflicts still decide between servers; a turn spares the work that would be undone.
"""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """One lock for each name that somebody waits for or has."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def at(self, name: str) -> asyncio.Lock:
        """Return the lock of a name, first come first served; hold on to it while it matters."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock
