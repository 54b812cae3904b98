"""The city's registry of electronic licences 电子证照库, which stands outside this house.

The sandbox that ships with it is in `sandbox`; production has none until a city connects its own.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from typing_extensions import override

from backend.foundation.audit import Organisation


class LicenceRegistryDown(Exception):
    """The registry does not answer."""


class LicenceKind(StrEnum):
    """Which licence; desks name those that they need."""

    DRIVING = "driving"  # 机动车驾驶证
    HOUSEHOLD = "household"  # 户籍登记证明
    QUALIFICATION = "qualification"  # 职业资格证书
    BIRTH = "birth"  # 出生医学证明


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence as the registry has it now.

    `holder` is a citizen number: the registry also files a child's under a parent's. `digest` is
    the SHA-256 of the licence's document, as hex; `valid_until` is its last day, None without end.
    """

    kind: LicenceKind
    holder: str = field(repr=False)
    issuer: Organisation
    valid_from: date
    valid_until: date | None
    revoked: bool
    digest: str


class LicenceRegistry(Protocol):
    """The registry, asked by a citizen number."""

    async def licences(self, number: str) -> tuple[Licence, ...]:
        """Return what is filed under a citizen number.

        Raises:
            LicenceRegistryDown: it does not answer.
        """
        ...


class NoLicenceRegistry(LicenceRegistry):
    """Stands where a city connected none."""

    @override
    async def licences(self, number: str) -> tuple[Licence, ...]:
        raise LicenceRegistryDown
