"""Limits guessing: a few wrong tries a minute from one address, then it has to wait."""

from collections import OrderedDict

from shared.clock import Clock

ADDRESSES = 10_000


class WrongTries:
    """Counts wrong tries by address in memory, for one process; the oldest addresses go first."""

    def __init__(self, clock: Clock, *, limit: int, seconds: float) -> None:
        self._clock = clock
        self._limit = limit
        self._seconds = seconds
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Count one try, and tell whether it may be looked at.

        Tries are counted before they are looked at, so those sent side by side are counted each; a
        right one is given back.
        """
        recent = self._recent(address)
        if len(recent) >= self._limit:
            return False
        self._tries[address] = [*recent, self._clock.monotonic()]
        self._tries.move_to_end(address)
        while len(self._tries) > ADDRESSES:
            self._tries.popitem(last=False)
        return True

    def give_back(self, address: str) -> None:
        """Count one try less: it was not wrong."""
        self._tries[address] = self._recent(address)[:-1]

    def _recent(self, address: str) -> list[float]:
        since = self._clock.monotonic() - self._seconds
        return [at for at in self._tries.get(address, ()) if at > since]
