"""Personal data at rest: sealed values, and a blind index to find one by its exact value.

A sealed value is: algorithm (1 byte, see `SealingAlgorithm`), data key's number (1), nonce (12),
ciphertext with tag. Number `OWN_KEY` stands for a key of the person it is about (`person_keys`);
a byte follows then that says which. What a value belongs to (collection, field, document) is bound
in, so a value moved to another document does not open. The keys themselves stand wrapped in the
store (`data_keys`).
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from backend.foundation.suites import (
    NONCE_BYTES,
    TAG_BYTES,
    Aead,
    Altered,
    IndexAlgorithm,
    SealingAlgorithm,
    aead,
    keyed_hash,
    open_bytes,
    seal_bytes,
)

MAX_KEY_NUMBER = 255
OWN_KEY = 0
"""In place of a data key's number: a key of the person the value is about."""
_HEAD_BYTES = 2
_LEAST_BYTES = _HEAD_BYTES + NONCE_BYTES + TAG_BYTES


class SealBroken(Exception):
    """A sealed value does not open: altered, moved, or sealed with a key that is not here."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A data key in the clear, in memory only."""

    algorithm: SealingAlgorithm
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class IndexKey:
    """The key of the blind index, in memory only."""

    algorithm: IndexAlgorithm
    key: bytes = field(repr=False)


class Keyring:
    """The keys a process holds; `take` gives it more while it is in use."""

    def __init__(self, keys: Mapping[int, SealingKey], current: int, index: IndexKey) -> None:
        self._held: dict[int, tuple[int, Aead]] = {}
        self.current = current
        self.index: Callable[[bytes], bytes] = keyed_hash(index.algorithm, index.key)
        self.take(keys, current)

    def take(self, keys: Mapping[int, SealingKey], current: int) -> None:
        """Hold `keys` too, and seal with `current` from now on.

        Raises:
            ValueError: `current` is not among the keys, or a number does not fit one byte.
        """
        fits = all(0 < number <= MAX_KEY_NUMBER for number in keys)
        if current not in keys.keys() | self._held.keys() or not fits:
            raise ValueError("no such key")
        for number in keys.keys() - self._held.keys():
            algorithm = keys[number].algorithm
            self._held[number] = (algorithm.value, aead(algorithm, keys[number].key))
        self.current = current

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of the data keys held."""
        return frozenset(self._held)

    def sealing(self) -> tuple[int, int, Aead]:
        """Return algorithm, number and cipher of the current key."""
        current = self.current
        algorithm, cipher = self._held[current]
        return algorithm, current, cipher

    def opening(self, algorithm: int, number: int) -> Aead | None:
        """Return the cipher of key `number`, None where it is not held or of another algorithm."""
        held = self._held.get(number)
        return held[1] if held and held[0] == algorithm else None


class Sealer:
    """Seals values with the current key of a ring and opens those of every key it holds."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring

    def seal(self, value: str, *, collection: str, field: str, document: str) -> bytes:
        """Return `value` sealed for one field of one document; twice gives different bytes."""
        return self.seal_key(value.encode(), place_of(collection, field, document))

    def open(self, sealed: bytes, *, collection: str, field: str, document: str) -> str:
        """Return the value.

        Raises:
            SealBroken: it was altered or belongs elsewhere, or its key or algorithm is unknown.
        """
        return self.open_key(sealed, place_of(collection, field, document)).decode()

    def seal_key(self, key: bytes, place: bytes) -> bytes:
        """Return a key sealed for one place; see `place_of`."""
        algorithm, number, cipher = self.keyring.sealing()
        return bytes((algorithm, number)) + seal_bytes(cipher, key, place)

    def open_key(self, sealed: bytes, place: bytes) -> bytes:
        """Return a key.

        Raises:
            SealBroken: as with `open`.
        """
        if len(sealed) < _LEAST_BYTES:
            raise SealBroken(f"{named(place)}: too short")
        cipher = self.keyring.opening(sealed[0], sealed[1])
        if cipher is None:
            raise SealBroken(f"{named(place)}: unknown algorithm or key")
        return opened(cipher, sealed[_HEAD_BYTES:], place)

    def new_key(self) -> SealingKey:
        """Return a random key of the algorithm that seals now."""
        algorithm = SealingAlgorithm(self.keyring.sealing()[0])
        return SealingKey(algorithm, secrets.token_bytes(algorithm.key_bytes))

    @property
    def current(self) -> int:
        """The number of the data key that seals now."""
        return self.keyring.current

    def blind_index(self, value: str, *, purpose: str) -> bytes:
        """Return 32 bytes by which `value` can be found again, and by nobody without the key.

        `purpose` keeps the indexes of different fields from being compared with each other.
        """
        # A text of a client may hold half a surrogate pair, which no stored value has.
        return self.keyring.index(f"{purpose}\0{value}".encode("utf-8", "surrogatepass"))


def place_of(collection: str, field: str, document: str) -> bytes:
    """Return what a value is bound to."""
    return "\0".join((collection, field, document)).encode()


def named(place: bytes) -> str:
    """Return a place without its document, for an error that is logged."""
    return ".".join(place.decode().split("\0")[:2])


def opened(cipher: Aead, sealed: bytes, place: bytes) -> bytes:
    """Return what was sealed for a place.

    Raises:
        SealBroken: it was altered or belongs elsewhere.
    """
    try:
        return open_bytes(cipher, sealed, place)
    except Altered as error:
        raise SealBroken(f"{named(place)}: altered or moved") from error
