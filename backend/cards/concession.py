"""Age band and concession level for a certificate: one rule, from birth date and categories.

Age itself travels as the band, and each venue's own rule says what a band is worth; the level comes
from what authorities attest. The reason for it never leaves this file's callers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from shared.clock import LOCAL_ZONE
from shared.ecode.certificate import AgeBand, ConcessionLevel
from shared.identity.age import age_on, birthday_in, local_day

BAND_AGES = (6, 18, 60, 65, 70)
"""The ages at which a band begins; `AgeBand.of_age` says which (a test compares the two)."""


class Category(StrEnum):
    """Why somebody has a concession; sensitive, so it is stored sealed."""

    DISABLED = "disabled"  # 残疾人
    MINIMUM_LIVING = "minimum_living"  # 低保对象
    SERVING_SOLDIER = "serving_soldier"  # 现役军人
    VETERAN = "veteran"  # 退役军人
    MARTYR_FAMILY = "martyr_family"  # 烈士遗属
    FULL_TIME_STUDENT = "full_time_student"  # 全日制学生


LEVELS: Mapping[Category, ConcessionLevel] = {
    Category.DISABLED: ConcessionLevel.FREE,
    Category.MINIMUM_LIVING: ConcessionLevel.FREE,
    Category.SERVING_SOLDIER: ConcessionLevel.FREE,
    Category.VETERAN: ConcessionLevel.FREE,
    Category.MARTYR_FAMILY: ConcessionLevel.FREE,
    Category.FULL_TIME_STUDENT: ConcessionLevel.REDUCED,
}
"""What a category is worth (usual rules of state-run sights; a city may differ)."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """An authority's word, valid on the local days `first_day` to `last_day`, both included."""

    category: Category
    issuer: str
    first_day: date
    last_day: date | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether it holds on a local day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Concession:
    """What a certificate says now, and the instant at which it would say something else."""

    age_band: AgeBand
    level: ConcessionLevel
    changes_at: datetime | None


def concession_of(birth: date, attestations: Iterable[Attestation], now: datetime) -> Concession:
    """Return the holder's concession at `now`.

    `changes_at` is 00:00 local of the first later day on which band or level differ. A city's day
    begins on a whole hour of UTC, as certificates do.
    """
    return _concession_on(birth, tuple(attestations), local_day(now))


# A city has far more people than birth dates.
@lru_cache(maxsize=65_536)
def _concession_on(birth: date, known: tuple[Attestation, ...], today: date) -> Concession:
    present = _on(birth, known, today)
    for day in sorted(_turning_days(birth, known, today)):
        if _on(birth, known, day) != present:
            return Concession(*present, changes_at=_start_of(day))
    return Concession(*present, changes_at=None)


def _on(
    birth: date, attestations: tuple[Attestation, ...], day: date
) -> tuple[AgeBand, ConcessionLevel]:
    levels = (LEVELS[one.category] for one in attestations if one.holds_on(day))
    return AgeBand.of_age(age_on(birth, day)), max(levels, default=ConcessionLevel.NONE)


def _turning_days(
    birth: date, attestations: tuple[Attestation, ...], after: date
) -> frozenset[date]:
    birthdays = (birthday_in(birth, birth.year + age) for age in BAND_AGES)
    begins = (one.first_day for one in attestations)
    ends = (one.last_day + timedelta(days=1) for one in attestations if one.last_day)
    return frozenset(day for day in (*birthdays, *begins, *ends) if day > after)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)
