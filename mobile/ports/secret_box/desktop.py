"""A desktop has no key store of its own: the key lies in a file that only its owner can read."""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mobile.ports.secret_box.box import BoxDamaged

_KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyFileCipher:
    """AES-256-GCM under a random key in `path` (mode 0600), made at the first seal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key: bytes | None = None

    def seal(self, plain: bytes, name: bytes) -> bytes:
        """Return nonce and ciphertext; the name is bound to them."""
        key = self._present_key()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, plain, name)

    def open(self, sealed: bytes, name: bytes) -> bytes:
        """Return the plain bytes, or raise `BoxDamaged`."""
        try:
            key = self._key = self._key or self._path.read_bytes()
            return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name)
        except (InvalidTag, ValueError, OSError) as error:
            raise BoxDamaged(name.decode()) from error

    def forget(self) -> None:
        """Remove the key file."""
        self._path.unlink(missing_ok=True)
        self._key = None

    def _present_key(self) -> bytes:
        """Return the key; one that is not on the disk whole is written there.

        A key that is gone from under a running app is written again. One that was cut off, as by
        an end in the middle of its first writing, opens nothing: another takes its place.
        """
        stored = self._path.read_bytes() if self._path.exists() else b""
        if len(stored) == _KEY_BYTES:
            self._key = stored
            return stored
        key = self._key if self._key and len(self._key) == _KEY_BYTES else _drawn()
        flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY
        with os.fdopen(os.open(self._path, flags, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        self._key = key
        return key


def _drawn() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)
