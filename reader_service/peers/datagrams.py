"""Datagrams that only readers of one venue can make and read.

Bytes: ``YKP1``, number of the venue's key (4), origin (16), counter (8), then AES-256-GCM over the
body with all before as associated data. Each origin has a key of its own, derived from the venue's,
so that its counter is a nonce that is never used twice. The body begins with the sender's time,
milliseconds since 1970 (8): a datagram recorded earlier is nothing to a reader that was restarted.
"""

import secrets
import struct
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reader_service.peers.sightings import MOST_ORIGINS, ORIGIN_BYTES

MAGIC = b"YKP1"
MOST_BYTES = 1400
"""Fits one Ethernet frame, so that losing a fragment never costs the whole."""
CLOCKS_APART = 20.0
"""Seconds by which readers' clocks may differ; one that is farther off reads no codes either."""
_HEAD = struct.Struct(">4sI16sQ")
_TIME = struct.Struct(">Q")
_TAG_BYTES = 16
ROOM = MOST_BYTES - _HEAD.size - _TIME.size - _TAG_BYTES
_WINDOW = 1024


class Dropped(StrEnum):
    """Why a datagram was not heard."""

    OWN = "own"
    JUNK = "junk"  # not ours at all, or of another venue
    FORGED = "forged"
    REPLAYED = "replayed"
    STALE = "stale"  # recorded earlier, or a clock is far off
    CROWDED = "crowded"


@dataclass(frozen=True, slots=True)
class Opened:
    """An authentic datagram, heard for the first time."""

    origin: bytes
    body: bytes


@dataclass(slots=True)
class _Sender:
    cipher: AESGCM
    heard_at: float
    highest: int = 0
    before: int = 0  # bit n: highest - n was heard

    def is_new(self, counter: int) -> bool:
        if counter > self.highest:
            return True
        back = self.highest - counter
        return back < _WINDOW and not self.before >> back & 1

    def note(self, counter: int) -> None:
        if counter > self.highest:
            moved = self.before << min(counter - self.highest, _WINDOW)
            self.before = (moved | 1) & ((1 << _WINDOW) - 1)
            self.highest = counter
        else:
            self.before |= 1 << (self.highest - counter)


class Sealer:
    """Makes this origin's datagrams and opens the others'; for one thread."""

    def __init__(self, origin: bytes | None = None) -> None:
        self.origin = origin or secrets.token_bytes(ORIGIN_BYTES)
        self._counter = 0
        self._keys: dict[int, bytes] = {}
        self._current = 0
        self._own: AESGCM | None = None
        self._senders: OrderedDict[tuple[int, bytes], _Sender] = OrderedDict()

    @property
    def ready(self) -> bool:
        """Whether there is a key of the venue."""
        return self._own is not None

    def use(self, keys: Mapping[int, bytes], current: int) -> None:
        """Take the venue's keys into use; the newest that is not ahead of `current` seals."""
        number = max((one for one in keys if one <= current), default=min(keys, default=0))
        if keys == self._keys and number == self._current:
            return
        gone = [known for known in self._senders if keys.get(known[0]) != self._keys.get(known[0])]
        for known in gone:
            del self._senders[known]
        self._keys, self._current = dict(keys), number
        self._own = _cipher(keys[number], self.origin) if keys else None

    def seal(self, body: bytes, wall: float) -> bytes:
        """Return a datagram.

        Raises:
            RuntimeError: there is no key; see `ready`.
        """
        if self._own is None:
            raise RuntimeError("no venue key")
        self._counter += 1
        head = _HEAD.pack(MAGIC, self._current, self.origin, self._counter)
        plain = _TIME.pack(round(wall * 1000)) + body
        return head + self._own.encrypt(_nonce(self._counter), plain, head)

    def open(self, data: bytes, now: float, wall: float) -> Opened | Dropped:
        """Open a datagram; `now` is monotonic, `wall` seconds since 1970."""
        if not _HEAD.size + _TIME.size + _TAG_BYTES <= len(data) <= MOST_BYTES:
            return Dropped.JUNK
        magic, number, origin, counter = _HEAD.unpack_from(data)
        if magic != MAGIC or number not in self._keys:
            return Dropped.JUNK
        if origin == self.origin:
            return Dropped.OWN
        known = self._senders.get((number, origin))
        if known is not None and not known.is_new(counter):
            return Dropped.REPLAYED
        sender = known or _Sender(_cipher(self._keys[number], origin), now)
        try:
            head, sealed = data[: _HEAD.size], data[_HEAD.size :]
            plain = sender.cipher.decrypt(_nonce(counter), sealed, head)
        except InvalidTag:
            return Dropped.FORGED
        [sent_at] = _TIME.unpack_from(plain)
        if abs(sent_at / 1000 - wall) > CLOCKS_APART:
            return Dropped.STALE
        if known is None and not self._admit((number, origin), sender, now):
            return Dropped.CROWDED
        sender.note(counter)
        sender.heard_at = now
        return Opened(origin, plain[_TIME.size :])

    def _admit(self, name: tuple[int, bytes], sender: _Sender, now: float) -> bool:
        """Remember a sender, in place of one that has long been silent where there are many."""
        if len(self._senders) >= 2 * MOST_ORIGINS:
            silent = min(self._senders, key=lambda one: self._senders[one].heard_at)
            if now - self._senders[silent].heard_at < CLOCKS_APART * 3:
                return False
            del self._senders[silent]
        self._senders[name] = sender
        return True


def _nonce(counter: int) -> bytes:
    return counter.to_bytes(12)


def _cipher(secret: bytes, origin: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, origin, b"yikatong peers").derive(secret))
