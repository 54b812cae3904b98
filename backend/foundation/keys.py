"""The secret keys: made on the first run in development, given by the operator in production.

Files in the key directory, mode 0600, directory 0700: `root.pem` (signs trust lists), `issuer.pem`
(certificates), `list.pem` (status lists and manifests), `tokens.pem` (access tokens), `sealing.key`
and `index.key` (32 bytes as hex: personal data at rest, and the blind index over it).
"""

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from backend.settings import Settings, StartRefused
from shared.ecode.algorithms import Algorithm, InvalidKey, SoftwareKey
from shared.localized_text import LocalizedText

ISSUER_KEY_ID = 1
LIST_KEY_ID = 1
_SECRET_BYTES = 32
_PEM_NAMES = ("root.pem", "issuer.pem", "list.pem", "tokens.pem")
_SECRET_NAMES = ("sealing.key", "index.key")


@dataclass(frozen=True, slots=True)
class Keys:
    """The backend's keys; never shown by `repr`."""

    root: SoftwareKey = field(repr=False)
    issuer: SoftwareKey = field(repr=False)
    lists: SoftwareKey = field(repr=False)
    tokens: SoftwareKey = field(repr=False)
    sealing: bytes = field(repr=False)
    index: bytes = field(repr=False)


def load_keys(settings: Settings) -> Keys:
    """Read the keys; in development, make those that are missing first.

    Raises:
        StartRefused: a key is missing (production), open to other users, or not a key.
    """
    directory = settings.keys_dir
    if not settings.production:
        _make_missing(directory)
    for name in (*_PEM_NAMES, *_SECRET_NAMES):
        _check_file(directory / name)
    root, issuer, lists, tokens = (_signing_key(directory / name) for name in _PEM_NAMES)
    sealing, index = (_secret(directory / name) for name in _SECRET_NAMES)
    return Keys(root, issuer, lists, tokens, sealing, index)


def _make_missing(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _PEM_NAMES:
            _write_once(directory / name, SoftwareKey.generate(Algorithm.ED25519).to_pem())
        for name in _SECRET_NAMES:
            _write_once(directory / name, secrets.token_hex(_SECRET_BYTES).encode())
    except OSError as error:
        raise _refused(directory, f"写不进去（{error.strerror}）", "cannot be written") from error


def _write_once(path: Path, content: bytes) -> None:
    """Write a whole file or none, and never over one that is there."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(draft, path)  # fails where another process was first
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _check_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise _refused(path, "不存在或读不到", "is missing or unreadable") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _refused(
            path, "对其他用户开放，请执行 chmod 600", "is open to other users; chmod 600 it"
        )


def _signing_key(path: Path) -> SoftwareKey:
    try:
        return SoftwareKey.of_pem(path.read_bytes())
    except (OSError, InvalidKey) as error:
        raise _refused(path, "不是可用的私钥", "is not a usable private key") from error


def _secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise _refused(path, "不是十六进制密钥", "is not a key in hex") from error
    if len(secret) != _SECRET_BYTES:
        raise _refused(path, "应为32字节（64个十六进制字符）", "must hold 32 bytes (64 hex digits)")
    return secret


def _refused(path: Path, zh: str, en: str) -> StartRefused:
    return StartRefused(
        LocalizedText(
            f"密钥 {path} {zh}。请检查 YIKATONG_KEYS_DIR。",
            f"The key {path} {en}. Check YIKATONG_KEYS_DIR.",
        )
    )
