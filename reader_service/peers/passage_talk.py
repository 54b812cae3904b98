"""The part of the readers' conversation that is about entries and exits; no sockets, no clock.

A passage is told at once. With each comparison of sightings goes one of passages, by hours; who
finds an hour to differ asks the one who told it for its parts, then for what those hold.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from reader_service.passed import Passed
from reader_service.peers.datagrams import ROOM
from reader_service.peers.passages import PASSAGE_BYTES, PassageMemory, pack, unpack
from reader_service.peers.sightings import ORIGIN_BYTES

PASSED, HOURS, WHICH, SLOTS, SEND = 5, 6, 7, 8, 9
KINDS = frozenset({PASSED, HOURS, WHICH, SLOTS, SEND})
_NUMBER = struct.Struct(">I")
_MOST_TOLD = (ROOM - 1) // PASSAGE_BYTES
_MOST_HOURS = 3
_MOST_SLOTS = 64
_MOST_ANSWERED = 20 * _MOST_TOLD
"""In one go: more would overrun the buffers of who listens; the rest follows a moment later."""
_AGAIN_AFTER = 0.010


@dataclass(slots=True)
class PassagesHeard:
    """What came of a message: passages new here, what to say, and whether more is to come."""

    passed: list[Passed] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)
    lets_out: bool | None = None
    soon: bool = False


class PassageTalk:
    """One reader's part; for one thread. Messages are bytes that begin with their kind."""

    def __init__(self, origin: bytes, *, lets_out: bool = False) -> None:
        """Prepare; `lets_out` tells that a lane of this reader counts exits."""
        self.memory = PassageMemory()
        self._origin = origin
        self._lets_out = lets_out

    def lets_people_out(self, *, lets_out: bool) -> None:
        """Tell others from now on whether a lane of this reader counts exits."""
        self._lets_out = lets_out

    def tell(self, passed: Passed, now: float, wall: float) -> list[bytes]:
        """Return what to say of a passage of this reader's own."""
        self.memory.take(passed, now, wall)
        return [bytes([PASSED]) + pack(passed)]

    def compare(self, wall: float) -> bytes:
        """Return what is to be said of all that is held."""
        self.memory.forget(wall)
        return bytes([HOURS, self._lets_out]) + self.memory.hours(wall)

    def hear(
        self, origin: bytes, kind: int, rest: bytes, times: tuple[float, float]
    ) -> PassagesHeard:
        """Take in a message of another.

        Raises:
            ValueError: it is none.
        """
        now, wall = times
        if kind == PASSED:
            return PassagesHeard([p for p in unpack(rest) if self.memory.take(p, now, wall)])
        if kind == HOURS:
            if not rest:
                raise ValueError("cut short")
            hours = self.memory.hours_apart(rest[1:])
            # The latest first: it is what gates decide by next.
            replies = _asking(WHICH, origin, hours[::-1][:_MOST_HOURS])
            return PassagesHeard(replies=replies, lets_out=bool(rest[0]))
        if kind == SLOTS:
            slots = self.memory.slots_apart(rest)
            return PassagesHeard(replies=_asking(SEND, origin, slots[::-1][:_MOST_SLOTS]))
        return self._asked(kind, rest, now)

    def _asked(self, kind: int, rest: bytes, now: float) -> PassagesHeard:
        of, numbers = rest[:ORIGIN_BYTES], rest[ORIGIN_BYTES:]
        if len(of) != ORIGIN_BYTES or len(numbers) % _NUMBER.size:
            raise ValueError("cut short")
        if of != self._origin:
            return PassagesHeard()
        asked = [one for (one,) in _NUMBER.iter_unpack(numbers)]
        if kind == WHICH:
            parts = [bytes([SLOTS]) + self.memory.slots(hour) for hour in asked[:_MOST_HOURS]]
            return PassagesHeard(replies=parts, soon=True)
        found = list[Passed]()
        for slot in self.memory.asked(asked[:_MOST_SLOTS], now, _AGAIN_AFTER):
            found += slot
            if len(found) >= _MOST_ANSWERED:
                break
        return PassagesHeard(replies=_told(found), soon=bool(found))


def _asking(kind: int, origin: bytes, numbers: Sequence[int]) -> list[bytes]:
    packed = b"".join(_NUMBER.pack(one) for one in numbers)
    return [bytes([kind]) + origin + packed] if numbers else []


def _told(found: Sequence[Passed]) -> list[bytes]:
    return [
        bytes([PASSED]) + b"".join(pack(one) for one in found[at : at + _MOST_TOLD])
        for at in range(0, len(found), _MOST_TOLD)
    ]
