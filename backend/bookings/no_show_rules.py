"""What comes of not coming 爽约: after so many in so many days, booking that kind rests a while."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from backend.figures import NoShowRule


def paused_until(no_shows: Iterable[datetime], rule: NoShowRule, now: datetime) -> datetime | None:
    """Return until when somebody books nothing of a kind, None where they may.

    Args:
        no_shows: the ends of the slots of that kind to which they did not come.
        rule: the city's rule for the kind.
        now: the present instant.
    """
    within = timedelta(days=rule.within_days)
    times = sorted(at for at in no_shows if at <= now)
    too_many = [
        last
        for first, last in zip(times, times[rule.most - 1 :], strict=False)
        if last - first <= within
    ]
    until = max(too_many, default=None)
    if until is None:
        return None
    until += timedelta(days=rule.paused_days)
    return until if now < until else None


def looked_back(rule: NoShowRule) -> timedelta:
    """Return how far back a no-show can still matter; bookings are kept longer than that."""
    return timedelta(days=rule.within_days + rule.paused_days)
