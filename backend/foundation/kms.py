"""Where the key-encryption keys are: behind `Kms`, they wrap data keys and never come out.

Two levels (L21): a key-encryption key in the Kms, data keys wrapped by it in the store. Turning the
key-encryption key wraps a few data keys again and touches no resident's record.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from backend.settings import StartRefused
from shared.localized_text import LocalizedText

KEK_PREFIX = "kek-"


class UnwrapFailed(Exception):
    """A wrapped key does not open: it was altered, or its key-encryption key is not here."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is stored; `kek` names the key-encryption key that opens it."""

    kek: str
    sealed: bytes = field(repr=False)


class Kms(Protocol):
    """Holds key-encryption keys, named `kek-1`, `kek-2` …; the highest one wraps."""

    def current(self) -> str | None:
        """Return the name of the key that wraps, None where there is none yet."""
        ...

    def make_key(self) -> str:
        """Make a new key-encryption key, which wraps from now on, and return its name."""
        ...

    def wrap(self, key: bytes, bound: bytes) -> WrappedKey:
        """Wrap a data key with the current key; it opens only with the same `bound`."""
        ...

    def unwrap(self, wrapped: WrappedKey, bound: bytes) -> bytes:
        """Return a data key.

        Raises:
            UnwrapFailed: it was altered, is bound to something else, or its key is not here.
        """
        ...


def kek_number(name: str) -> int:
    """Return the number in a key's name, 0 where it is not one of ours."""
    digits = name.removeprefix(KEK_PREFIX)
    ours = name.startswith(KEK_PREFIX) and digits.isascii() and digits.isdigit()
    return int(digits) if ours else 0


def newest(names: list[str]) -> str | None:
    """Return the key that wraps among `names`."""
    ours = [name for name in names if kek_number(name)]
    return max(ours, key=kek_number) if ours else None


def next_name(names: list[str]) -> str:
    """Return the name of the key to be made."""
    return f"{KEK_PREFIX}{max(map(kek_number, names), default=0) + 1}"


def kms_refused(zh: str, en: str) -> StartRefused:
    """Return why the program cannot start with its Kms."""
    return StartRefused(LocalizedText(zh, en))


def key_refused(path: Path, zh: str, en: str) -> StartRefused:
    """Return why the key in `path` cannot be used."""
    return kms_refused(
        f"密钥 {path} {zh}。请检查 YIKATONG_KEYS_DIR。",
        f"The key {path} {en}. Check YIKATONG_KEYS_DIR.",
    )
