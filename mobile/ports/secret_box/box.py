"""Sealed entries in one folder; how they are sealed is the platform's `Cipher`."""

import os
from pathlib import Path
from typing import Protocol


class BoxDamaged(Exception):
    """An entry is there but cannot be opened: changed, or its key is gone."""


class BoxUnwritable(Exception):
    """An entry could not be written; `reason` is the system's word for it (disk full, …)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Cipher(Protocol):
    """Authenticated encryption under a key that never leaves the device."""

    def seal(self, plain: bytes, name: bytes) -> bytes:
        """Return `plain` sealed for the entry `name`.

        Raises:
            OSError: the key could not be stored.
        """
        ...

    def open(self, sealed: bytes, name: bytes) -> bytes:
        """Return what was sealed for `name`.

        Raises:
            BoxDamaged: not sealed by this key for this name.
        """
        ...

    def forget(self) -> None:
        """Destroy the key; what it sealed is lost.

        Raises:
            OSError: the key could not be removed.
        """
        ...


class SecretBox:
    """Named secrets at rest; each write is whole or did not happen."""

    def __init__(self, folder: Path, cipher: Cipher) -> None:
        self._folder = folder
        self._cipher = cipher

    def put(self, name: str, plain: bytes) -> None:
        """Seal `plain` and keep it as `name`.

        Raises:
            BoxUnwritable: it could not be stored; what was there before still is.
        """
        target = self._path(name)
        unfinished = target.with_suffix(".new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sealed = self._cipher.seal(plain, name.encode())
            with os.fdopen(
                os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb"
            ) as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(target)
        except OSError as error:
            raise BoxUnwritable(error.strerror or type(error).__name__) from error

    def get(self, name: str) -> bytes | None:
        """Return what is kept as `name`, None when nothing is.

        Raises:
            BoxDamaged: something is there that cannot be opened.
        """
        try:
            sealed = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BoxDamaged(name) from error
        return self._cipher.open(sealed, name.encode())

    def forget(self, *names: str) -> None:
        """Remove entries; one that is not there is no error.

        Raises:
            BoxUnwritable: an entry could not be removed.
        """
        self._remove([self._path(name) for name in names])

    def start_anew(self, *kept: str) -> None:
        """Remove every entry but those `kept`, and the key unless they need it.

        Raises:
            BoxUnwritable: something could not be removed.
        """
        staying = {self._path(name) for name in kept}
        self._remove([path for path in self._folder.glob("*.sealed") if path not in staying])
        if staying:
            return
        try:
            self._cipher.forget()
        except OSError as error:
            raise BoxUnwritable(error.strerror or type(error).__name__) from error

    def _remove(self, paths: list[Path]) -> None:
        try:
            for path in paths:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise BoxUnwritable(error.strerror or type(error).__name__) from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.sealed"
