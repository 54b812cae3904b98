"""The secret keys: made on the first run in development, given by the operator in production.

Files in the key directory, mode 0600, directory 0700: `root.pem` (signs trust lists), `issuer.pem`
and its successors (certificates, see `issuer_keys`), `list.pem` (status lists and manifests),
`tokens.pem` (access tokens).
The keys of personal data stand elsewhere, wrapped (`data_keys`). An installation from before has
them here as `sealing.key` and `index.key` (32 bytes as hex): they become its data key 1 and its
index key, and their files can then be removed.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.foundation.issuer_keys import FIRST, IssuerKeys, read_issuer_keys
from backend.foundation.key_files import check_file, write_once
from backend.foundation.kms import key_refused
from backend.settings import Settings
from shared.ecode.algorithms import Algorithm, InvalidKey, SoftwareKey

LIST_KEY_ID = 1
_SECRET_BYTES = 32
_PEM_NAMES = ("root.pem", FIRST, "list.pem", "tokens.pem")
_INHERITED_NAMES = ("sealing.key", "index.key")


@dataclass(frozen=True, slots=True)
class InheritedKeys:
    """What sealed personal data before data keys were wrapped: AES-256-GCM and HMAC-SHA256."""

    sealing: bytes = field(repr=False)
    index: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """The backend's keys; never shown by `repr`."""

    root: SoftwareKey = field(repr=False)
    issuers: IssuerKeys = field(repr=False)
    lists: SoftwareKey = field(repr=False)
    tokens: SoftwareKey = field(repr=False)
    inherited: InheritedKeys | None = field(repr=False, default=None)

    @property
    def journals(self) -> X25519PrivateKey:
        """What opens readers' journals that were carried by hand: derived from the list key.

        Readers hear of it in what the list key signs, so the two change together.
        """
        encoding, form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
        known = self.lists.private.private_bytes(encoding, form, serialization.NoEncryption())
        derived = HKDF(SHA256(), _SECRET_BYTES, None, b"yikatong carried journals").derive(known)
        return X25519PrivateKey.from_private_bytes(derived)


def load_keys(settings: Settings) -> Keys:
    """Read the keys; in development, make those that are missing first.

    Raises:
        StartRefused: a key is missing (production), open to other users, or not a key.
    """
    directory = settings.keys_dir
    if not settings.production:
        _make_missing(directory)
    for name in _PEM_NAMES:
        check_file(directory / name)
    root, lists, tokens = (
        _signing_key(directory / f"{name}.pem") for name in ("root", "list", "tokens")
    )
    issuers = read_issuer_keys(directory, timedelta(hours=settings.cards.certificate_hours))
    return Keys(root, issuers, lists, tokens, _inherited(directory))


def _make_missing(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _PEM_NAMES:
            write_once(directory / name, SoftwareKey.generate(Algorithm.ED25519).to_pem())
    except OSError as error:
        raise key_refused(
            directory, f"写不进去（{error.strerror}）", "cannot be written"
        ) from error


def _inherited(directory: Path) -> InheritedKeys | None:
    """Return the keys of an installation from before: both of them or none."""
    paths = [directory / name for name in _INHERITED_NAMES]
    if not any(path.exists() for path in paths):
        return None
    for path in paths:
        check_file(path)
    return InheritedKeys(*map(_secret, paths))


def _signing_key(path: Path) -> SoftwareKey:
    try:
        return SoftwareKey.of_pem(path.read_bytes())
    except (OSError, InvalidKey) as error:
        raise key_refused(path, "不是可用的私钥", "is not a usable private key") from error


def _secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise key_refused(path, "不是十六进制密钥", "is not a key in hex") from error
    if len(secret) != _SECRET_BYTES:
        raise key_refused(
            path, "应为32字节（64个十六进制字符）", "must hold 32 bytes (64 hex digits)"
        )
    return secret
