"""Age in completed years 周岁, on a day of the city's calendar."""

from datetime import date, datetime

from shared.clock import LOCAL_ZONE


def local_day(now: datetime) -> date:
    """Return the city's day of an instant.

    Raises:
        ValueError: `now` is naive.
    """
    if now.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return now.astimezone(LOCAL_ZONE).date()


def age_on(birth: date, day: date) -> int:
    """Return the completed years on a local day; a year is complete at 00:00 of the birthday.

    Someone born on 29 February completes it on 28 February in a common year: where a month has
    no such day, its last day stands for it (Civil Code 民法典, article 202).

    Raises:
        ValueError: `day` is before `birth`.
    """
    if day < birth:
        raise ValueError("a person has no age before birth")
    return day.year - birth.year - (day < birthday_in(birth, day.year))


def birthday_in(birth: date, year: int) -> date:
    """Return the day of `year` on which a year of age is completed."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
