"""Personal data at rest: sealed values, and a blind index to find one by its exact value.

A sealed value is: algorithm (1 byte, 1 = AES-256-GCM), key id (1), nonce (12), ciphertext with
tag. What it belongs to (collection, field, document) is bound in, so a value moved to another
document does not open. The algorithm's number stands with each value so that SM4 can follow.
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

AES_256_GCM = 1
_HEAD_BYTES = 2
_NONCE_BYTES = 12
_TAG_BYTES = 16
_LEAST_BYTES = _HEAD_BYTES + _NONCE_BYTES + _TAG_BYTES


class SealBroken(Exception):
    """A sealed value does not open: altered, moved, or sealed with a key that is not here."""


class Sealer:
    """Seals values with the current key and opens those of every key it holds."""

    def __init__(self, keys: dict[int, bytes], current: int, index_key: bytes) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = current
        self._index_key = index_key

    def seal(self, value: str, *, collection: str, field: str, document: str) -> bytes:
        """Return `value` sealed for one field of one document; twice gives different bytes."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(
            nonce, value.encode(), _place(collection, field, document)
        )
        return bytes([AES_256_GCM, self._current]) + nonce + sealed

    def open(self, sealed: bytes, *, collection: str, field: str, document: str) -> str:
        """Return the value.

        Raises:
            SealBroken: it was altered or belongs elsewhere, or its key or algorithm is unknown.
        """
        if len(sealed) < _LEAST_BYTES:
            raise SealBroken(f"{collection}.{field}: too short")
        cipher = self._ciphers.get(sealed[1]) if sealed[0] == AES_256_GCM else None
        if cipher is None:
            raise SealBroken(f"{collection}.{field}: unknown algorithm or key")
        nonce, body = sealed[_HEAD_BYTES:][:_NONCE_BYTES], sealed[_HEAD_BYTES + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, _place(collection, field, document)).decode()
        except InvalidTag as error:
            raise SealBroken(f"{collection}.{field}: altered or moved") from error

    def blind_index(self, value: str, *, purpose: str) -> bytes:
        """Return 32 bytes by which `value` can be found again, and by nobody without the key.

        `purpose` keeps the indexes of different fields from being compared with each other.
        """
        message = f"{purpose}\0{value}".encode()
        return hmac.new(self._index_key, message, hashlib.sha256).digest()


def _place(collection: str, field: str, document: str) -> bytes:
    return "\0".join((collection, field, document)).encode()
