"""The Kms of development: key-encryption keys as files, 0600, in the key directory.

Whoever copies the directory has the keys, so production refuses it. A file `kek-1.key` holds the
algorithm's name and the key in hex.
"""

import secrets
from pathlib import Path

from typing_extensions import override

from backend.foundation.key_files import check_file, write_once
from backend.foundation.kms import (
    Kms,
    UnwrapFailed,
    WrappedKey,
    kek_number,
    key_refused,
    kms_refused,
    newest,
    next_name,
)
from backend.foundation.suites import (
    NEW_SEALING,
    Aead,
    Altered,
    SealingAlgorithm,
    aead,
    open_bytes,
    seal_bytes,
)
from backend.settings import Suite

_SUFFIX = ".key"


class FileKms(Kms):
    """Keys in files; a new key has the suite's algorithm, each file keeps its own."""

    def __init__(self, directory: Path, suite: Suite, *, production: bool) -> None:
        """Use the keys in `directory`, making the first one.

        Raises:
            StartRefused: this is production, or a key's file cannot be read or used.
        """
        if production:
            raise kms_refused(
                "生产环境不能用文件保管密钥。请把 YIKATONG_KMS 设为 pkcs11，并接入密码机。",
                "Production does not keep its keys in files. Set YIKATONG_KMS to pkcs11 and "
                "connect an HSM.",
            )
        self._directory = directory
        self._suite = suite
        if self.current() is None:
            self.make_key()
        for name in self._names():
            self._cipher(name)

    @override
    def current(self) -> str | None:
        return newest(self._names())

    @override
    def make_key(self) -> str:
        algorithm = NEW_SEALING[self._suite]
        name = next_name(self._names())
        text = f"{algorithm.name.lower()} {secrets.token_hex(algorithm.key_bytes)}\n"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(self._path(name), text.encode())
        except OSError as error:
            raise key_refused(
                self._path(name), f"写不进去（{error.strerror}）", "cannot be written"
            ) from error
        return name

    @override
    def wrap(self, key: bytes, bound: bytes) -> WrappedKey:
        name = self.current() or self.make_key()
        return WrappedKey(name, seal_bytes(self._cipher(name), key, bound))

    @override
    def unwrap(self, wrapped: WrappedKey, bound: bytes) -> bytes:
        if wrapped.kek not in self._names():
            raise UnwrapFailed(wrapped.kek)
        try:
            return open_bytes(self._cipher(wrapped.kek), wrapped.sealed, bound)
        except Altered as error:
            raise UnwrapFailed(wrapped.kek) from error

    def _names(self) -> list[str]:
        names = [path.name.removesuffix(_SUFFIX) for path in self._directory.glob(f"*{_SUFFIX}")]
        return [name for name in names if kek_number(name)]

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}{_SUFFIX}"

    def _cipher(self, name: str) -> Aead:
        path = self._path(name)
        check_file(path)
        try:
            algorithm, key = path.read_text(encoding="ascii").split()
            return aead(SealingAlgorithm[algorithm.upper()], bytes.fromhex(key))
        except (OSError, ValueError, KeyError) as error:
            raise key_refused(path, "不是密钥文件", "is not a key file") from error
