"""What other authorities hold of a person: the health platform, the school register, elder care.

They stand outside this house. The sandbox that ships with it is in `sandbox`; production has none
until a city connects its own.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from typing_extensions import override

from shared.localized_text import LocalizedText


class RecordSourceDown(Exception):
    """The authority's system does not answer."""


@dataclass(frozen=True, slots=True)
class Vaccination:
    """One dose that was given 接种."""

    vaccine: LocalizedText
    dose: int
    day: date
    place: LocalizedText


@dataclass(frozen=True, slots=True)
class HealthRecord:
    """The summary of a health record 居民健康档案 (GB/T 39725: health data)."""

    blood_group: str
    allergies: tuple[LocalizedText, ...]
    conditions: tuple[LocalizedText, ...]
    last_check_up: date | None
    vaccinations: tuple[Vaccination, ...]


@dataclass(frozen=True, slots=True)
class SchoolEnrolment:
    """A time at one school 就读经历; `until` is the day on which the school no longer had them."""

    school: LocalizedText
    grade: LocalizedText
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class StudentRecord:
    """A student's record 学籍; its number 学籍号 is a letter before the citizen number."""

    number: str = field(repr=False)
    enrolments: tuple[SchoolEnrolment, ...]


@dataclass(frozen=True, slots=True)
class CareVisit:
    """A visit at home 上门服务 that is planned, or was made."""

    what: LocalizedText
    day: date
    made: bool


@dataclass(frozen=True, slots=True)
class CarePlan:
    """What an elder gets of home care 居家养老服务计划, without how ill they are."""

    provider: LocalizedText
    services: tuple[LocalizedText, ...]
    visits: tuple[CareVisit, ...]


class RecordSources(Protocol):
    """The authorities' systems; each answers None where it holds nothing of a person."""

    async def health_record(self, number: str) -> HealthRecord | None:
        """Return the health record of a citizen number.

        Raises:
            RecordSourceDown: it does not answer.
        """
        ...

    async def student_record(self, number: str) -> StudentRecord | None:
        """Return the student record of a citizen number.

        Raises:
            RecordSourceDown: it does not answer.
        """
        ...

    async def care_plan(self, number: str) -> CarePlan | None:
        """Return the care plan of a citizen number.

        Raises:
            RecordSourceDown: it does not answer.
        """
        ...


class NoRecordSources(RecordSources):
    """Stands where a city connected none."""

    @override
    async def health_record(self, number: str) -> HealthRecord | None:
        raise RecordSourceDown

    @override
    async def student_record(self, number: str) -> StudentRecord | None:
        raise RecordSourceDown

    @override
    async def care_plan(self, number: str) -> CarePlan | None:
        raise RecordSourceDown
