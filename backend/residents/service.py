"""Registering residents and telling the other areas what they may know of one."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.residents.documents import Resident, ResidentStatus
from backend.residents.rules import Identity, identity_of
from shared.identifiers import random_identifier
from shared.identity.age import local_day
from shared.identity.masking import mask_id_number, mask_name

_COLLECTION = "residents"
_NUMBER_PURPOSE = "residents.number"
_SHOWN = {"number_sealed": 1, "name_sealed": 1, "birth_sealed": 1, "status": 1}


@dataclass(frozen=True, slots=True)
class Registration:
    """The resident a registration led to, and whether they were registered before."""

    resident_id: str
    existed: bool


@dataclass(frozen=True, slots=True)
class Person:
    """What other areas may know of a resident: masked, and the birth date for age rules."""

    masked_name: str
    masked_number: str
    birth: date = field(repr=False)
    present: bool


class Residents:
    """The register of residents."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def register(
        self, number: str, name: str, region: int, now: datetime
    ) -> Registration | Refusal:
        """Register a person once; the same citizen number leads to the same resident (S1)."""
        identity = identity_of(number, name, local_day(now))
        if isinstance(identity, Refusal):
            return identity
        resident = self._sealed(identity, region, now)
        try:
            await resident.insert()
        except DuplicateKeyError:
            existing = await Resident.find_one({"number_index": resident.number_index})
            if existing is None:
                raise
            return Registration(existing.id, existed=True)
        return Registration(resident.id, existed=False)

    async def person(self, resident_id: str, session: Session | None = None) -> Person:
        """Return what may be known of a resident.

        Raises:
            LookupError: there is no such resident.
            SealBroken: the stored values were altered.
        """
        collection = Resident.get_pymongo_collection()
        found = await collection.find_one({"_id": resident_id}, _SHOWN, session=session)
        if found is None:
            raise LookupError("no such resident")
        return Person(
            masked_name=mask_name(self._open(found, "name_sealed")),
            masked_number=mask_id_number(self._open(found, "number_sealed")),
            birth=date.fromisoformat(self._open(found, "birth_sealed")),
            present=found["status"] == ResidentStatus.RESIDENT,
        )

    async def by_login(self, login: str) -> str | None:
        """Return the id of the resident who signs in as `login`, a citizen number."""
        index = self._sealer.blind_index(login, purpose=_NUMBER_PURPOSE)
        found = await Resident.get_pymongo_collection().find_one(
            {"number_index": index}, {"_id": 1}
        )
        return None if found is None else str(found["_id"])

    def _sealed(self, identity: Identity, region: int, now: datetime) -> Resident:
        resident_id, number = random_identifier("res"), identity.number
        return Resident(
            id=resident_id,
            number_index=self._sealer.blind_index(number.value, purpose=_NUMBER_PURPOSE),
            number_sealed=self._seal(number.value, "number_sealed", resident_id),
            name_sealed=self._seal(identity.name, "name_sealed", resident_id),
            birth_sealed=self._seal(number.birth.isoformat(), "birth_sealed", resident_id),
            region=region,
            status=ResidentStatus.RESIDENT,
            registered_at=now,
        )

    def _seal(self, value: str, field_name: str, resident_id: str) -> bytes:
        return self._sealer.seal(
            value, collection=_COLLECTION, field=field_name, document=resident_id
        )

    def _open(self, found: dict[str, Any], field_name: str) -> str:
        return self._sealer.open(
            found[field_name], collection=_COLLECTION, field=field_name, document=found["_id"]
        )
