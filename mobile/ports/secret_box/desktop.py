"""A desktop has no key store of its own: the key lies in a file that only its owner can read."""

import os
import secrets
from functools import cached_property
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

    def seal(self, plain: bytes, name: bytes) -> bytes:
        """Return nonce and ciphertext; the name is bound to them."""
        if not self._path.exists():
            self._make_key()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, name)

    def open(self, sealed: bytes, name: bytes) -> bytes:
        """Return the plain bytes, or raise `BoxDamaged`."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name)
        except (InvalidTag, ValueError, OSError) as error:
            raise BoxDamaged(name.decode()) from error

    def forget(self) -> None:
        """Remove the key file."""
        self._path.unlink(missing_ok=True)
        self.__dict__.pop("_aead", None)

    @cached_property
    def _aead(self) -> AESGCM:
        return AESGCM(self._path.read_bytes())

    def _make_key(self) -> None:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        with os.fdopen(os.open(self._path, flags, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        self.__dict__.pop("_aead", None)
