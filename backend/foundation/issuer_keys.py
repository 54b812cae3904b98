"""The keys that sign phones' certificates, one after another 密钥轮换.

The first is `issuer.pem`; a later one tells by its name when it takes over, as in
`issuer-2-20270101T000000Z.pem`. Readers trust it from the day it is made, so those that were
offline for a while know it when it is first used; the one before is trusted until the last
certificate that it signed has ended, and by no list after that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.foundation.key_files import check_file, write_once
from backend.foundation.kms import key_refused
from shared.ecode.algorithms import Algorithm, InvalidKey, SoftwareKey

FIRST = "issuer.pem"
MAX_KEYS = 255  # the certificate names its key by one byte
USED_AFTER = timedelta(days=1)
_LATER = "issuer-*.pem"
_NAME = re.compile(r"issuer-([1-9][0-9]{0,2})-([0-9]{8}T[0-9]{6}Z)\.pem")
_TIME = "%Y%m%dT%H%M%SZ"


class IssuerKeysExhausted(Exception):
    """There are 255 issuer keys; no more fit."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One key, by the number that certificates name; `used_from` is None for the first."""

    key_id: int
    key: SoftwareKey = field(repr=False)
    used_from: datetime | None = None


class IssuerKeys:
    """All of them, in the order of their use.

    Args:
        keys: at least the first.
        certificate_life: how long a certificate lives at most.
    """

    def __init__(self, keys: Sequence[IssuerKey], certificate_life: timedelta) -> None:
        self.keys = tuple(sorted(keys, key=lambda one: one.key_id))
        self._life = certificate_life

    def at(self, now: datetime) -> IssuerKey:
        """Return the key that signs at `now`."""
        begun = [one for one in self.keys if one.used_from is None or one.used_from <= now]
        return begun[-1]

    def trusted(self) -> list[tuple[IssuerKey, datetime | None]]:
        """Return every key with the instant its trust ends; the last has none."""
        nexts = [one.used_from for one in self.keys[1:]]
        ends = [None if begins is None else begins + self._life for begins in nexts]
        return list(zip(self.keys, [*ends, None], strict=True))


def read_issuer_keys(directory: Path, certificate_life: timedelta) -> IssuerKeys:
    """Read the keys from their files.

    Raises:
        StartRefused: one is open to other users, no key, or its name does not say when it is used.
    """
    later = [_later(path) for path in directory.glob(_LATER)]
    read = IssuerKeys([IssuerKey(1, _read(directory / FIRST)), *later], certificate_life)
    times = [one.used_from for one in read.keys[1:] if one.used_from is not None]
    numbers = {one.key_id for one in read.keys}
    if times != sorted(set(times)) or len(numbers) != len(read.keys) or max(numbers) > MAX_KEYS:
        raise key_refused(
            directory / _LATER,
            "的编号应为2至255且与启用时间同序",
            "must be numbered from 2 to 255 in the order of their times",
        )
    return read


def make_issuer_key(directory: Path, present: IssuerKeys, used_from: datetime) -> IssuerKey:
    """Make the next key; servers read it when they are started again, before `used_from`.

    Raises:
        IssuerKeysExhausted: there are as many as a certificate can name.
        OSError: the place cannot be written.
    """
    last, used_from = present.keys[-1], used_from.replace(microsecond=0)
    if last.key_id >= MAX_KEYS:
        raise IssuerKeysExhausted
    if last.used_from is not None:
        used_from = max(used_from, last.used_from + timedelta(seconds=1))
    made = IssuerKey(last.key_id + 1, SoftwareKey.generate(Algorithm.ED25519), used_from)
    name = f"issuer-{made.key_id}-{used_from.astimezone(UTC):{_TIME}}.pem"
    write_once(directory / name, made.key.to_pem())
    return made


def _read(path: Path) -> SoftwareKey:
    check_file(path)
    try:
        return SoftwareKey.of_pem(path.read_bytes())
    except (OSError, InvalidKey) as error:
        raise key_refused(path, "不是可用的私钥", "is not a usable private key") from error


def _later(path: Path) -> IssuerKey:
    named = _NAME.fullmatch(path.name)
    try:
        used_from = datetime.strptime(named[2] if named else "", _TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise key_refused(
            path,
            "的文件名应如 issuer-2-20270101T000000Z.pem",
            "must be named like issuer-2-20270101T000000Z.pem",
        ) from error
    return IssuerKey(int(named[1]) if named else 0, _read(path), used_from)
