"""The conversation of a venue's readers, without sockets, threads or a clock of its own.

A sighting is told at once. Soon after it, and every second, each reader tells which sightings it
holds (`HERE`); whoever lacks some asks (`ASK`), and is answered by the origin, or by anybody who
holds them where the origin has fallen silent. So a datagram that got lost heals, and a reader that
just started learns what still matters. Entries and exits are told and compared beside them.
"""

import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reader_service.passed import Passed
from reader_service.peers.datagrams import ROOM, Dropped, Sealer
from reader_service.peers.passage_talk import KINDS, PassageTalk
from reader_service.peers.sightings import (
    MOST_ORIGINS,
    SIGHTING_BYTES,
    Memory,
    Sighting,
    Span,
    What,
    unpack,
)

_TELL, _HERE, _ASK, _BYE = 1, 2, 3, 4
_SPAN = struct.Struct(">16sIIH")
_MOST_TOLD = (ROOM - 1) // SIGHTING_BYTES
_LONGEST_NAME = 64
_MOST_SPANS = (ROOM - 2 - _LONGEST_NAME) // _SPAN.size
_MOST_ASKED = 8 * _MOST_SPANS
HERE_EVERY = 1.0
HERE_SOON = 0.015
"""After a sighting: a lost one is missed that soon."""
_AGAIN_AFTER = 0.010
_SILENT_AFTER = 3.5
_FORGOTTEN_AFTER = 600.0


@dataclass(frozen=True, slots=True)
class Peer:
    """Another reader process of the venue; `silent` is seconds since it was heard."""

    terminal_id: str
    silent: float

    @property
    def there(self) -> bool:
        """Whether it was heard lately."""
        return self.silent < _SILENT_AFTER


@dataclass(slots=True)
class Heard:
    """What came of a datagram: sightings and passages new here, and what to send."""

    sightings: list[Sighting] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)
    dropped: Dropped | None = None


@dataclass(slots=True)
class _Known:
    terminal_id: str
    heard_at: float
    lets_out: bool = False


class Exchange:
    """One reader's part in the conversation; for one thread."""

    def __init__(self, terminal_id: str, sealer: Sealer | None = None) -> None:
        self._name = terminal_id.encode()[:_LONGEST_NAME]
        self._sealer = sealer or Sealer()
        self._memory = Memory()
        self.passages = PassageTalk(self._sealer.origin)
        self._number = 0
        self._peers: dict[bytes, _Known] = {}
        self._due = 0.0
        self.counts = Counter[str]()

    @property
    def ready(self) -> bool:
        """Whether there is a key of the venue to speak with."""
        return self._sealer.ready

    @property
    def due(self) -> float:
        """When `tick` is next to be called, monotonic."""
        return self._due

    def use(self, keys: Mapping[int, bytes], current: int) -> None:
        """Take the venue's keys into use."""
        self._sealer.use(keys, current)

    def peers(self, now: float) -> list[Peer]:
        """Return the readers heard of, those that fell silent too."""
        return [Peer(one.terminal_id, now - one.heard_at) for one in self._peers.values()]

    def let_out_elsewhere(self, now: float) -> bool:
        """Tell whether another reader that is heard counts who goes out."""
        there = (one for one in self._peers.values() if now - one.heard_at < _SILENT_AFTER)
        return any(one.lets_out for one in there)

    def held(self) -> int:
        """Return how many sightings are remembered."""
        return len(self._memory)

    def tell(
        self,
        what: What,
        phone: tuple[int, int],
        counter: int,
        lane: int,
        times: tuple[float, float, float],
    ) -> list[bytes]:
        """Return what to send of a sighting; `times` are when it was, now, and the wall clock."""
        at, now, wall = times
        self._number += 1
        age = max(0, round((now - at) * 1000))
        own = self._sealer.origin
        sighting = Sighting(own, self._number, what, *phone, counter, lane, age)
        self._memory.take(sighting, now)
        self._due = min(self._due, now + HERE_SOON)
        self.counts["told"] += 1
        return self._said(_TELL, sighting.pack(), wall)

    def tell_passed(self, passed: Passed, now: float, wall: float) -> list[bytes]:
        """Return what to send of an entry or exit at one of this reader's lanes."""
        self._due = min(self._due, now + HERE_SOON)
        self.counts["told"] += 1
        bodies = self.passages.tell(passed, now, wall)
        return [one for body in bodies for one in self._said(body[0], body[1:], wall)]

    def hear(self, data: bytes, now: float, wall: float) -> Heard:
        """Take in a datagram; never raises for what one may contain."""
        opened = self._sealer.open(data, now, wall)
        if isinstance(opened, Dropped):
            if opened is not Dropped.OWN:
                self.counts[opened.value] += 1
            return Heard(dropped=opened)
        kind, rest = opened.body[:1], opened.body[1:]
        try:
            return self._answered(opened.origin, int.from_bytes(kind), rest, (now, wall))
        except ValueError:
            self.counts[Dropped.JUNK.value] += 1
            return Heard(dropped=Dropped.JUNK)

    def tick(self, now: float, wall: float) -> list[bytes]:
        """Return what is to be told of all that is held; to be called when `due`."""
        self._memory.forget(now)
        self._due = now + HERE_EVERY
        for origin, known in list(self._peers.items()):
            if now - known.heard_at > _FORGOTTEN_AFTER:
                del self._peers[origin]
        spans, name = self._memory.spans(now), bytes([len(self._name)]) + self._name
        passages = self.passages.compare(wall)
        here = [
            one
            for part in _parted(spans) or [[]]
            for one in self._said(_HERE, name + _packed(part), wall)
        ]
        return here + self._said(passages[0], passages[1:], wall)

    def bye(self, wall: float) -> list[bytes]:
        """Return what to send before ending, so that nobody takes this reader for broken."""
        return self._said(_BYE, b"", wall)

    def _answered(self, origin: bytes, kind: int, rest: bytes, times: tuple[float, float]) -> Heard:
        now, wall = times
        self.counts["heard"] += 1
        if kind in KINDS:
            return self._passages_heard(origin, kind, rest, times)
        if kind == _TELL:
            return Heard(self._new(unpack(rest), now))
        if kind == _HERE:
            end = 1 + rest[0] if rest else 0
            self._meet(origin, rest[1:end], now)
            lacking = self._memory.missing(_spans(rest[end:]))[:_MOST_ASKED]
            self.counts["asked"] += len(lacking)
            asks = [self._said(_ASK, _packed(part), wall) for part in _parted(lacking)]
            return Heard(replies=[one for ask in asks for one in ask])
        if kind == _ASK:
            return Heard(replies=self._told_again(_spans(rest), now, wall))
        if kind == _BYE:
            self._peers.pop(origin, None)
            return Heard()
        raise ValueError("an unknown kind")

    def _passages_heard(
        self, origin: bytes, kind: int, rest: bytes, times: tuple[float, float]
    ) -> Heard:
        heard, (now, wall) = self.passages.hear(origin, kind, rest, times), times
        if heard.lets_out is not None and origin in self._peers:
            self._peers[origin].lets_out = heard.lets_out
        if heard.soon:
            self._due = min(self._due, now + HERE_SOON)
        replies = [one for body in heard.replies for one in self._said(body[0], body[1:], wall)]
        return Heard(passed=heard.passed, replies=replies)

    def _new(self, told: Sequence[Sighting], now: float) -> list[Sighting]:
        taken = [one for one in told if self._memory.take(one, now)]
        return [one for one in taken if not (one.what is What.SEEN and self._memory.undone(one))]

    def _meet(self, origin: bytes, name: bytes, now: float) -> None:
        if origin not in self._peers and len(self._peers) >= MOST_ORIGINS:
            del self._peers[min(self._peers, key=lambda one: self._peers[one].heard_at)]
        if origin not in self._peers:
            self._due = min(self._due, now + HERE_SOON)  # It is greeted back.
        known = self._peers.setdefault(origin, _Known("", now))
        known.terminal_id, known.heard_at = name.decode("ascii", "replace"), now

    def _told_again(self, spans: Sequence[Span], now: float, wall: float) -> list[bytes]:
        found = [
            one
            for span in spans
            if self._answers_for(span.origin, now)
            for one in self._memory.asked(span, now, _AGAIN_AFTER)
        ]
        self.counts["told_again"] += len(found)
        if found:
            self._due = min(self._due, now + HERE_SOON)  # The answer may get lost as well.
        parts = [found[at : at + _MOST_TOLD] for at in range(0, len(found), _MOST_TOLD)]
        packed = [b"".join(one.pack() for one in part) for part in parts]
        return [data for part in packed for data in self._said(_TELL, part, wall)]

    def _answers_for(self, origin: bytes, now: float) -> bool:
        """Tell whether to answer: the origin does, and where it is gone, whoever can."""
        if origin == self._sealer.origin:
            return True
        known = self._peers.get(origin)
        return known is None or now - known.heard_at > _SILENT_AFTER

    def _said(self, kind: int, rest: bytes, wall: float) -> list[bytes]:
        return [self._sealer.seal(bytes([kind]) + rest, wall)] if self._sealer.ready else []


def _parted(spans: Sequence[Span]) -> list[Sequence[Span]]:
    return [spans[at : at + _MOST_SPANS] for at in range(0, len(spans), _MOST_SPANS)]


def _packed(spans: Sequence[Span]) -> bytes:
    return b"".join(
        _SPAN.pack(one.origin, one.first, one.last, min(one.count, 0xFFFF)) for one in spans
    )


def _spans(data: bytes) -> list[Span]:
    if len(data) % _SPAN.size:
        raise ValueError("cut short")
    return [Span(*found) for found in _SPAN.iter_unpack(data)]
