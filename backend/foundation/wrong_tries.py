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

    def too_many(self, address: str) -> bool:
        """Tell whether `address` must wait."""
        return len(self._recent(address)) >= self._limit

    def record(self, address: str) -> None:
        """Count one wrong try."""
        self._tries[address] = [*self._recent(address), self._clock.monotonic()][-self._limit :]
        self._tries.move_to_end(address)
        while len(self._tries) > ADDRESSES:
            self._tries.popitem(last=False)

    def _recent(self, address: str) -> list[float]:
        since = self._clock.monotonic() - self._seconds
        return [at for at in self._tries.get(address, ()) if at > since]
