"""Who is still before a lane, so that a phone held there for a minute is one visit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

GONE_SECONDS = 3.0
"""Not seen for this long is gone; cameras report a code in view once a second."""
_MOST = 32

K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class _Sight(Generic[V]):
    value: V
    seen_at: float


class Presence(Generic[K, V]):
    """Things seen in the last three seconds, each with what was made of it."""

    def __init__(self) -> None:
        self._sights: dict[K, _Sight[V]] = {}

    def still(self, key: K, now: float) -> V | None:
        """Return what was made of `key` if it is still there, and note that it was seen again."""
        self._forget(now)
        sight = self._sights.get(key)
        if sight is None:
            return None
        sight.seen_at = now
        return sight.value

    def arrive(self, key: K, value: V, now: float) -> None:
        """Note a first sight; the oldest of more than `_MOST` makes room."""
        self._sights.pop(key, None)
        self._sights[key] = _Sight(value, now)
        if len(self._sights) > _MOST:
            del self._sights[next(iter(self._sights))]

    def change(self, is_meant: Callable[[V], bool], value: V) -> None:
        """Make something else of what is there and meant."""
        for sight in self._sights.values():
            if is_meant(sight.value):
                sight.value = value

    def keys(self, now: float) -> frozenset[K]:
        """Return everything still there."""
        self._forget(now)
        return frozenset(self._sights)

    def _forget(self, now: float) -> None:
        gone = [key for key, sight in self._sights.items() if now - sight.seen_at > GONE_SECONDS]
        for key in gone:
            del self._sights[key]
