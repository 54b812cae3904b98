"""By when somebody says that they are well, and what a day without it means; pure.

Only what is said on the same local day counts for a day's hour: a word of the evening before says
nothing about the night.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from backend.foundation.refusals import Refusal
from backend.safe_checks import refusals as no
from shared.clock import LOCAL_ZONE
from shared.identity.age import local_day

EARLIEST, LATEST = 6 * 60, 22 * 60
"""Minutes of the local day between which the hour may lie: nobody is called out of bed."""
MOST_CONTACTS = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the minute of the local day, and the mandates of whom to tell."""

    minute: int
    contacts: tuple[str, ...]


def wish_of(minute: int, contacts: Sequence[str]) -> Wish | Refusal:
    """Return a wish as it was sent, each contact once."""
    if not EARLIEST <= minute <= LATEST:
        return no.SAFE_CHECK_TIME
    once = tuple(dict.fromkeys(contacts))
    fits = 1 <= len(once) <= MOST_CONTACTS
    return Wish(minute, once) if fits else no.SAFE_CHECK_CONTACTS


def first_due(minute: int, now: datetime, said_at: datetime | None = None) -> datetime:
    """Return by when the next word is due once it is switched on, or changed, at `now`.

    What was said on this day already counts for its hour, whichever that is by now.
    """
    if said_at is not None and local_day(said_at) == local_day(now):
        return due_after(minute, now)
    today = _at(local_day(now), minute)
    return today if now < today else _at(local_day(now) + _DAY, minute)


def due_after(minute: int, now: datetime) -> datetime:
    """Return by when the next word is due after one at `now`, or after a missed hour."""
    return _at(local_day(now) + _DAY, minute)


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), tzinfo=LOCAL_ZONE)
