"""The cryptographic suites: the international one, and the Chinese one that 密评 asks for.

Each algorithm has a number that stands with every value it made (L19), so a suite can be changed
while values of the other one are still there. Both ciphers are AEADs with a nonce of 12 bytes and a
tag of 16; both keyed hashes give 32 bytes.
"""

import secrets
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from typing_extensions import override

from backend.settings import Suite

NONCE_BYTES = 12
TAG_BYTES = 16
INDEX_KEY_BYTES = 32


class Altered(Exception):
    """A ciphertext does not open: it, its nonce or what it is bound to was changed."""


class SealingAlgorithm(IntEnum):
    """What seals a value."""

    AES_256_GCM = 1
    SM4_GCM = 2  # GB/T 32907, RFC 8998

    @property
    def key_bytes(self) -> int:
        """How long its keys are."""
        return 32 if self is SealingAlgorithm.AES_256_GCM else 16


class IndexAlgorithm(IntEnum):
    """What makes a blind index."""

    HMAC_SHA256 = 1
    HMAC_SM3 = 2  # GB/T 32905


NEW_SEALING = {
    Suite.INTL: SealingAlgorithm.AES_256_GCM,
    Suite.SM: SealingAlgorithm.SM4_GCM,
}
"""What keys made under a suite seal with."""

NEW_INDEX = {Suite.INTL: IndexAlgorithm.HMAC_SHA256, Suite.SM: IndexAlgorithm.HMAC_SM3}
"""What an index key made under a suite hashes with."""


class Aead(Protocol):
    """Seals bytes under one key, bound to other bytes that are not hidden."""

    def encrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        """Return the ciphertext with its tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            Altered: ciphertext, nonce, key or `bound` is another one.
        """
        ...


class _Aes(Aead):
    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @override
    def encrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        return self._cipher.encrypt(nonce, data, bound)

    @override
    def decrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        try:
            return self._cipher.decrypt(nonce, data, bound)
        except InvalidTag as error:
            raise Altered from error


class _Sm4(Aead):
    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    @override
    def encrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        encryptor = Cipher(self._key, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    @override
    def decrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        if len(data) < TAG_BYTES:
            raise Altered
        body, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
        decryptor = Cipher(self._key, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(bound)
        opened = decryptor.update(body)
        try:
            return opened + decryptor.finalize()
        except InvalidTag as error:
            raise Altered from error


def aead(algorithm: SealingAlgorithm, key: bytes) -> Aead:
    """Return the cipher of a key.

    Raises:
        ValueError: the key has another length than the algorithm's.
    """
    if len(key) != algorithm.key_bytes:
        raise ValueError(f"{algorithm.name} needs a key of {algorithm.key_bytes} bytes")
    return _Sm4(key) if algorithm is SealingAlgorithm.SM4_GCM else _Aes(key)


def keyed_hash(algorithm: IndexAlgorithm, key: bytes) -> Callable[[bytes], bytes]:
    """Return the function that hashes a message under `key` to 32 bytes."""
    digest = hashes.SM3() if algorithm is IndexAlgorithm.HMAC_SM3 else hashes.SHA256()
    keyed = hmac.HMAC(key, digest)

    def hashed(message: bytes) -> bytes:
        own = keyed.copy()
        own.update(message)
        return own.finalize()

    return hashed


def seal_bytes(cipher: Aead, data: bytes, bound: bytes) -> bytes:
    """Return a fresh nonce and the ciphertext."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, data, bound)


def open_bytes(cipher: Aead, sealed: bytes, bound: bytes) -> bytes:
    """Return what `seal_bytes` sealed.

    Raises:
        Altered: it was changed, or is bound to something else.
    """
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise Altered
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
