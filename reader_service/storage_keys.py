"""The keys that seal what a reader keeps on its disk, and where they are held.

Written as one key a line, 64 hex digits, the one in use first; those below it only open what was
sealed before the key was turned. A key is named by its id, the first bytes of a digest of it, so
that a wrong key is known before anything is tried with it.
"""

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALGORITHM = "A256GCM"
KEY_ID_BYTES = 8
NONCE_BYTES = 12
CREDENTIAL = "storage.key"
_KEY_BYTES = 32
_SEALED = b"YKS1"


class KeysUnusable(Exception):
    """The keys are not there, are open to other users, or are no keys."""


class KeyNotMade(Exception):
    """A new key cannot be made here: whoever runs the machine puts it on top of the credential."""


class Unreadable(Exception):
    """What was sealed cannot be opened: another key, or it was changed."""


@dataclass(frozen=True, slots=True)
class StorageKey:
    """One key: what seals with it and what links rows with it are derived apart."""

    key_id: bytes
    _sealing: AESGCM = field(repr=False)
    _linking: bytes = field(repr=False)

    @classmethod
    def of_secret(cls, secret: bytes) -> "StorageKey":
        """Return the key of 32 secret bytes."""
        named = sha256(b"yikatong storage key\0" + secret).digest()[:KEY_ID_BYTES]
        return cls(named, AESGCM(_derived(secret, b"seal")), _derived(secret, b"link"))

    def seal(self, plain: bytes, bound: bytes) -> bytes:
        """Return nonce and sealed bytes; `bound` must be the same when they are opened."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._sealing.encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            Unreadable: it was changed, or sealed with another key.
        """
        try:
            return self._sealing.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError) as error:
            raise Unreadable from error

    def link(self, *parts: bytes) -> bytes:
        """Return 32 bytes that only who has the key can make of these parts."""
        framed = b"".join(len(part).to_bytes(4) + part for part in parts)
        return hmac.digest(self._linking, framed, "sha256")


class KeyStore(Protocol):
    """Where the device holds its keys."""

    def keys(self) -> Mapping[bytes, StorageKey]:
        """Return the keys by id, the one in use first; empty where none was made yet.

        Raises:
            KeysUnusable: they are there and cannot be used.
        """
        ...

    def make(self) -> StorageKey:
        """Make a new key and put it first.

        Raises:
            KeyNotMade: that is not done from here.
            OSError: it cannot be kept.
        """
        ...

    def put_aside(self, name: str) -> None:
        """Keep what holds no usable keys under another name.

        Raises:
            KeyNotMade: that is not done from here.
        """
        ...


class FileKeyStore:
    """Keys in a file that this user alone can read: for development."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys(self) -> Mapping[bytes, StorageKey]:
        """Return the keys by id (see `KeyStore`)."""
        try:
            if self._path.stat().st_mode & 0o077:
                raise KeysUnusable(f"{self._path.name} is open to other users")
            return _read(self._path.read_text("ascii"))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise KeysUnusable(f"{self._path.name} cannot be read") from error

    def make(self) -> StorageKey:
        """Make a new key and put it first (see `KeyStore`), whole or not at all."""
        secret = secrets.token_bytes(_KEY_BYTES)
        before = self._path.read_text("ascii") if self._path.exists() else ""
        part = self._path.with_suffix(".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secret.hex()}\n{before}")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
        _sync_folder(self._path.parent)
        return StorageKey.of_secret(secret)

    def put_aside(self, name: str) -> None:
        """Keep what holds no usable keys under another name (see `KeyStore`)."""
        if self._path.exists():
            self._path.rename(self._path.with_name(name))


class CredentialKeyStore:
    """Keys that systemd decrypts for this service alone (LoadCredentialEncrypted=)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys(self) -> Mapping[bytes, StorageKey]:
        """Return the keys by id (see `KeyStore`)."""
        try:
            found = _read(self._path.read_text("ascii"))
        except (OSError, UnicodeDecodeError) as error:
            raise KeysUnusable(f"credential {self._path.name} cannot be read") from error
        if not found:
            raise KeysUnusable(f"credential {self._path.name} is empty")
        return found

    def make(self) -> StorageKey:
        """Refuse: a credential is made with systemd-creds."""
        raise KeyNotMade

    def put_aside(self, name: str) -> None:
        """Refuse likewise."""
        raise KeyNotMade(name)


class Sealing:
    """Documents of the disk, sealed with the key in use; one from before is read as it is."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._keys: Mapping[bytes, StorageKey] = {}

    def seal(self, plain: bytes, bound: bytes) -> bytes:
        """Return the sealed bytes, with the id of their key.

        Raises:
            Unreadable: there is no key to seal with.
        """
        key = self._current()
        return _SEALED + key.key_id + key.seal(plain, bound)

    def open(self, stored: bytes, bound: bytes) -> bytes:
        """Return what was stored.

        Raises:
            Unreadable: its key is not here, or it was changed.
        """
        if not stored.startswith(_SEALED):
            return stored
        self._current()
        start = len(_SEALED)
        key = self._keys.get(stored[start : start + KEY_ID_BYTES])
        if key is None:
            raise Unreadable
        return key.open(stored[start + KEY_ID_BYTES :], bound)

    def is_plain(self, stored: bytes) -> bool:
        """Tell whether it was stored before documents were sealed."""
        return not stored.startswith(_SEALED)

    def _current(self) -> StorageKey:
        try:
            self._keys = self._keys or self._store.keys()
            if not self._keys:
                made = self._store.make()
                self._keys = {made.key_id: made}
        except (KeysUnusable, KeyNotMade, OSError) as error:
            raise Unreadable from error
        return next(iter(self._keys.values()))


def key_store(data_dir: Path, environment: Mapping[str, str]) -> KeyStore:
    """Return where this reader's keys are: the service's credential, else a file of its own."""
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if folder and (given := Path(folder) / CREDENTIAL).exists():
        return CredentialKeyStore(given)
    return FileKeyStore(data_dir / CREDENTIAL)


def _read(text: str) -> dict[bytes, StorageKey]:
    found: dict[bytes, StorageKey] = {}
    for line in text.split():
        try:
            secret = bytes.fromhex(line)
        except ValueError as error:
            raise KeysUnusable("a line is not hex") from error
        if len(secret) != _KEY_BYTES:
            raise KeysUnusable("a key has 64 hex digits")
        key = StorageKey.of_secret(secret)
        found[key.key_id] = key
    return found


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, None, b"yikatong storage " + use).derive(secret)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
