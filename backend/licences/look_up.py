"""Asking the registry what a person holds; nothing of its answer is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.licences import refusals as no
from backend.licences.deeds import REGISTRY, by_holder
from backend.licences.registry import (
    Licence,
    LicenceKind,
    LicenceRegistry,
    LicenceRegistryDown,
)
from backend.licences.rules import LicenceStatus, own_licences, standing_of
from backend.residents.rules import PersonField
from backend.residents.service import Residents
from shared.clock import Clock
from shared.identity.age import local_day
from shared.identity.masking import mask_name
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class HeldLicence:
    """A licence as it is shown: whose, masked; `digest` is its document's SHA-256, as hex."""

    kind: LicenceKind
    masked_name: str = field(repr=False)
    issuer: LocalizedText
    status: LicenceStatus
    valid_from: date
    valid_until: date | None
    digest: str


@dataclass(frozen=True, slots=True)
class OwnLicences:
    """What the registry holds of whoever asked, at `asked_at`."""

    licences: tuple[HeldLicence, ...]
    asked_at: datetime


class LicenceLookUp:
    """Speaks with the registry."""

    def __init__(self, registry: LicenceRegistry, residents: Residents, clock: Clock) -> None:
        self._registry = registry
        self._residents = residents
        self._clock = clock

    async def own(self, caller: Caller | None) -> OwnLicences | Refusal:
        """Return the caller's own licences; the look is a row first."""
        person = caller.resident_id if caller else None
        refused = may(caller, Act.LICENCE_DECIDE, person)
        if person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        now = self._clock.now()

        async def noted(session: Session) -> None:
            await audit.record(by_holder("licences.own", person, REGISTRY, (), now), session)

        await audit.in_one_write(noted)
        found = await self.of(person, None)
        return found if isinstance(found, Refusal) else OwnLicences(found, now)

    async def of(
        self, resident_id: str, kinds: Sequence[LicenceKind] | None
    ) -> tuple[HeldLicence, ...] | Refusal:
        """Return what a resident holds of `kinds`, or all that is theirs."""
        identity = await self._residents.identity(resident_id)
        if identity is None or PersonField.NUMBER not in identity.values:
            return no.LICENCE_HOLDER_UNKNOWN
        number = identity.values[PersonField.NUMBER]
        try:
            filed = await self._registry.licences(number)
        except LicenceRegistryDown:
            return no.LICENCE_REGISTRY_DOWN
        if kinds is None:
            kinds = tuple(LicenceKind)
            filed = tuple(one for one in filed if one.holder == number)
        own = own_licences(filed, number, kinds)
        if isinstance(own, Refusal):
            return own
        name, today = mask_name(identity.values[PersonField.NAME]), local_day(self._clock.now())
        return tuple(_held(one, name, today) for one in own)


def _held(licence: Licence, masked_name: str, today: date) -> HeldLicence:
    return HeldLicence(
        kind=licence.kind,
        masked_name=masked_name,
        issuer=licence.issuer.name,
        status=standing_of(licence, today),
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        digest=licence.digest,
    )
