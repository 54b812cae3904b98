"""What a reader tells the others of its venue, and the memory of what was told.

A sighting is named by its origin (a process of a reader, from start to end) and the number it has
there, so that one that got lost is known by the gap and can be asked for, of whoever holds it.
"""

import struct
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from math import inf

from shared.ecode.replay import MEMORY

LIFETIME = MEMORY.total_seconds()
"""Seconds after which a sighting no longer matters: no lane remembers it longer."""
TOLD_UNTIL = LIFETIME - 2.0
"""Older ones are not offered: they would run out on the way."""
MOST_ORIGINS = 64
MOST_SIGHTINGS = 4096
"""Of one origin: 20 lanes at 6 visitors a second."""
ORIGIN_BYTES = 16
_FORM = struct.Struct(">16sIBIHIHH")
SIGHTING_BYTES = _FORM.size
_LONGEST_AGE = 0xFFFF


class What(IntEnum):
    """What happened to a phone's code."""

    SEEN = 1
    RELEASED = 2  # its entry was taken back: the code may be shown once more


@dataclass(frozen=True, slots=True)
class Sighting:
    """One code of one phone at one lane; `age` is milliseconds since, whatever clocks say."""

    origin: bytes
    number: int
    what: What
    card_index: int
    device_serial: int
    counter: int
    lane: int
    age: int

    def pack(self) -> bytes:
        """Return the bytes of a sighting."""
        return _FORM.pack(
            self.origin,
            self.number,
            self.what,
            self.card_index,
            self.device_serial,
            self.counter,
            self.lane,
            min(self.age, _LONGEST_AGE),
        )


def unpack(data: bytes) -> list[Sighting]:
    """Read sightings one after another.

    Raises:
        ValueError: cut short, or of a kind unknown here.
    """
    if len(data) % SIGHTING_BYTES:
        raise ValueError("cut short")
    return [
        Sighting(origin, number, What(what), *rest)
        for origin, number, what, *rest in _FORM.iter_unpack(data)
    ]


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers first to last of an origin, of which `count` are held."""

    origin: bytes
    first: int
    last: int
    count: int


@dataclass(slots=True)
class _Held:
    sighting: Sighting
    at: float  # when it happened, on this process's monotonic clock
    told_at: float = -inf  # when it was told to whoever asked


class Memory:
    """The sightings of all origins that still matter: bounded, whatever comes; for one thread."""

    def __init__(self) -> None:
        self._by_origin: dict[bytes, OrderedDict[int, _Held]] = {}
        self.turned_away = 0

    def __len__(self) -> int:
        """Return how many sightings are held."""
        return sum(map(len, self._by_origin.values()))

    def take(self, sighting: Sighting, now: float) -> bool:
        """Hold a sighting; False where it is here already, too old, or there is no room."""
        at = now - sighting.age / 1000
        held = self._by_origin.get(sighting.origin)
        if now - at >= LIFETIME or (held is not None and sighting.number in held):
            return False
        if held is None:
            if len(self._by_origin) >= MOST_ORIGINS:
                self.turned_away += 1
                return False
            held = self._by_origin[sighting.origin] = OrderedDict()
        held[sighting.number] = _Held(sighting, at)
        if len(held) > MOST_SIGHTINGS:
            held.popitem(last=False)
        return True

    def undone(self, sighting: Sighting) -> bool:
        """Tell whether a sighting that comes late was taken back in the meantime."""
        phone = (sighting.card_index, sighting.device_serial)
        return any(
            one.sighting.what is What.RELEASED
            and one.sighting.number > sighting.number
            and (one.sighting.card_index, one.sighting.device_serial) == phone
            for one in self._by_origin.get(sighting.origin, {}).values()
        )

    def forget(self, now: float) -> None:
        """Let go of what no longer matters."""
        for origin, held in list(self._by_origin.items()):
            gone = [number for number, one in held.items() if now - one.at >= LIFETIME]
            for number in gone:
                del held[number]
            if not held:
                del self._by_origin[origin]

    def spans(self, now: float) -> list[Span]:
        """Return what is held, for others to compare theirs with."""
        found = []
        for origin, held in self._by_origin.items():
            numbers = [number for number, one in held.items() if now - one.at < TOLD_UNTIL]
            if numbers:
                found.append(Span(origin, min(numbers), max(numbers), len(numbers)))
        return found

    def missing(self, offered: Iterable[Span]) -> list[Span]:
        """Return what others hold and this memory lacks, as spans to be asked for."""
        return [gap for span in offered for gap in self._gaps(span)]

    def asked(self, span: Span, now: float, again_after: float) -> Iterator[Sighting]:
        """Return what is held of a span, but nothing that another asked for a moment ago."""
        for number, one in list(self._by_origin.get(span.origin, {}).items()):
            if span.first <= number <= span.last and now - one.told_at >= again_after:
                one.told_at = now
                yield _aged(one, now)

    def _gaps(self, span: Span) -> Iterator[Span]:
        held = self._by_origin.get(span.origin, OrderedDict())
        if span.last - span.first >= MOST_SIGHTINGS:
            return  # No memory is as long: whoever says so errs.
        first: int | None = None
        for number in range(span.first, span.last + 2):
            lacks = number <= span.last and number not in held
            if lacks and first is None:
                first = number
            elif not lacks and first is not None:
                yield Span(span.origin, first, number - 1, number - first)
                first = None


def _aged(one: _Held, now: float) -> Sighting:
    told = one.sighting
    age = max(0, round((now - one.at) * 1000))
    return Sighting(
        told.origin,
        told.number,
        told.what,
        told.card_index,
        told.device_serial,
        told.counter,
        told.lane,
        age,
    )
