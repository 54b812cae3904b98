"""The sandbox of the licence registry, for development and tests.

Whom it was not told of it makes up from the digits of the number alone, always the same. It shares
no rule with the code that asks it.
"""

import hashlib
from datetime import date

from typing_extensions import override

from backend.foundation.audit import Organisation
from backend.licences.registry import Licence, LicenceKind, LicenceRegistry, LicenceRegistryDown
from shared.localized_text import LocalizedText

_TRAFFIC = Organisation(
    "traffic_police", LocalizedText("赣州市公安局交警支队", "Ganzhou traffic police")
)
_POLICE = Organisation(
    "public_security", LocalizedText("赣州市公安局", "Ganzhou public security bureau")
)
_HOSPITAL = Organisation(
    "maternity_hospital", LocalizedText("赣州市妇幼保健院", "Ganzhou maternity hospital")
)
_LABOUR = Organisation(
    "human_resources",
    LocalizedText("赣州市人力资源和社会保障局", "Ganzhou human resources bureau"),
)


class SandboxLicenceRegistry(LicenceRegistry):
    """Answers what was put, else what it makes up; `down` lets it be out of order."""

    def __init__(self) -> None:
        self._filed: dict[str, tuple[Licence, ...]] = {}
        self.down = False
        self.asked = 0

    def put(self, number: str, *licences: Licence) -> None:
        """File these, and no others, under a number from now on."""
        self._filed[number] = licences

    @override
    async def licences(self, number: str) -> tuple[Licence, ...]:
        self.asked += 1
        if self.down:
            raise LicenceRegistryDown
        known = self._filed.get(number)
        return _made_up(number) if known is None else known


def made_up_licence(
    kind: LicenceKind,
    number: str,
    issuer: Organisation,
    valid_from: date,
    valid_until: date | None,
    *,
    revoked: bool = False,
) -> Licence:
    """Return a licence whose document is made up."""
    document = f"{kind}\n{number}\n{issuer.code}\n{valid_from}\n{valid_until}"
    digest = hashlib.sha256(document.encode()).hexdigest()
    return Licence(kind, number, issuer, valid_from, valid_until, revoked, digest)


def _made_up(number: str) -> tuple[Licence, ...]:
    born, digit = int(number[6:10]), int(number[16])
    found = [
        made_up_licence(LicenceKind.HOUSEHOLD, number, _POLICE, date(born, 12, 1), None),
        made_up_licence(LicenceKind.BIRTH, number, _HOSPITAL, date(born, 12, 1), None),
    ]
    if born <= 2006:
        first, last = date(2021, 5, 8), date(2031, 5, 7)
        found.append(made_up_licence(LicenceKind.DRIVING, number, _TRAFFIC, first, last))
    if born <= 2006 and digit % 2 == 0:
        since = date(2022, 9, 1)
        found.append(made_up_licence(LicenceKind.QUALIFICATION, number, _LABOUR, since, None))
    return tuple(found)
