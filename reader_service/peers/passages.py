"""What the readers of a venue tell each other of entries and exits 进出, and how theirs become one.

A passage matters for a day, so its memory is not kept by origin and number as that of sightings is:
it is a set, named by scan, that every reader keeps whole. Digests of its hours, then of 20 seconds
each, find what one lacks and another holds, whoever was away, restarted or cut off meanwhile.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from reader_service.passed import Passed, Way

HOURS = 24
"""How far back passages are compared: the longest time lock, and every local day."""
MOST_PASSAGES = 100_000
"""Held at most; the oldest hours go first. A day of 20 gates of a full scenic area."""
_HOUR_MS = 3_600_000
_SLOT_MS = 20_000
_SLOTS = _HOUR_MS // _SLOT_MS
_AHEAD_MS = 60_000
"""A passage from farther in the future is nobody's."""
_DIGEST_BYTES = 6
_FORM = struct.Struct(">16sB16sQI")
PASSAGE_BYTES = _FORM.size
_OF_CODE = 0x80
_CODE_HOLDER = struct.Struct(">II8x")
_NUMBER = struct.Struct(">I")


def pack(passed: Passed) -> bytes:
    """Return the bytes of a passage."""
    code = ":" in passed.holder
    kind = passed.way | (_OF_CODE if code else 0)
    if code:
        holder = _CODE_HOLDER.pack(*map(int, passed.holder.split(":")))
    else:
        holder = bytes.fromhex(passed.holder)
    scan_id, age = bytes.fromhex(passed.scan_id), min(passed.age, 0xFFFFFFFF)
    return _FORM.pack(scan_id, kind, holder, passed.at, age)


def unpack(data: bytes) -> list[Passed]:
    """Read passages one after another.

    Raises:
        ValueError: cut short, or of a kind unknown here.
    """
    if len(data) % PASSAGE_BYTES:
        raise ValueError("cut short")
    return [_passed(*found) for found in _FORM.iter_unpack(data)]


def _passed(scan_id: bytes, kind: int, holder: bytes, at: int, age: int) -> Passed:
    named = holder.hex()
    if kind & _OF_CODE:
        named = ":".join(map(str, _CODE_HOLDER.unpack(holder)))
    return Passed(scan_id.hex(), named, Way(kind & ~_OF_CODE), at, age)


@dataclass(slots=True)
class _Held:
    passed: Passed
    at: float  # on this process's monotonic clock


class PassageMemory:
    """The passages of a day at all readers of the venue; bounded, for one thread."""

    def __init__(self, most: int = MOST_PASSAGES) -> None:
        self._most = most
        self._slots: dict[int, dict[tuple[str, Way], _Held]] = {}
        self._hours: dict[int, int] = {}
        self._told_at: dict[int, float] = {}
        self._count = 0
        self._since = 0

    def __len__(self) -> int:
        """Return how many passages are held."""
        return self._count

    def take(self, passed: Passed, now: float, wall: float) -> bool:
        """Hold a passage; False where it is here already, or from a time that is not compared."""
        hour, slot = passed.at // _HOUR_MS, passed.at // _SLOT_MS
        if not self._first(wall) <= hour or passed.at > wall * 1000 + _AHEAD_MS:
            return False
        if (passed.scan_id, passed.way) in self._slots.get(slot, {}):
            return False
        if self._count >= self._most:
            oldest = min(self._hours)
            if oldest >= hour:
                return False
            self._drop(oldest)
        held = self._slots.setdefault(slot, {})
        held[passed.scan_id, passed.way] = _Held(passed, now - passed.age / 1000)
        self._hours[hour] = self._hours.get(hour, 0) ^ _mark(passed)
        self._count += 1
        return True

    def forget(self, wall: float) -> None:
        """Let go of the hours that are no longer compared."""
        for hour in [one for one in self._hours if one < self._first(wall)]:
            self._drop(hour)

    def hours(self, wall: float) -> bytes:
        """Return the digests of all hours that are compared, for others to hold theirs against."""
        first = self._first(wall)
        digests = (self._hours.get(first + at, 0) for at in range(HOURS + 1))
        return _NUMBER.pack(first) + _digests(digests)

    def hours_apart(self, told: bytes) -> list[int]:
        """Return the hours in which another holds something that this memory lacks, or the reverse.

        Raises:
            ValueError: these are no digests of hours.
        """
        first, digests = _read(told, HOURS + 1)
        compared = ((first + at, other) for at, other in enumerate(digests))
        return [
            hour
            for hour, other in compared
            if other and hour >= self._since and other != self._hours.get(hour, 0)
        ]

    def slots(self, hour: int) -> bytes:
        """Return the digests of an hour's parts."""
        first = hour * _SLOTS
        return _NUMBER.pack(hour) + _digests(self._digest(first + at) for at in range(_SLOTS))

    def slots_apart(self, told: bytes) -> list[int]:
        """Return the parts of an hour to ask for.

        Raises:
            ValueError: these are no digests of an hour.
        """
        hour, digests = _read(told, _SLOTS)
        compared = ((hour * _SLOTS + at, other) for at, other in enumerate(digests))
        return [slot for slot, other in compared if other and other != self._digest(slot)]

    def asked(self, slots: Iterable[int], now: float, again_after: float) -> Iterator[list[Passed]]:
        """Return what is held of each slot, but nothing that another asked for a moment ago."""
        for slot in slots:
            if slot in self._slots and now - self._told_at.get(slot, -inf) >= again_after:
                self._told_at[slot] = now
                yield [
                    replace(one.passed, age=max(0, round((now - one.at) * 1000)))
                    for one in self._slots[slot].values()
                ]

    def _first(self, wall: float) -> int:
        """Return the first hour that is compared; younger than a day, so that all still hold it."""
        return max(int(wall * 1000) // _HOUR_MS - HOURS, self._since)

    def _drop(self, hour: int) -> None:
        for slot in range(hour * _SLOTS, (hour + 1) * _SLOTS):
            self._count -= len(self._slots.pop(slot, ()))
            self._told_at.pop(slot, None)
        self._hours.pop(hour, None)
        self._since = max(self._since, hour + 1)

    def _digest(self, slot: int) -> int:
        found = 0
        for one in self._slots.get(slot, {}).values():
            found ^= _mark(one.passed)
        return found


def _mark(passed: Passed) -> int:
    """Return what stands for a passage in a digest: some of its random id."""
    half = passed.scan_id[16:] if passed.way is Way.TAKEN_BACK else passed.scan_id
    return int(half[: 2 * _DIGEST_BYTES], 16)


def _digests(values: Iterable[int]) -> bytes:
    return b"".join(one.to_bytes(_DIGEST_BYTES) for one in values)


def _read(told: bytes, count: int) -> tuple[int, Sequence[int]]:
    if len(told) != _NUMBER.size + count * _DIGEST_BYTES:
        raise ValueError("cut short")
    [first] = _NUMBER.unpack_from(told)
    starts = range(_NUMBER.size, len(told), _DIGEST_BYTES)
    return first, [int.from_bytes(told[at : at + _DIGEST_BYTES]) for at in starts]
