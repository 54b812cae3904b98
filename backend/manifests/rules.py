"""When an offline set is made anew, for which time, and what of it changed: pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from backend.foundation.refusals import refusal
from shared.clock import LOCAL_ZONE
from shared.wire.offline_set import RecordKey

DAYS = (3, 2, 1)
"""How many local days a set covers, today among them: fewer where it would grow too large."""
SERIES = timedelta(days=7)
"""How long one salt is used: afterwards nobody can tell who was expected before and is again."""
KEPT = timedelta(days=10)
REISSUED = timedelta(hours=1)
MOST_CHANGES = 5_000
"""Records written in one transaction at most; more than that begin a series."""
_LEAST_REST_SECONDS = 15.0
_REST = 20
"""A set rests so many times as long as it took to make: one venue takes a twentieth of a core."""
_TAG = re.compile(r'"([0-9a-f]{16})-([0-9]{1,10})"')
_FINGERPRINT_BYTES = 16

SET_TOO_LARGE = refusal(
    "offline_set_too_large",
    (
        "该场馆的预约太多，离线名单装不下。",
        "The venue has more bookings than an offline set holds.",
    ),
    ("请保持网络畅通并联系管理员。", "Keep the network up and tell the administrator."),
)


@dataclass(frozen=True, slots=True)
class SetDates:
    """What of a stored set says when it is due."""

    read_at: datetime
    took_seconds: float


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write: contents by the keys they are sealed with, and locators that are gone."""

    put: Mapping[RecordKey, bytes]
    removed: frozenset[bytes] = frozenset()

    def __len__(self) -> int:
        return len(self.put) + len(self.removed)


def is_due(dates: SetDates | None, now: datetime) -> bool:
    """Tell whether a set is to be read anew before it is given out."""
    if dates is None:
        return True
    rest = max(_LEAST_REST_SECONDS, _REST * dates.took_seconds)
    return now >= dates.read_at + timedelta(seconds=rest)


def begins_series(series_at: datetime, now: datetime) -> bool:
    """Tell whether a series is over and the next begins, under another salt."""
    return now >= series_at + SERIES


def covered_from(venue: int, now: datetime) -> datetime:
    """Return when what a set covers begins: within the last hour, and another one in the next.

    Within that hour a set only follows what changes. Each venue's begins at a minute of its own, so
    that they are not all read whole at once.
    """
    shift = timedelta(minutes=venue % 60)
    return (now - shift).replace(minute=0, second=0, microsecond=0) + shift


def covered_until(now: datetime, days: int) -> datetime:
    """Return the end of the last of `days` local days, today among them."""
    last = now.astimezone(LOCAL_ZONE).date() + timedelta(days=days)
    return datetime.combine(last, time(), LOCAL_ZONE)


def next_epoch(before: int | None, now: datetime) -> int:
    """Return a number above all before it, also after the store was restored from a copy."""
    return max((before or 0) + 1, int(now.timestamp()))


def fingerprint(key: RecordKey, content: bytes) -> bytes:
    """Return what tells two contents of a record apart, and nothing of them."""
    return hashlib.sha256(key.key + content).digest()[:_FINGERPRINT_BYTES]


def changes(stored: Mapping[bytes, bytes | None], wanted: Mapping[RecordKey, bytes]) -> Changes:
    """Return what leads from the stored fingerprints, None of a removed record, to `wanted`."""
    put = {
        key: content
        for key, content in wanted.items()
        if stored.get(key.locator) != fingerprint(key, content)
    }
    present = {locator for locator, known in stored.items() if known is not None}
    return Changes(put, frozenset(present - {key.locator for key in wanted}))


def series_of(salt: bytes) -> bytes:
    """Return what names the series of a salt."""
    return salt[:8]


def tag_of(salt: bytes, epoch: int) -> str:
    """Return a set's ETag: its series and epoch."""
    return f'"{series_of(salt).hex()}-{epoch}"'


def base_of(tags: Iterable[str], salt: bytes) -> int:
    """Return the newest epoch of this series among ETags of a request, 0 if there is none."""
    found = [_TAG.fullmatch(tag.strip().removeprefix("W/")) for tag in tags]
    series = series_of(salt).hex()
    return max((int(tag[2]) for tag in found if tag and tag[1] == series), default=0)
